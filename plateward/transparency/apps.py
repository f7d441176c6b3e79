from django.apps import AppConfig

from plateward.ui.navigation import Group, NavigationItem, register


class TransparencyConfig(AppConfig):
    name = "plateward.transparency"
    label = "transparency"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the evidence of what is posted into the main navigation."""
        register(
            NavigationItem(
                "Posting", "transparency:postings", "governance.view", order=86, group=Group.AGENCY
            )
        )

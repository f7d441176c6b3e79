from django.apps import AppConfig

from plateward.ui.navigation import Group, NavigationItem, register


class AuditsConfig(AppConfig):
    name = "plateward.audits"
    label = "audits"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the audits beside the reviews in the menu."""
        register(NavigationItem("Audits", "audits:audits", "audit.review", order=70, group=Group.OVERSIGHT))

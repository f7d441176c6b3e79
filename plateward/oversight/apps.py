from django.apps import AppConfig

from plateward.ui.navigation import Group, NavigationItem, register


class OversightConfig(AppConfig):
    name = "plateward.oversight"
    label = "oversight"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register(
            NavigationItem("Who looked", "oversight:inquire", "audit.view", order=68, group=Group.OVERSIGHT)
        )
        register(
            NavigationItem("Reviews", "oversight:reviews", "audit.review", order=69, group=Group.OVERSIGHT)
        )
        register(NavigationItem("My record", "oversight:mine", None, order=90, group=Group.MINE))

from django.apps import AppConfig

from plateward.ui.navigation import Group, NavigationItem, register


class OversightConfig(AppConfig):
    name = "plateward.oversight"
    label = "oversight"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the pages into the menu, and have the gate ask what suspends searching."""
        from plateward.governance import standing  # noqa: PLC0415  it needs models, loaded by now
        from plateward.oversight.suspension import standing_of  # noqa: PLC0415  the same

        standing.register("oversight", standing_of)
        register(
            NavigationItem("Who looked", "oversight:inquire", "audit.view", order=68, group=Group.OVERSIGHT)
        )
        register(
            NavigationItem("Reviews", "oversight:reviews", "audit.review", order=69, group=Group.OVERSIGHT)
        )
        register(NavigationItem("My record", "oversight:mine", None, order=90, group=Group.MINE))

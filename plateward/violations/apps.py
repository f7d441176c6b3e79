from django.apps import AppConfig

from plateward.ui.navigation import Group, NavigationItem, register


class ViolationsConfig(AppConfig):
    name = "plateward.violations"
    label = "violations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the reports into everybody's menu, and have the gate ask what suspends searching."""
        from plateward.governance import standing  # noqa: PLC0415  it needs models, loaded by now
        from plateward.violations.suspension import standing_of  # noqa: PLC0415  the same

        standing.register("violations", standing_of)
        register(
            NavigationItem("Errors and violations", "violations:reports", None, order=91, group=Group.MINE)
        )

from django.apps import AppConfig

from plateward.ui.navigation import Group, NavigationItem, register


class ControlConfig(AppConfig):
    name = "plateward.control"
    label = "control"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the control of accounts into the navigation, and have the gate ask what holds for a time."""
        from plateward.accounts import door  # noqa: PLC0415  it needs models, loaded by now
        from plateward.control.standing import standing_of, turned_away  # noqa: PLC0415  the same
        from plateward.governance import standing  # noqa: PLC0415  the same

        standing.register("control", standing_of)
        door.register(turned_away)
        register(
            NavigationItem(
                "Account control",
                "control:accounts",
                "accounts.manage",
                order=82,
                also=("/control/",),
                group=Group.AGENCY,
            )
        )

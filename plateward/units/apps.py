from django.apps import AppConfig


class UnitsConfig(AppConfig):
    name = "plateward.units"
    label = "units"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Show the unit on the device's page, and sign-ins in the menu."""
        from plateward.devices import panels, reports  # noqa: PLC0415  models are ready only now
        from plateward.ui.navigation import NavigationItem, register  # noqa: PLC0415  the same
        from plateward.units.presenters import panel, problems_of  # noqa: PLC0415  the same

        panels.register(panel)
        reports.register(problems_of)
        register(NavigationItem("Sign in on a unit", "units:sign-in", "alerts.view", 14))

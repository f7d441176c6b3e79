from django.apps import AppConfig

from plateward.ui.navigation import NavigationItem, register


class ControlConfig(AppConfig):
    name = "plateward.control"
    label = "control"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the control of accounts into the main navigation."""
        register(NavigationItem("Account control", "control:accounts", "accounts.manage", order=82))

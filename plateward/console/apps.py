from django.apps import AppConfig

from plateward.ui.navigation import NavigationItem, register


class ConsoleConfig(AppConfig):
    name = "plateward.console"
    label = "console"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the console into the main navigation."""
        register(NavigationItem("Dispatch", "console:dispatch", "alerts.view", 10))
        register(NavigationItem("Dispatch board", "console:board", "alerts.oversee", 11))

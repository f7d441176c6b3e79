from django.apps import AppConfig

from plateward.ui.navigation import NavigationItem, register


class HotlistsConfig(AppConfig):
    name = "plateward.hotlists"
    label = "hotlists"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the hotlist into the main navigation."""
        register(NavigationItem("Hotlist", "hotlists:list", "hotlists.view", 30))

from django.apps import AppConfig

from plateward.ui.navigation import NavigationItem, register


class HotlistsConfig(AppConfig):
    name = "plateward.hotlists"
    label = "hotlists"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the hotlist into the main navigation, and past requests into dry runs of the policy."""
        from plateward.governance import replays  # noqa: PLC0415  models are loaded only now
        from plateward.hotlists.queries import asked_since  # noqa: PLC0415  the same

        replays.register("hotlist requests", asked_since)
        register(NavigationItem("Hotlist", "hotlists:list", "hotlists.view", 30))

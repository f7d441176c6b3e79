from django.apps import AppConfig

from plateward.ui.navigation import NavigationItem, register


class HotlistsConfig(AppConfig):
    name = "plateward.hotlists"
    label = "hotlists"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the hotlist into the main navigation, and past requests into dry runs of the policy.

        Secrets of pickups take part in a change of the master key.
        """
        from plateward.devices import wrapping  # noqa: PLC0415  models are loaded only now
        from plateward.governance import replays  # noqa: PLC0415  the same
        from plateward.hotlists.pickup_models import PickupSecret  # noqa: PLC0415  the same
        from plateward.hotlists.queries import asked_since  # noqa: PLC0415  the same

        replays.register("hotlist requests", asked_since)
        wrapping.register("pickup secrets", PickupSecret)
        register(NavigationItem("Hotlist", "hotlists:list", "hotlists.view", 30))

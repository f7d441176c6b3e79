from django.apps import AppConfig


class DevicesConfig(AppConfig):
    name = "plateward.devices"
    label = "devices"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Enter the register in the menu."""
        from plateward.ui.navigation import NavigationItem, register  # noqa: PLC0415  models are ready only now

        register(NavigationItem("Devices", "devices:list", "devices.view", 50))

from django.apps import AppConfig

from plateward.ui.navigation import NavigationItem, register


class FieldConfig(AppConfig):
    name = "plateward.field"
    label = "field"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the officers' page into the main navigation."""
        register(NavigationItem("In the field", "field:mine", "alerts.view", 12))

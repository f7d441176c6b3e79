from django.apps import AppConfig

from plateward.ui.navigation import Group, NavigationItem, register


class IncidentsConfig(AppConfig):
    name = "plateward.incidents"
    label = "incidents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the incidents into everybody's menu: everybody reports one."""
        register(
            NavigationItem("Security incidents", "incidents:incidents", None, order=92, group=Group.MINE)
        )

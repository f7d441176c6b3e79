from django.apps import AppConfig

from plateward.ui.navigation import NavigationItem, register


class SearchConfig(AppConfig):
    name = "plateward.search"
    label = "search"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register(NavigationItem("Search", "search:new", "search.run", order=30))

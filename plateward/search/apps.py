from django.apps import AppConfig

from plateward.ui.navigation import Group, NavigationItem, register


class SearchConfig(AppConfig):
    name = "plateward.search"
    label = "search"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the search into the main navigation, and what was asked of it into dry runs of the policy."""
        from plateward.governance import replays  # noqa: PLC0415  models are loaded only now
        from plateward.search import recalls  # noqa: PLC0415  the same
        from plateward.search.queries import asked_since  # noqa: PLC0415  the same

        replays.register("searches", asked_since)
        replays.register("analyses", recalls.analyses_since)
        replays.register("canvasses", recalls.canvasses_since)
        replays.register("kept searches", recalls.kept_since)
        replays.register("files taken out", recalls.exports_since)
        register(NavigationItem("Search", "search:new", "search.run", order=30))
        register(
            NavigationItem(
                "Kept searches", "search:kept-of-agency", "audit.view", order=72, group=Group.OVERSIGHT
            )
        )

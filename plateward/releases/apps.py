from django.apps import AppConfig

from plateward.releases.rules import PARTS
from plateward.ui.navigation import Group, NavigationItem, register


class ReleasesConfig(AppConfig):
    name = "plateward.releases"
    label = "releases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put releases and the portal into the menu, send partners there, tell of keys and of copies."""
        from plateward.devices import wrapping  # noqa: PLC0415  when apps are ready
        from plateward.evidence import stores  # noqa: PLC0415  the same
        from plateward.governance import portal  # noqa: PLC0415  the same
        from plateward.reads import beside  # noqa: PLC0415  the same
        from plateward.releases.answer_models import AnswerPictureKey  # noqa: PLC0415  the same
        from plateward.releases.answer_read_views import beside_read  # noqa: PLC0415  the same
        from plateward.releases.kept import kept_for_the_public  # noqa: PLC0415  the same

        beside.register(beside_read)
        portal.register("releases:portal")
        if kept_for_the_public not in stores.STORES:
            stores.STORES.append(kept_for_the_public)
        wrapping.register("originals of pictures for the public", AnswerPictureKey)
        register(NavigationItem("Releases", "releases:requests", PARTS, order=76, group=Group.OVERSIGHT))
        register(
            NavigationItem(
                "Public records", "releases:records", "releases.public", order=77, group=Group.OVERSIGHT
            )
        )
        register(NavigationItem("Your requests", "releases:portal", None, order=10, is_partners=True))
        register(
            NavigationItem("Your accesses", "releases:portal-accesses", None, order=20, is_partners=True)
        )

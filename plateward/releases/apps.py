from django.apps import AppConfig

from plateward.releases.rules import PARTS
from plateward.ui.navigation import Group, NavigationItem, register


class ReleasesConfig(AppConfig):
    name = "plateward.releases"
    label = "releases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put releases and the portal into the menu, have the gate send partners there, tell of keys."""
        from plateward.devices import wrapping  # noqa: PLC0415  when apps are ready
        from plateward.governance import portal  # noqa: PLC0415  the same
        from plateward.releases.answer_models import AnswerPictureKey  # noqa: PLC0415  the same

        portal.register("releases:portal")
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

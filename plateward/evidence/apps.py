from django.apps import AppConfig

from plateward.ui.navigation import NavigationItem, register


class EvidenceConfig(AppConfig):
    name = "plateward.evidence"
    label = "evidence"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put holds into the menu and onto reads' pages; tell of packages' keys where the master changes."""
        from plateward.devices import wrapping  # noqa: PLC0415  models are loaded only now
        from plateward.evidence.hold_presenters import beside_read  # noqa: PLC0415  the same
        from plateward.evidence.package_models import PackageKey  # noqa: PLC0415  the same
        from plateward.evidence.seeing import concerned  # noqa: PLC0415  the same
        from plateward.reads import beside, deleted_actions  # noqa: PLC0415  the same

        beside.register(beside_read)
        if concerned not in deleted_actions.CONCERNED:
            deleted_actions.CONCERNED.append(concerned)
        wrapping.register("evidence packages' keys", PackageKey)
        register(NavigationItem("Evidence", "evidence:holds", "evidence.hold", order=40))

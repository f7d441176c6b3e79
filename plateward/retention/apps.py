from django.apps import AppConfig

from plateward.ui.navigation import Group, NavigationItem, register


class RetentionConfig(AppConfig):
    name = "plateward.retention"
    label = "retention"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put retention into the navigation, and let a hold be told what was purged."""
        from plateward.evidence import holding, leaving  # noqa: PLC0415  they need models, loaded by now
        from plateward.governance import hiding  # noqa: PLC0415  the same
        from plateward.retention.standing import sources_ever, sources_of_devices  # noqa: PLC0415  the same
        from plateward.retention.telling import purged  # noqa: PLC0415  the same

        if sources_ever not in hiding.SOURCES:
            hiding.SOURCES.append(sources_ever)
        if purged not in holding.PURGED:
            holding.PURGED.append(purged)
        if sources_of_devices not in leaving.SOURCES:
            leaving.SOURCES.append(sources_of_devices)
        register(
            NavigationItem(
                "Retention",
                "retention:overview",
                "retention.view",
                order=88,
                also=("/retention/",),
                group=Group.OVERSIGHT,
            )
        )

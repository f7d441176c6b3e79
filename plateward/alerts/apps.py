from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "plateward.alerts"
    label = "alerts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let alerts wait again for somebody when who held them has left."""
        from plateward.accounts.leaving import on_leaving  # noqa: PLC0415  when apps are ready
        from plateward.alerts.holding_actions import release_all  # noqa: PLC0415  the same

        on_leaving(release_all)

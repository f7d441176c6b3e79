from django.apps import AppConfig


class OutgoingConfig(AppConfig):
    name = "plateward.outgoing"
    label = "outgoing"
    verbose_name = "Alerts sent on"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear of every change of an alert, and enter the page in the menu."""
        from plateward.accounts.leaving import on_deactivation  # noqa: PLC0415  models are ready only now
        from plateward.alerts.announcing import on_change  # noqa: PLC0415  the same
        from plateward.devices import wrapping  # noqa: PLC0415  the same
        from plateward.outgoing.announcing import put  # noqa: PLC0415  the same
        from plateward.outgoing.models import PushKey, Secret  # noqa: PLC0415  the same
        from plateward.outgoing.persons import forget_person  # noqa: PLC0415  the same
        from plateward.ui.navigation import Group, NavigationItem, register  # noqa: PLC0415  the same

        on_change(put)
        on_deactivation(forget_person)
        wrapping.register("outgoing secrets", Secret)
        wrapping.register("push keys", PushKey)
        register(
            NavigationItem("Alerts sent on", "outgoing:systems", "outgoing.manage", 65, group=Group.AGENCY)
        )

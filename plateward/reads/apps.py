from django.apps import AppConfig


class ReadsConfig(AppConfig):
    name = "plateward.reads"
    label = "reads"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Enter the quarantine in the menu, and tell the device register what it needs to know."""
        from plateward.devices import accuracy, activity, formats, sealing, wrapping  # noqa: PLC0415  models are ready only now
        from plateward.devices.models import PictureLogin  # noqa: PLC0415
        from plateward.reads.adapters import as_formats  # noqa: PLC0415
        from plateward.reads.check_queries import device_checks  # noqa: PLC0415
        from plateward.reads.keys import masters_that_wrap  # noqa: PLC0415
        from plateward.reads.queries import device_activity  # noqa: PLC0415
        from plateward.ui.navigation import Group, NavigationItem, register  # noqa: PLC0415

        accuracy.register(device_checks)
        activity.register(device_activity)
        formats.register(as_formats())
        sealing.register(masters_that_wrap)
        wrapping.register("cameras' log-ins", PictureLogin)
        register(NavigationItem("Quarantine", "reads:quarantine", "reads.quarantine", 60, group=Group.AGENCY))

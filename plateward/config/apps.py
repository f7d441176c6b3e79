from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "plateward.config"
    label = "config"

    def ready(self) -> None:
        """Have alarms about the journal, which lies below the accounts, wait for people (R133, R135)."""
        from plateward.audit import alarms  # noqa: PLC0415  once all models are there
        from plateward.oversight.alarm_actions import follow_alarm  # noqa: PLC0415  the same

        alarms.listen(follow_alarm)

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "plateward.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let requests with a token in, past the gate's own questions about sessions."""
        from plateward.api.door import TokenDoor  # noqa: PLC0415  models are loaded only now
        from plateward.governance import doors  # noqa: PLC0415  the same

        doors.register(TokenDoor())

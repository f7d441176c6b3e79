from django.apps import AppConfig


class HotlistsConfig(AppConfig):
    name = "plateward.hotlists"
    label = "hotlists"
    default_auto_field = "django.db.models.BigAutoField"

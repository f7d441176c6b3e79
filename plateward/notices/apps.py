from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "plateward.notices"
    label = "notices"
    verbose_name = "For you"
    default_auto_field = "django.db.models.BigAutoField"

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "plateward.ui"
    label = "ui"
    verbose_name = "Front end"

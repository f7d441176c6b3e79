from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "plateward.config"
    label = "config"

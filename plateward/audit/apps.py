from django.apps import AppConfig

from plateward.ui.navigation import Group, NavigationItem, register


class AuditConfig(AppConfig):
    name = "plateward.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register(NavigationItem("Accesses", "audit:accesses", "audit.view", order=70, group=Group.OVERSIGHT))
        register(NavigationItem("Journal", "audit:journal", "audit.view", order=71, group=Group.OVERSIGHT))

from django.apps import AppConfig

from plateward.ui.navigation import Group, NavigationItem, register


class AccountsConfig(AppConfig):
    name = "plateward.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the roster and one's own access into the main navigation."""
        register(NavigationItem("People", "accounts:people", "governance.view", order=80, group=Group.AGENCY))
        register(NavigationItem("My access", "accounts:me", None, order=90, group=Group.MINE))
        register(NavigationItem("Your account", "accounts:me", None, order=90, is_partners=True))

from django.apps import AppConfig

from plateward.ui.navigation import Group, NavigationItem, register


class GovernanceConfig(AppConfig):
    name = "plateward.governance"
    label = "governance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the organization and the policy into the main navigation."""
        register(
            NavigationItem(
                "Organization", "organization:positions", "governance.view", order=82, group=Group.AGENCY
            )
        )
        register(
            NavigationItem("Policy", "governance:policy", "governance.view", order=85, group=Group.AGENCY)
        )

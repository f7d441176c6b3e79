from django.apps import AppConfig

from plateward.ui.navigation import Group, NavigationItem, register


class TrainingConfig(AppConfig):
    name = "plateward.training"
    label = "training"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put one's own training and the trainer's board into the menu; follow suspensions."""
        from plateward.accounts import retraining  # noqa: PLC0415  models are loaded only now
        from plateward.training import actions  # noqa: PLC0415  the same

        others = tuple(f"/training/{part}/" for part in ("sessions", "people", "assignments", "certificates"))
        register(
            NavigationItem(
                "Training", "training:board", "training.certify", order=82, also=others, group=Group.AGENCY
            )
        )
        register(NavigationItem("My training", "training:mine", None, order=88, group=Group.MINE))
        retraining.follow(actions.assign_retraining)

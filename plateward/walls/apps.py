from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class WallsConfig(AppConfig):
    name = "plateward.walls"
    label = "walls"

    def ready(self) -> None:
        post_migrate.connect(raise_walls, sender=self)


def raise_walls(*, using: str, **_: Any) -> None:
    """After migrations: every table gets its policy and its rights, also those nobody thought of."""
    from django.conf import settings  # noqa: PLC0415  when apps are ready
    from django.db import connections  # noqa: PLC0415  the same

    from plateward.walls import policies, rights  # noqa: PLC0415  the same

    with connections[using].cursor() as cursor:
        policies.apply(cursor)
        rights.apply(cursor, settings.ENVIRONMENT.roles)

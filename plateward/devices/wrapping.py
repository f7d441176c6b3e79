"""What else than the keys of pictures is wrapped by the master key, so that a change of master reaches it.

Rows of a registered model have `master`, `wrapped` and `context`.
"""

from typing import Any, Final, Protocol

from django.db.models import Model

from plateward.vault.masters import Masters, Wrapped


class WrappedRow(Protocol):
    """What a registered model's rows have."""

    master: str
    wrapped: bytes

    @property
    def context(self) -> str: ...


_models: Final[dict[str, type[Model]]] = {}


def register(name: str, model: type[Model]) -> None:
    """Enter a model; `name` says in the journal what it holds."""
    _models[name] = model


def is_any() -> bool:
    """Whether anything of this is wrapped."""
    return any(_rows(model).exists() for model in _models.values())


def by_others(current: str) -> int:
    """How many rows another master key wrapped."""
    return sum(_rows(model).exclude(master=current).count() for model in _models.values())


def rewrap(source: Masters, limit: int) -> tuple[str, int]:
    """Wrap up to `limit` rows of one model by the current master key; what they hold, and how many."""
    current = source.current()
    for name, model in _models.items():
        rows = list(_rows(model).exclude(master=current).select_for_update().order_by("pk")[:limit])
        for row in rows:
            plain = source.unwrap(Wrapped(row.master, bytes(row.wrapped)), row.context)
            wrapped = source.wrap(plain, row.context)
            row.master, row.wrapped = wrapped.master, wrapped.key
        _rows(model).bulk_update(rows, ["master", "wrapped"])
        if rows:
            return name, len(rows)
    return "", 0


def _rows(model: type[Model]) -> Any:
    return model._default_manager.all()  # noqa: SLF001  Django's documented way to a model's rows

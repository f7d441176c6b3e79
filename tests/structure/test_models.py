"""The tables follow the folders."""

import tomllib
from itertools import count

from django.apps import apps
from django.db.models import Field, ForeignObject

from tests.structure.sources import ROOT


def levels() -> dict[str, int]:
    """The folder's place in the declared order of imports, 0 at the bottom."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = declared["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    order = zip(reversed(layers), count(), strict=False)
    return {name.strip(): level for line, level in order for name in line.split("|")}


def own_models() -> list[type]:
    return [model for model in apps.get_models() if model.__module__.startswith("plateward.")]


def foreign_keys(model: type) -> list[Field]:
    return [field for field in model._meta.get_fields() if isinstance(field, ForeignObject)]  # type: ignore[attr-defined]  # every model has _meta


def test_foreign_keys_point_down_the_order_of_folders() -> None:
    level = levels()
    wrong = [
        f"{model.__name__}.{field.name} → {field.related_model.__name__}"
        for model in own_models()
        for field in foreign_keys(model)
        if field.related_model.__module__.startswith("plateward.")
        and level[field.related_model._meta.app_label] > level[model._meta.app_label]
    ]
    assert wrong == []


def test_journal_rows_hold_no_foreign_keys() -> None:
    journal = [model for model in own_models() if model._meta.app_label == "audit"]
    assert journal
    assert [field for model in journal for field in foreign_keys(model)] == []


def test_every_moment_has_its_name_and_every_day_its_own() -> None:
    wrong = [
        f"{model.__name__}.{field.name}"
        for model in own_models()
        for field in model._meta.get_fields()
        if isinstance(field, Field)
        and (
            (field.get_internal_type() == "DateTimeField" and not field.name.endswith(("_at", "last_login")))
            or (field.get_internal_type() == "DateField" and not field.name.endswith("_date"))
        )
    ]
    assert wrong == []

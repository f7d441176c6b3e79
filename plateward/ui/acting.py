"""A form whose act may refuse what was entered."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@contextmanager
def errors_in(form: BaseForm) -> Iterator[None]:
    """Let the form show what an act inside finds wrong: at the field it names, else above all of them."""
    try:
        yield
    except ValidationError as error:
        named = error.message_dict if hasattr(error, "error_dict") else {"": error}
        for field, problem in named.items():
            form.add_error(field if field in form.fields else None, problem)


def form_page(request: HttpRequest, template: str, context: Mapping[str, Any]) -> HttpResponse:
    """The page of `context["form"]`: 422 with the form's errors, so nothing takes it for done."""
    return render(request, template, {**context}, status=422 if context["form"].errors else 200)

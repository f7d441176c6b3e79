"""What the journal's pages need of the person behind a request; governance's Actor fits."""

from typing import Protocol

from django.http import HttpRequest

from plateward.audit.who import Who
from plateward.policy import Profile


class Viewer(Protocol):
    @property
    def who(self) -> Who: ...
    @property
    def agency(self) -> str: ...
    @property
    def profile(self) -> Profile: ...


class ViewerRequest(HttpRequest):
    """A request that passed the gate, as far as the layers below governance may know it."""

    actor: Viewer

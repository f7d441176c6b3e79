"""How a view declares who may reach it. Governance's middleware enforces it; no rule, no entry."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class AccessRule:
    """Who may reach a view: holders of `capability`, anybody logged in, partners, or anybody at all.

    Exactly one of them holds, but `login` with `partner` is for partners too. Partners are people of other
    organizations; what does not name them is closed to them. `why` says why no capability guards the view;
    it is empty when one does.
    `fresh` marks what is privileged (CJIS IA-11): it changes who may do what (accounts, training that
    admits, positions, delegations, the policy), what a device sends with, or what the journal's proof rests
    on. Password and second factor must have been given lately for it.
    Mark the page that shows a form as well as the one that takes it, so that nobody types in vain.
    `token` marks what a program asks with its person's API token; no session opens it.

    Raises:
        ValueError: none or several kinds are given, or a view is opened to all without saying why,
            or one that is open to everybody is to be fresh, or a token's has no capability or is to be fresh.
    """

    capability: str | None = None
    login: bool = False
    public: bool = False
    partner: bool = False
    why: str = ""
    fresh: bool = False
    token: bool = False

    def __post_init__(self) -> None:
        known = (bool(self.capability), self.login or self.partner, self.public)
        if known.count(True) != 1:
            raise ValueError("An access rule is exactly one of capability=…, login=True or public=True.")
        if self.public and self.fresh:
            raise ValueError("A view that is open to everybody cannot ask who it is: drop fresh=True.")
        if self.token and (self.fresh or not self.capability):
            raise ValueError("A token gives a capability and cannot ask its person anew: no fresh=True.")
        if not self.capability and not self.why.strip():
            raise ValueError("A view that no capability guards must say why: add why='…' to its access rule.")


def access(
    *,
    capability: str | None = None,
    login: bool = False,
    public: bool = False,
    partner: bool = False,
    why: str = "",
    fresh: bool = False,
    token: bool = False,
) -> Callable[[View], View]:
    """Declare a view's access rule, on functions, coroutine functions and `SomeView.as_view()` results."""
    rule = AccessRule(
        capability=capability, login=login, public=public, partner=partner, why=why, fresh=fresh, token=token
    )

    def declare(view: View) -> View:
        view.access_rule = rule  # type: ignore[attr-defined]  # functions take attributes; Callable hides it
        return view

    return declare


def rule_of(callback: Callable[..., Any]) -> AccessRule | None:
    """Return the rule a view declares, or None when it declares none and must therefore be refused."""
    rule = getattr(callback, "access_rule", None)
    return rule if isinstance(rule, AccessRule) else None

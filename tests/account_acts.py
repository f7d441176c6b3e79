"""The acts on accounts, papers and sessions, for test_every_act."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from django.contrib.sessions.backends.db import SessionStore

from plateward.accounts import actions as accounts
from plateward.accounts import session_actions
from plateward.accounts.models import User
from plateward.accounts.rules import Act as AccountAct
from plateward.policy import window_missing
from tests.days import day_of
from tests.factor_acts import with_session
from tests.personas import CONTENT, PASSWORD
from tests.stage import Act, Stage


def create_user(s: Stage) -> Act:
    return lambda: accounts.create_user(
        agency=s.town.agency,
        username="newman",
        full_name="Nora Newman",
        title="patrol-officer",
        **s.setup,
    )


def account_act(name: str, *before: str, who: str = "cole", **given: Any) -> Callable[[Stage], Act]:
    """An act on the account of Officer Quinn after other acts on it."""

    def prepare(s: Stage) -> Act:
        quinn = s.town.users["quinn"]
        if "lock" in before:
            User.objects.filter(pk=quinn.pk).update(locked_at=s.now)
        for act in before:
            if act != "lock":
                ACCOUNT_ACTS[f"accounts.{act}"](s)()
        later = s.now + timedelta(seconds=len(before))
        return lambda: getattr(accounts, name)(
            user=User.objects.get(pk=quinn.pk), **given, by=s.actor(who), now=later
        )

    return prepare


def activate(s: Stage) -> Act:
    ACCOUNT_ACTS["accounts.reinstate"](s)()
    later = Stage(town=s.town, now=s.now + timedelta(minutes=1))
    for name in ("approve_access", "record_clearance", "record_agreement"):
        ACCOUNT_ACTS[f"accounts.{name}"](later)()
    return account_act("activate")(later)


def opens_session(s: Stage) -> Act:
    store = SessionStore()
    store.create()
    return lambda: session_actions.open_session(
        user=s.town.users["ortiz"],
        session_key=str(store.session_key),
        address="127.0.0.1",
        browser="Firefox",
        now=s.now,
    )


def unlock_session(s: Stage) -> Act:
    opened = with_session(s)
    return lambda: session_actions.unlock_session(session=opened, address="127.0.0.1", now=s.now)


def end_session(s: Stage) -> Act:
    opened = with_session(s)
    return lambda: session_actions.end_session(
        user=opened.user, session_id=opened.pk, address="127.0.0.1", now=s.now
    )


def prove_session(s: Stage) -> Act:
    opened = with_session(s)
    return lambda: session_actions.prove_session(session=opened, address="127.0.0.1", now=s.now)


def turn_away(s: Stage) -> Act:
    vendor = s.town.users["vendor"]
    why = window_missing(s.town.actor("imani", s.now).profile, vendor.title)
    return lambda: session_actions.turn_away(user=vendor, why=why, address="127.0.0.1", now=s.now)


def create_account(s: Stage) -> Act:
    return lambda: accounts.create_account(
        username="newman", full_name="Nora Newman", title="patrol-officer", **s.by("cole")
    )


def admit(s: Stage) -> Act:
    made = create_user(s)()
    assert isinstance(made, User)
    return lambda: accounts.admit(
        user=User.objects.get(pk=made.pk),
        password=PASSWORD,
        screened_date=day_of(s.now),
        agreement_date=day_of(s.now),
        need="Patrol.",
        **s.setup,
    )


def set_up_act(name: str, **given: Any) -> Callable[[Stage], Act]:
    return lambda s: (
        lambda: getattr(accounts, name)(user=User.objects.get(username="quinn"), **given, **s.setup)
    )


def certify(s: Stage) -> Act:
    return lambda: accounts.certify(
        user=s.town.users["ruiz"],
        course="alpr-basic",
        completed_date=day_of(s.now),
        expires_date=None,
        certified_by=s.town.users["cruz"],
        **s.setup,
    )


def certify_training(s: Stage) -> Act:
    return lambda: accounts.certify_training(
        user=s.town.users["ruiz"],
        course="alpr-basic",
        completed_date=s.actor("cruz").today,
        expires_date=None,
        topics=CONTENT,
        instructor="Celia Cruz",
        **s.by("cruz"),
    )


def session(name: str, **given: Any) -> Callable[[Stage], Act]:
    def prepare(s: Stage) -> Act:
        who = given or {"user": s.town.users["ortiz"]}
        return lambda: getattr(session_actions, name)(**who, address="127.0.0.1", now=s.now)

    return prepare


ACCOUNT_ACTS: Mapping[str, Callable[[Stage], Act]] = {
    "accounts.certify": certify,
    "accounts.certify_training": certify_training,
    "accounts.activate": activate,
    "accounts.admit": admit,
    "accounts.approve_access": account_act("approve_access", need="Patrol."),
    "accounts.change_password": set_up_act("change_password", password="a phrase of my own choice"),
    "accounts.change_title": account_act("change_title", title="detective"),
    "accounts.close_account": lambda s: (
        lambda: accounts.close_account(
            user=User.objects.get(username="quinn"),
            act=AccountAct.SUSPEND,
            reason="Disuse.",
            version="2026.1",
            **s.setup,
        )
    ),
    "accounts.create_account": create_account,
    "accounts.create_user": create_user,
    "accounts.deactivate": account_act("deactivate", reason="Left."),
    "accounts.end_session": end_session,
    "accounts.issue_password": account_act("issue_password", reason="Forgotten."),
    "accounts.journal_session_closed": session("journal_session_closed"),
    "accounts.open_session": opens_session,
    "accounts.prove_session": prove_session,
    "accounts.reactivate": account_act("reactivate", "suspend", reason="Cleared up."),
    "accounts.record_agreement": account_act("record_agreement", dated_date=date(2026, 1, 5)),
    "accounts.record_clearance": account_act(
        "record_clearance", is_granted=True, dated_date=date(2026, 1, 5), expires_date=None
    ),
    "accounts.refuse_session": session("refuse_session", username="ortiz"),
    "accounts.reinstate": account_act("reinstate", "deactivate", reason="Came back."),
    "accounts.renew_access": set_up_act("renew_access", reason="Both phones lost."),
    "accounts.reset_factors": account_act("reset_factors", reason="Phone lost."),
    "accounts.release": account_act("release", "lock", reason="It was he."),
    "accounts.suspend": account_act("suspend", reason="Inquiry.", needs_retraining=False),
    "accounts.turn_away": turn_away,
    "accounts.unlock": set_up_act("unlock", reason="It was he."),
    "accounts.unlock_session": unlock_session,
}

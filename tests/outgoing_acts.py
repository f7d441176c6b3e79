"""The acts on systems that alerts are sent to, and on how people are told, for test_every_act."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.test import override_settings

from plateward.outgoing import actions, person_actions, persons
from plateward.outgoing.carriers import MailServer, MailTls
from plateward.outgoing.models import Message, System, Telling
from plateward.outgoing.rules import MessageState
from plateward.policy import CategoryPriority
from tests.receiving import FACTS, decide_to_send
from tests.receiving import set_up as set_one_up
from tests.stage import Act, Stage
from tests.telling import ADDRESS, decide_to_tell, with_browser

FACTS_GIVEN = FACTS | {"url": "https://cad.county.example/alerts"}


def set_up(s: Stage) -> Act:
    decide_to_send(s.town, s.now)
    return lambda: actions.set_up(**FACTS_GIVEN, **s.by("imani"))


def system_act(act: str, /, **given: Any) -> Callable[[Stage], Act]:
    def prepare(s: Stage) -> Act:
        system = set_up_system(s)
        return lambda: getattr(actions, act)(system_id=system.pk, **given, **s.by("imani"))

    return prepare


def set_up_system(s: Stage) -> System:
    decide_to_send(s.town, s.now)
    return set_one_up(s.town, s.now)[0]


def replay_message(s: Stage) -> Act:
    system = set_up_system(s)
    dead = Message.objects.create(
        agency=s.town.agency,
        system=system,
        made_at=s.now,
        next_at=s.now,
        state=MessageState.DEAD,
        ended_at=s.now,
    )
    return lambda: actions.replay(message_id=dead.pk, **s.by("imani"))


WAYS = ("MAIL", "PUSH")


def telling_act(act: str, /, **given: Any) -> Callable[[Stage], Act]:
    def prepare(s: Stage) -> Act:
        decide_to_tell(s.town, s.now, *WAYS)
        return lambda: getattr(person_actions, act)(**given, **s.by("dunn"))

    return prepare


def give_address(s: Stage) -> Act:
    decide_to_tell(s.town, s.now, *WAYS)
    return with_mail(lambda: person_actions.give_address(address=ADDRESS, **s.by("dunn")))


def with_mail(act: Act) -> Act:
    """The act where a mail server is named."""
    named = MailServer(
        "127.0.0.1", 25, MailTls.OFF, "plateward@city.example", domains=(ADDRESS.partition("@")[2],)
    )

    def done() -> object:
        with override_settings(ENVIRONMENT=replace(settings.ENVIRONMENT, mail=named)):
            return act()

    return done


def given_address(s: Stage) -> Telling:
    decide_to_tell(s.town, s.now, *WAYS)
    telling = person_actions.choose(**CHOICE, **s.by("dunn"))
    Telling.objects.filter(pk=telling.pk).update(address=ADDRESS)
    telling.refresh_from_db()
    return telling


def confirm_address(s: Stage) -> Act:
    token = persons.token_of(given_address(s), s.now)
    return lambda: person_actions.confirm_address(token=token, **s.by("dunn"))


def try_telling(s: Stage) -> Act:
    given_address(s)
    return lambda: person_actions.try_telling(browser_id=None, **s.by("dunn"))


def remove_browser(s: Stage) -> Act:
    decide_to_tell(s.town, s.now, *WAYS)
    browser, _ = with_browser(s.town, "dunn", s.now)
    return lambda: person_actions.remove_browser(browser_id=browser.pk, **s.by("dunn"))


def add_browser(s: Stage) -> Act:
    decide_to_tell(s.town, s.now, *WAYS)
    person_actions.push_key(**s.by("dunn"))
    return lambda: with_browser(s.town, "dunn", s.now)


CHOICE: dict[str, Any] = {
    "mail": ["own"],
    "push": ["own"],
    "least": CategoryPriority.LOW,
    "late_too": True,
    "quiet_from": None,
    "quiet_until": None,
}

OUTGOING_ACTS: Mapping[str, Callable[[Stage], Act]] = {
    "outgoing.set_up": set_up,
    "outgoing.change": system_act("change", **FACTS_GIVEN | {"name": "Another CAD"}),
    "outgoing.switch": system_act("switch", on=False),
    "outgoing.rotate": system_act("rotate"),
    "outgoing.try_out": system_act("try_out"),
    "outgoing.replay": replay_message,
    "outgoing.choose": telling_act("choose", **CHOICE),
    "outgoing.give_address": give_address,
    "outgoing.confirm_address": confirm_address,
    "outgoing.try_telling": try_telling,
    "outgoing.push_key": telling_act("push_key"),
    "outgoing.add_browser": add_browser,
    "outgoing.remove_browser": remove_browser,
}

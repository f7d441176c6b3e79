"""Further people at the dispatch console."""

from datetime import datetime, timedelta

from plateward.accounts import actions as accounts
from tests.days import day_of
from tests.personas import SETUP, Town, admit


def joined(town: Town, now: datetime, *, username: str = "doyle", full_name: str = "Dee Doyle") -> None:
    """A dispatcher, Dee Doyle unless named, screened and trained, joins the town."""
    person = accounts.create_user(
        agency=town.agency, username=username, full_name=full_name, title="dispatcher", by=SETUP, now=now
    )
    admit(person, now)
    accounts.certify(
        user=person,
        course="alpr-basic",
        completed_date=day_of(now) - timedelta(days=30),
        expires_date=None,
        certified_by=town.users["dunn"],
        by=SETUP,
        now=now,
    )
    town.users[username] = person

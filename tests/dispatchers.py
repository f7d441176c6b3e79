"""A second person at the dispatch console."""

from datetime import datetime, timedelta

from plateward.accounts import actions as accounts
from tests.personas import SETUP, Town, admit


def joined(town: Town, now: datetime) -> None:
    """Dispatcher Dee Doyle, `doyle`, screened and trained, joins the town."""
    doyle = accounts.create_user(
        agency=town.agency, username="doyle", full_name="Dee Doyle", title="dispatcher", by=SETUP, now=now
    )
    admit(doyle, now)
    accounts.certify(
        user=doyle,
        course="alpr-basic",
        completed_date=now.date() - timedelta(days=30),
        expires_date=None,
        certified_by=town.users["dunn"],
        by=SETUP,
        now=now,
    )
    town.users["doyle"] = doyle

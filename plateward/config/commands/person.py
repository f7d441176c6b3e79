"""Enter a person, or give positions and training to one who is there."""

from datetime import datetime

import click

from plateward.config.cli import setup_django
from plateward.config.problems import Problem


@click.command("person")
@click.argument("agency")
@click.argument("username")
@click.option("--name", default="", help="Full name of a new person.")
@click.option("--title", default="", help="Job title of a new person, by its id in the agency's profile.")
@click.option("--position", "positions", multiple=True, help="Position to appoint the person to; repeatable.")
@click.option("--trained", type=click.DateTime(["%Y-%m-%d"]), help="Day the training was completed.")
@click.option("--trained-by", help="Username of the person who certifies the training, never one's own.")
@click.option("--screened", type=click.DateTime(["%Y-%m-%d"]), help="Day a new person was cleared on.")
@click.option(
    "--agreed", type=click.DateTime(["%Y-%m-%d"]), help="Day a new person signed the access agreement."
)
@click.option("--need", default="", help="What a new person needs the system for.")
@click.option("--release", is_flag=True, help="Release the account from the lock of failed log-ins.")
@click.option("--renew", is_flag=True, help="One-time password instead of lost password and second factor.")
@click.option("--by", required=True, help="Name of the person who does this; it goes on record.")
def command(
    *,
    agency: str,
    username: str,
    name: str,
    title: str,
    positions: tuple[str, ...],
    trained: datetime | None,
    trained_by: str | None,
    screened: datetime | None,
    agreed: datetime | None,
    need: str,
    release: bool,
    renew: bool,
    by: str,
) -> None:
    """Enter USERNAME of AGENCY (such as barstow-pd), or give positions and training to a person who is there.

    A new person's password is asked for. This is how an installation gets its first account creator. As soon
    as one can log in, people are entered, trained and released in the browser, and here no more; positions
    are given here.
    """
    if bool(trained) != bool(trained_by):
        raise Problem("--trained and --trained-by belong together: give both or none.")
    setup_django()
    from django.utils import timezone  # noqa: PLC0415  after setup_django

    from plateward.audit.who import Who  # noqa: PLC0415
    from plateward.config import people  # noqa: PLC0415
    from plateward.config.people import Admission, Training, enter, is_known  # noqa: PLC0415

    who = Who(username="plateward person", name=by, title="", organization="")
    if renew:
        given = people.renew(agency=agency, username=username, by=who, now=timezone.now())
        click.echo(f"One-time password of {username}, for 72 hours, shown only now: {given}")
        return
    admission = (
        Admission(screened_date=screened.date(), agreement_date=agreed.date(), need=need)
        if screened and agreed and need
        else None
    )
    password = (
        click.prompt("Password", hide_input=True, confirmation_prompt=True)
        if admission or not is_known(username)
        else ""
    )
    user = enter(
        agency=agency,
        username=username,
        name=name,
        title=title,
        password=password,
        positions=positions,
        training=Training(completed_date=trained.date(), by=trained_by) if trained and trained_by else None,
        admission=admission,
        release=release,
        by=who,
        now=timezone.now(),
    )
    click.echo(f"{user.full_name} ({user.username}, {agency}) is on record.")

"""What retention needs beside its pages: a restored backup, and the proof that nothing is too old."""

from pathlib import Path

import click

from plateward.config.cli import setup_django
from plateward.config.problems import Problem


@click.group("retention")
def command() -> None:
    """See how old what is kept is, and purge again after a restore."""


@command.command("oldest")
def oldest() -> None:
    """Say of each agency and store how old the oldest is that nobody holds."""
    setup_django()
    from django.utils import timezone  # noqa: PLC0415  after setup_django

    from plateward.accounts.models import Agency  # noqa: PLC0415  the same
    from plateward.governance.queries import PolicyUnavailableError, profile_for  # noqa: PLC0415  the same
    from plateward.retention import stores  # noqa: PLC0415  the same

    now = timezone.now()
    for agency in Agency.objects.order_by("pk").values_list("pk", flat=True):
        click.echo(agency)
        try:
            profile = profile_for(agency, now)
        except PolicyUnavailableError as error:
            click.echo(f"  {error}")
            continue
        for age in stores.ages(agency, profile, now):
            when = f"{age.oldest_at:%Y-%m-%d %H:%M} UTC" if age.oldest_at else "nothing"
            late = "  PAST ITS LIMIT" if age.is_overdue else ""
            note = f"  ({age.note})" if age.note else ""
            click.echo(f"  {age.name:24}{when}{late}{note}")


@command.command("list")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def copy_list(file: Path) -> None:
    """Copy the list of purges to FILE; keep it where the backups are not."""
    setup_django()
    from plateward.retention import list_file, purge_list  # noqa: PLC0415  after setup_django

    source = purge_list.path()
    if not source.exists():
        raise Problem("Nothing was purged yet, so there is no list.")
    try:
        file.write_text("".join(f"{line}\n" for line in list_file.lines(source)), encoding="utf-8")
        count = len(purge_list.read(file))
    except (OSError, UnicodeDecodeError, purge_list.ListUnreadableError) as error:
        raise Problem(str(error)) from error
    click.echo(f"{count} purge{'' if count == 1 else 's'} copied to {file}.")


@command.command("reapply")
@click.option("--by", required=True, help="Name of the person who does this; it goes on record.")
@click.option(
    "--list",
    "file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="The list as it was copied away; without it the one of the data folder.",
)
def reapply(by: str, file: Path | None) -> None:
    """Purge again what a restored backup brought back. Run it before anybody works with the system.

    What is held now stays; what was held then and is not now stops its purge. Interrupted, it goes on where
    it ended.
    """
    setup_django()
    from django.utils import timezone  # noqa: PLC0415  after setup_django

    from plateward.audit.who import Who  # noqa: PLC0415  the same
    from plateward.governance.queries import PolicyUnavailableError  # noqa: PLC0415  the same
    from plateward.retention import finishing_actions, purge_list, reapply_actions  # noqa: PLC0415  the same

    who = Who(username="plateward retention reapply", name=by, title="", organization="")
    try:
        listed = purge_list.read(file or purge_list.path())
    except FileNotFoundError as error:
        raise Problem("There is no list of purges here. Give the copy with --list FILE.") from error
    except purge_list.ListUnreadableError as error:
        raise Problem(str(error)) from error
    again, spared = 0, []
    for one in reapply_actions.in_order(listed):
        try:
            purge = reapply_actions.reapply(listed=one, by=who, now=timezone.now())
        except reapply_actions.SparedError as error:
            spared.append(str(error))
            continue
        except (reapply_actions.PurgeInTheWayError, PolicyUnavailableError) as error:
            raise Problem(str(error)) from error
        if purge is not None and not finishing_actions.run(purge_id=purge.pk, clock=timezone.now):
            purge.refresh_from_db()
            raise Problem(f"Purge {purge.number} of {purge.agency_id} is not done: {purge.problem}")
        again += purge is not None
    click.echo(f"{len(listed)} purges looked at; {again} had to be done again.")
    if spared:
        raise Problem("\n".join(spared))

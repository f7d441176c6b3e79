"""Export the journal for an outside auditor, with the verifier to check it."""

from pathlib import Path

import click

from plateward.config.cli import setup_django
from plateward.config.problems import Problem


@click.command("export-journal")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="ZIP file to write."
)
@click.option(
    "--agency", default="", help="Show this agency's rows only, such as barstow-pd; others as hashes."
)
@click.option("--by", required=True, help="Name of the person who does this; it goes on record.")
def command(out: Path, agency: str, by: str) -> None:
    """Write the sealed journal and its verifier to a ZIP file for an outside auditor.

    The file holds plates and reasons: hand it over as you would the journal itself. The export is journaled.
    """
    setup_django()
    from django.utils import timezone  # noqa: PLC0415  after setup_django

    from plateward.accounts.models import Agency  # noqa: PLC0415  the same
    from plateward.audit import reading_actions, sealing_actions  # noqa: PLC0415  the same
    from plateward.audit.exporting import NothingSealedError  # noqa: PLC0415  the same
    from plateward.audit.who import Who  # noqa: PLC0415  the same

    if agency and not Agency.objects.filter(pk=agency).exists():
        raise Problem(f"There is no agency {agency!r} here.")
    who = Who(username="plateward export-journal", name=by, title="", organization="")
    now = timezone.now()
    sealing_actions.seal(now=now)
    try:
        shown = reading_actions.export_journal(by=who, agency=agency, path=out, now=now)
    except NothingSealedError as error:
        raise Problem("The journal has no rows yet, so there is nothing to export.") from error
    except OSError as error:
        raise Problem(
            f"{out} cannot be written: {error.strerror}. Choose another file with --out."
        ) from error
    click.echo(f"{shown:,} rows are in {out}. Whoever checks it unpacks it and runs `python3 verifier.py .`")

"""Check a burned disc, its image or a copy of it, before it counts as verified."""

import sys
from pathlib import Path

import click


@click.group("disc")
def command() -> None:
    """Check burned discs of evidence packages; needs no database and no settings."""


@command.command("verify")
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option("--fingerprint", default="", help="The evidence package's fingerprint, best from paper.")
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="File to write the outcome to, for the page of the package.",
)
def verify(path: Path, fingerprint: str, report: Path | None) -> None:
    """Read a disc of an evidence package and compare every file with what was put on it.

    PATH is a drive (such as /dev/sr0), an image, or where the disc is mounted or was copied to. Ends with 1
    when a check failed.
    """
    from plateward.evidence import disc_check  # noqa: PLC0415  keeps --help quick

    sys.exit(disc_check.verify(path, fingerprint=fingerprint, report_to=str(report) if report else None))

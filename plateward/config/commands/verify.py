"""Check the journal against what was sealed: the live one, an export, an evidence package or its discs."""

import sys
import zipfile
from pathlib import Path

import click

from plateward.config.cli import setup_django
from plateward.config.problems import Problem


@click.command("verify")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option(
    "--key", "keys", multiple=True, help="Public key of the journal; by default this installation's."
)
@click.option(
    "--checkpoint",
    "checkpoints",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A checkpoint handed out earlier, which the journal must continue; repeatable.",
)
@click.option("--fingerprint", default="", help="An evidence package's fingerprint, best from paper.")
def command(
    paths: tuple[Path, ...], keys: tuple[str, ...], checkpoints: tuple[Path, ...], fingerprint: str
) -> None:
    """Check every row of the live journal, or what PATHS name.

    That is an export of the journal (ZIP file, folder or .tlog-proof), an evidence package (ZIP file or
    folder), or where its discs are. Ends with 1 when a check failed.
    """
    if paths and is_package(paths[0]):
        from plateward.evidence import package_verifier  # noqa: PLC0415  keeps --help quick

        found = [str(path) for path in paths]
        key = keys[0] if keys else None
        sys.exit(package_verifier.verify(found, key=key, fingerprint=fingerprint, report_to=None))
    if paths:
        from plateward.ledger import verifier  # noqa: PLC0415  the same

        export = paths[0]
        options = [part for path in checkpoints for part in ("--checkpoint", str(path))]
        options += [part for key in keys[:1] for part in ("--key", key)]
        sys.exit(verifier.main([str(export), *options]))
    setup_django()
    sys.exit(0 if _live(keys, checkpoints) else 1)


def is_package(path: Path) -> bool:
    """Whether this is an evidence package or one of its discs, and no export of the journal."""
    if path.is_dir():
        return any(path.glob("bagit.txt")) or any(path.glob("*/bagit.txt"))
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.count("/") == 1 and name.endswith("/bagit.txt") for name in archive.namelist())


def _live(keys: tuple[str, ...], checkpoints: tuple[Path, ...]) -> bool:
    from plateward.audit.sealing import signing_key  # noqa: PLC0415  after setup_django
    from plateward.audit.verification import verify  # noqa: PLC0415  the same
    from plateward.ledger.notes import NoteError, VerifierKey  # noqa: PLC0415  the same

    try:
        trusted_keys = [VerifierKey.parse(key) for key in keys] or [signing_key().verifier]
    except NoteError as error:
        raise Problem(f"--key cannot be used: {error}") from error
    for key in trusted_keys:
        click.echo(f"NOTE  key of {key.name}: {key.fingerprint}")
    trusted = {str(path): path.read_text(encoding="utf-8") for path in checkpoints}
    passed = True
    for check in verify(keys=trusted_keys, trusted=trusted):
        passed = passed and not check.defects
        color, word = ("red", "FAIL") if check.defects else ("green", "PASS")
        click.echo(f"{click.style(word, fg=color)}  {check.name}")
        for defect in check.defects[:5]:
            click.echo(f"      {defect}")
        if len(check.defects) > 5:  # noqa: PLR2004  as many as are shown above
            click.echo(f"      and {len(check.defects) - 5:,} more")
    return passed

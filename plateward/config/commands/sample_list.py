"""Write a made-up extract of a list of others, for tests, demonstrations and measurements."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import msgspec

from plateward.config.problems import Problem

if TYPE_CHECKING:
    from plateward.hotlists.list_samples import Kind

_KINDS: Final[Mapping[str, "Kind"]] = {"headed": "HEADED", "delimited": "DELIMITED", "fixed": "FIXED"}


@click.command("sample-list")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--lines", "count", type=click.IntRange(1, 2_000_000), default=1_000, show_default=True)
@click.option(
    "--kind",
    type=click.Choice(["headed", "delimited", "fixed"]),
    default="headed",
    show_default=True,
    help="A first line names the columns; or they are laid down, behind a separator or at fixed places.",
)
@click.option("--separator", default="|", show_default=True, help="Character between delimited columns.")
@click.option(
    "--fault-every",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Let each N-th line have a fault, so that it is left out.",
)
@click.option("--seed", default=1, show_default=True, help="Another number gives another file.")
def command(*, file: Path, count: int, kind: str, separator: str, fault_every: int, seed: int) -> None:
    """Write FILE, an extract with every file of NCIC's; its layout and its plates (TST…) are invented.

    A headed one is taken in as it is. For the others FILE.layout.json says how they are read; it is taken
    where an uploaded file's columns are laid down.
    """
    from plateward.hotlists.layouts import UnusableFile, check  # noqa: PLC0415  slow to load
    from plateward.hotlists.list_samples import Sample  # noqa: PLC0415  the same

    sample = Sample(
        count=count,
        kind=_KINDS[kind],
        day=datetime.now(UTC).date(),
        seed=seed,
        fault_every=fault_every,
        separator=separator,
    )
    layout = file.with_name(f"{file.name}.layout.json")
    try:
        check(sample.layout())
        with file.open("x", encoding="ascii", newline="") as written:
            written.writelines(sample.lines())
        if kind != "headed":
            layout.write_bytes(msgspec.json.format(msgspec.json.encode(sample.layout()), indent=1))
    except UnusableFile as error:
        raise Problem(str(error)) from error
    except OSError as error:
        raise Problem(f"{file} cannot be written ({error.strerror}). Choose another file.") from error
    told = f"{len(sample.faults):,} of them with a fault" if sample.faults else "none with a fault"
    read = "Its first line names the columns" if kind == "headed" else f"{layout.name} says how it is read"
    said = f"{file}: {count:,} lines, {told}, {sample.kept_out:,} of the Immigration Violator file. {read}."
    click.echo(said)

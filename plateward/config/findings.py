"""How findings are told on the command line."""

import sys
from collections.abc import Iterable
from typing import Final

import click

from plateward.findings import Finding, State

_COLORS: Final = {State.FINE: "green", State.NOTE: "yellow", State.WRONG: "red"}


def tell(findings: Iterable[Finding]) -> None:
    """One after the other as they are found; ends the process with 1 if anything is wrong."""
    wrong = 0
    for one in findings:
        wrong += one.state is State.WRONG
        click.echo(f"{click.style(one.state, fg=_COLORS[one.state])} {one.name}: {one.found}")
        if one.remedy:
            click.echo(f"    {one.remedy}")
    if wrong:
        click.secho(f"\n{wrong} wrong.", fg="red")
        sys.exit(1)
    click.secho("\nNothing is wrong.", fg="green")

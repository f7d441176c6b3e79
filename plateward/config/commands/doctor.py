"""Say what is wrong with this installation and what to do."""

import sys

import click

from plateward.config.environment import Environment


@click.command("doctor")
def command() -> None:
    """Look at everything Plateward needs; ✓ fine, • worth knowing, ✗ wrong. Ends with 1 if anything is wrong.

    It changes nothing and starts nothing.
    """
    from plateward.config.checkup import State, examine  # noqa: PLC0415  keeps other commands quick

    colors = {State.FINE: "green", State.NOTE: "yellow", State.WRONG: "red"}
    wrong = 0
    for finding in examine(Environment.load()):
        wrong += finding.state is State.WRONG
        click.echo(
            f"{click.style(finding.state.value, fg=colors[finding.state])} {finding.name}: {finding.found}"
        )
        if finding.remedy:
            click.echo(f"    {finding.remedy}")
    if wrong:
        click.secho(f"\n{wrong} wrong.", fg="red")
        sys.exit(1)
    click.secho("\nNothing is wrong.", fg="green")

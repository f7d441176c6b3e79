"""Say what is wrong with this installation and what to do."""

import click

from plateward.config.environment import Environment


@click.command("doctor")
def command() -> None:
    """Look at everything Plateward needs; ✓ fine, • worth knowing, ✗ wrong. Ends with 1 if anything is wrong.

    It changes nothing and starts nothing.
    """
    from plateward.config.checkup import examine  # noqa: PLC0415  keeps other commands quick
    from plateward.config.findings import tell  # noqa: PLC0415  the same

    tell(examine(Environment.load()))

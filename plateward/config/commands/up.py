"""Run the whole system: database, web, receiver, intake and worker."""

import sys

import click

from plateward.config.environment import DEMO_MARK, Environment
from plateward.config.problems import Problem
from plateward.config.supervisor import Child
from plateward.config.system import children, own_command, run_system


@click.command("up")
def command() -> None:
    """Run the whole system on this machine until Ctrl-C or SIGTERM.

    Starts the embedded PostgreSQL (unless DATABASE_URL is set), applies migrations, then keeps web, receiver,
    intake and worker running.
    """
    environment = Environment.load()
    if (environment.data / DEMO_MARK).exists():
        raise Problem(
            f"{environment.data} holds a demonstration whose logins everybody knows. Run `plateward demo`, "
            "or set PLATEWARD_DATA to another folder for a real system."
        )
    run_system(
        environment,
        preparations=[
            Child(name="migrate", command=own_command("manage", "migrate", "--no-input", "-v", "0"))
        ],
        children=children(environment),
        on_ready=lambda: click.echo(f"\nPlateward is ready at {environment.base_url} (Ctrl-C stops it)\n"),
        out=sys.stdout,
    )

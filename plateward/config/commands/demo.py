"""Try everything with invented agencies, people and pictures."""

import json
import os
import shutil
import sys
from pathlib import Path

import click

from plateward.config.environment import DEMO_MARK, Environment, default_data
from plateward.config.problems import Problem
from plateward.config.supervisor import Child
from plateward.config.system import children, own_command, run_system


@click.command("demo")
@click.option("--fresh", is_flag=True, help="Throw the demonstration's data away and begin anew.")
def command(*, fresh: bool) -> None:
    """Run a demonstration: two agencies, people of every title, cameras, and pictures that keep coming.

    It has a data folder and a database of its own, so nothing here touches a real system.
    """
    environment = _environment()
    mark = environment.data / DEMO_MARK
    if fresh and mark.exists():
        shutil.rmtree(environment.data)
    _refuse_real_data(environment.data, mark)
    environment.prepared_data()
    mark.touch()
    run_system(
        environment,
        preparations=[
            Child(name="migrate", command=own_command("manage", "migrate", "--no-input", "-v", "0")),
            Child(name="demo-seed", command=own_command("demo-seed")),
        ],
        children=[*children(environment), Child(name="demo-feed", command=own_command("demo-feed"))],
        on_ready=lambda: click.echo(welcome(environment)),
        out=sys.stdout,
    )


def welcome(environment: Environment) -> str:
    """Address and logins, as a table with one part per agency."""
    told = json.loads((environment.data / "demo-logins.json").read_text(encoding="utf-8"))
    logins = [tuple(login) for login in told["logins"]]
    widths = [max(len(login[column]) for login in logins) for column in (1, 2, 3)]
    lines = []
    for agency in dict.fromkeys(login[0] for login in logins):
        lines += ["", agency]
        for _, *cells, shows in (login for login in logins if login[0] == agency):
            padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
            lines.append("  " + "  ".join([*padded, shows]))
    rule = "─" * max(map(len, lines))
    head = [
        f"Plateward's demonstration is ready: {environment.base_url}",
        f"Every login below has the password: {told['password']}",
        f"Second factors: everybody's codes are at {environment.base_url}/demonstration/",
    ]
    return "\n".join(["", rule, *head, *lines, "", "Ctrl-C stops everything.", rule, ""])


def _environment() -> Environment:
    if os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE"):
        raise Problem(
            "The demonstration runs on its own embedded database only, so that its well-known logins never "
            "get into a real one. Unset DATABASE_URL and start again."
        )
    os.environ.setdefault("PLATEWARD_DATA", str(default_data() / "demo"))
    os.environ["PLATEWARD_DEMO"] = "1"
    return Environment.load()


def _refuse_real_data(data: Path, mark: Path) -> None:
    if (data / "postgresql").exists() and not mark.exists():
        raise Problem(
            f"{data} holds a real system's data; the demonstration would add logins that everybody knows. "
            "Set PLATEWARD_DATA to another folder, or unset it."
        )

"""Put the demonstration's agencies, people and cameras in place."""

import json

import click

from plateward.config.cli import setup_django
from plateward.config.environment import Environment
from plateward.config.problems import Problem


@click.command("demo-seed")
def command() -> None:
    """Put agencies, policies, people, training, positions and cameras in place; run by `plateward demo`."""
    environment = Environment.load()
    if not environment.demo:
        raise Problem("demo-seed makes logins that everybody knows; it runs inside `plateward demo` only.")
    setup_django()
    from plateward.config.demo.cast import PASSWORD  # noqa: PLC0415  models need Django first
    from plateward.config.demo.seed import seed  # noqa: PLC0415  the same
    from plateward.governance.queries import UnusablePolicyError  # noqa: PLC0415  the same

    try:
        logins = [(login.agency, login.username, login.name, login.title, login.shows) for login in seed()]
    except UnusablePolicyError as error:
        raise Problem(
            f"The demonstration in {environment.data} was made by another version of Plateward. "
            "Begin anew, which throws its data away: plateward demo --fresh."
        ) from error
    kept = environment.data / "demo-logins.json"
    kept.write_text(json.dumps({"password": PASSWORD, "logins": logins}), encoding="utf-8")

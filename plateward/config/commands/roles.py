"""Make the database's roles, or print the SQL that makes them."""

import click
import psycopg
from psycopg import sql

from plateward.config.environment import Environment, django_database
from plateward.config.problems import Problem
from plateward.walls.rights import Roles, missing_roles


@click.command("roles")
@click.option("--sql", "only_print", is_flag=True, help="Print what a database administrator would run.")
def command(*, only_print: bool) -> None:
    """Make the roles that DATABASE_URL and DATABASE_INGEST_URL name, with their passwords; run it once.

    It connects as DATABASE_OWNER_URL. Where that role may not make roles, the SQL for whoever may is printed.
    What the roles may do is set by migrations (`plateward manage migrate`, `plateward up`).
    """
    environment = Environment.load()
    if environment.embedded:
        click.echo("The embedded database makes its roles by itself when it starts.")
        return
    roles = environment.roles
    if len({roles.owner, roles.application, roles.ingest}) < 3:  # noqa: PLR2004  three of them
        raise Problem(ONE_ROLE)
    if only_print:
        click.echo(_for_the_administrator(roles))
        return
    try:
        with psycopg.connect(environment.owner_url, autocommit=True) as owner:
            _make(owner, environment, roles)
    except psycopg.errors.InsufficientPrivilege as error:
        told = f"{roles.owner} may not make roles. Have the database administrator run this:"
        raise Problem(f"{told}\n\n{_for_the_administrator(roles)}") from error
    except psycopg.OperationalError as error:
        raise Problem(f"DATABASE_OWNER_URL does not answer: {str(error).strip()}") from error


ONE_ROLE = (
    "Set three addresses of the same database that differ in their role: DATABASE_OWNER_URL (migrations), "
    "DATABASE_URL (the product) and DATABASE_INGEST_URL (the receiver). docs/howto/install.md shows them."
)


def _make(owner: psycopg.Connection, environment: Environment, roles: Roles) -> None:
    missing = missing_roles(owner.cursor(), roles)
    for role, url in ((roles.application, environment.database_url), (roles.ingest, environment.ingest_url)):
        if role not in missing:
            click.echo(f"{role} is there.")
            continue
        password = django_database(url)["PASSWORD"]
        owner.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
                sql.Identifier(role), sql.Literal(password or None)
            )
        )
        click.echo(f"{role} is made. `plateward manage migrate` gives it its rights.")


def _for_the_administrator(roles: Roles) -> str:
    """SQL without passwords; the command for them is psql's, which sends them encrypted."""
    lines = [f'CREATE ROLE "{role}" LOGIN;' for role in (roles.application, roles.ingest)]
    lines += [f"\\password {role}" for role in (roles.application, roles.ingest)]
    return "\n".join(lines)

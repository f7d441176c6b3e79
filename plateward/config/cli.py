"""The `plateward` command: one module per sub-command in `commands/`, imported only when it is run."""

import ast
import os
from pathlib import Path
from typing import Any, Final

import click

from plateward.config.problems import Problem

COMMANDS: Final = Path(__file__).parent / "commands"


class _Shown(click.ClickException):
    """A problem on its way to the person: the message in red, no traceback, status 1."""

    def show(self, file: Any = None) -> None:
        click.secho(self.format_message(), fg="red", err=True, file=file)


class _Commands(click.Group):
    """Finds sub-commands by file name; `--help` reads their first lines without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return sorted(path.stem.replace("_", "-") for path in COMMANDS.glob("[!_]*.py"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        from importlib import import_module  # noqa: PLC0415  the point of this class

        found = import_module(f"plateward.config.commands.{cmd_name.replace('-', '_')}").command
        assert isinstance(found, click.Command)  # noqa: S101  a wrong module is a programming error
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        import difflib  # noqa: PLC0415  needed on this rare path only

        near = difflib.get_close_matches(args[0], self.list_commands(ctx), 1)
        if args[0] not in self.list_commands(ctx) and near:
            ctx.fail(f"No such command {args[0]!r}; did you mean {near[0]!r}?")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Problem as problem:
            raise _Shown(str(problem)) from problem

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _first_line(name)) for name in self.list_commands(ctx)])


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="plateward", message="%(prog)s %(version)s")
def main() -> None:
    """Plateward: license plate reading that follows your written policy.

    `plateward demo` shows everything with invented data; `plateward up` runs a real system;
    `plateward doctor` says what is wrong and what to do.
    """


def setup_django(*, as_owner: bool = False) -> None:
    """Load Django's settings and apps; commands that use models call this first. Raises Problem.

    A command works for the whole installation, so it sees every agency's rows. Only migrations are run
    `as_owner` of the database.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plateward.config.settings")
    import django  # noqa: PLC0415  most commands do not need it

    from plateward.walls import scope  # noqa: PLC0415  the same

    django.setup()
    scope.become_system("Commands, intake and worker serve every agency of the installation.")
    if as_owner:
        from django.conf import settings  # noqa: PLC0415  the same
        from django.db import connection  # noqa: PLC0415  the same

        from plateward.config.environment import django_database  # noqa: PLC0415  the same

        connection.settings_dict |= django_database(settings.ENVIRONMENT.owner_url)


def _first_line(name: str) -> str:
    """First line of a command module's docstring, from its source."""
    source = (COMMANDS / f"{name.replace('-', '_')}.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(source)) or "").split("\n", 1)[0]


if __name__ == "__main__":
    main(prog_name="plateward")

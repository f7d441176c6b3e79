"""Put an agency's written policy in force."""

from pathlib import Path

import click

from plateward.config.cli import setup_django
from plateward.config.problems import Problem


@click.command("adopt")
@click.argument("policy_folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--by", required=True, help="Name of the person who puts the policy in force; it goes on record."
)
@click.option(
    "--accept-summary",
    is_flag=True,
    help="Put in force even a profile written from descriptions by others, for a trial.",
)
@click.option(
    "--alone",
    default="",
    metavar="REASON",
    help="Why one person changes a policy in force, which takes two in the browser; it goes on record.",
)
def command(policy_folder: Path, by: str, *, accept_summary: bool, alone: str) -> None:
    """Put the policy in POLICY_FOLDER (profile.yaml, clauses.yaml) in force for its agency.

    The agency is entered on the first adoption. The very bytes are kept; earlier versions stay on file.
    A version in force is changed by two people in the browser; here only with --alone.
    """
    setup_django()
    from django.utils import timezone  # noqa: PLC0415  after setup_django

    from plateward.audit.who import Who  # noqa: PLC0415
    from plateward.governance.actions import AdoptionRefusedError, establish, read_policy  # noqa: PLC0415
    from plateward.policy import ProfileError, load_profile  # noqa: PLC0415

    if not by.strip():
        raise Problem("--by is empty: name the person who puts the policy in force.")
    who = Who(username="plateward adopt", name=by.strip(), title="", organization="")
    try:
        written = read_policy(policy_folder)
        origin = load_profile(written).provenance
        agency = establish(
            profile_bytes=written, by=who, now=timezone.now(), accept_summary=accept_summary, alone=alone
        )
    except FileNotFoundError as missing:
        raise Problem(f"{missing.filename} is missing: name the folder that holds profile.yaml.") from missing
    except (ProfileError, AdoptionRefusedError) as refused:
        raise Problem(str(refused)) from refused
    click.echo(f"In force for {agency.name}: the policy in {policy_folder}, adopted by {by.strip()}.")
    if origin.is_summary:
        click.echo(f"Mind: {origin.statement}")

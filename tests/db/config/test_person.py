from datetime import date, timedelta

import pytest
from click.testing import CliRunner, Result

from plateward.accounts.models import User
from plateward.audit.models import AuditRecord
from plateward.config.cli import main
from plateward.governance.queries import actor_for
from tests.personas import PASSWORD, Town

YESTERDAY = str(date.today() - timedelta(days=1))  # noqa: DTZ011  a day long past anywhere will do


ON_PAPER = (f"--screened={YESTERDAY}", f"--agreed={YESTERDAY}", "--need=Leads the division.")


@pytest.fixture
def setting_up(barstow: Town) -> Town:
    """Barstow while neither of its account creators can come in."""
    for username in ("cole", "imani"):
        barstow.users[username].certifications.all().delete()
    return barstow


def person(*arguments: str, asked: str = "") -> Result:
    return CliRunner().invoke(main, ["person", *arguments, "--by", "Ivy Imani"], input=asked)


def test_a_new_person_is_entered_appointed_and_trained_on_record(setting_up: Town) -> None:
    told = person(
        "barstow-pd",
        "novak",
        "--name=Nina Novak",
        "--title=lieutenant",
        "--position=watch-commander",
        f"--trained={YESTERDAY}",
        "--trained-by=cruz",
        *ON_PAPER,
        asked=f"{PASSWORD}\n{PASSWORD}\n",
    )
    assert told.exit_code == 0, told.output
    made = User.objects.get(username="novak")
    assert made.check_password(PASSWORD)
    assert made.certifications.get().certified_by == setting_up.users["cruz"]
    recorded = AuditRecord.objects.filter(name="Ivy Imani").values_list("verb", flat=True)
    assert set(recorded) == {
        "accounts.user.created",
        "accounts.paper.filed",
        "accounts.user.activated",
        "governance.position.appointed",
        "accounts.training.certified",
    }


@pytest.mark.usefixtures("barstow")
def test_a_person_who_is_there_only_gets_what_is_new() -> None:
    told = person("barstow-pd", "soto", "--position=watch-commander")
    assert told.exit_code == 0, told.output
    soto = User.objects.get(username="soto")
    assert "watch-commander" in actor_for(soto, at=soto.created_at + timedelta(days=1)).positions


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["nowhere-pd", "novak"], "No policy is in force for 'nowhere-pd'"),
        (
            ["barstow-pd", "novak", "--title=wizard", *ON_PAPER],
            "'wizard' is no title of this agency's policy",
        ),
        (["barstow-pd", "novak", "--title=captain"], "A new person needs --screened"),
        (["barstow-pd", "soto", "--position=king"], "'king' is no position of this agency's policy"),
        (["barstow-pd", "soto", f"--trained={YESTERDAY}"], "belong together"),
        (["barstow-pd", "soto", f"--trained={YESTERDAY}", "--trained-by=soto"], "their own training"),
        (["barstow-pd", "soto", f"--trained={YESTERDAY}", "--trained-by=nobody"], "enter that person first"),
    ],
)
@pytest.mark.usefixtures("setting_up")
def test_what_cannot_be_is_refused_with_what_to_do(given: list[str], said: str) -> None:
    told = person(*given, asked=f"{PASSWORD}\n{PASSWORD}\n")
    assert told.exit_code == 1
    assert said in told.output
    assert not User.objects.filter(username="novak").exists()


@pytest.mark.usefixtures("setting_up")
def test_a_weak_password_enters_nobody() -> None:
    told = person(
        "barstow-pd",
        "novak",
        "--name=Nina Novak",
        "--title=lieutenant",
        *ON_PAPER,
        asked="12345678\n12345678\n",
    )
    assert told.exit_code == 1
    assert "novak was not entered" in told.output
    assert not User.objects.filter(username="novak").exists()


@pytest.mark.clause("B-466.10-accounts")
@pytest.mark.parametrize(
    "given",
    [
        ["novak", "--name=Nina Novak", "--title=lieutenant", *ON_PAPER],
        ["ruiz", f"--trained={YESTERDAY}", "--trained-by=cruz"],
        ["ruiz", "--release"],
    ],
)
def test_once_an_account_creator_can_come_in_the_browser_is_the_place(
    barstow: Town, given: list[str]
) -> None:
    told = person("barstow-pd", *given, asked=f"{PASSWORD}\n{PASSWORD}\n")
    assert told.exit_code == 1
    assert "manages accounts" in told.output
    assert not User.objects.filter(username="novak").exists()
    assert not barstow.users["ruiz"].certifications.exists()


def test_the_only_account_creator_who_is_locked_out_is_released(barstow: Town) -> None:
    barstow.users["imani"].certifications.all().delete()
    User.objects.filter(username="cole").update(locked_at=barstow.users["cole"].created_at)
    told = person("barstow-pd", "cole", "--release")
    assert told.exit_code == 0, told.output
    assert User.objects.get(username="cole").locked_at is None
    assert AuditRecord.objects.filter(verb="accounts.user.released").exists()


def test_who_lost_everything_gets_a_one_time_password_while_nobody_else_can_help(setting_up: Town) -> None:
    told = person("barstow-pd", "cole", "--renew")
    assert told.exit_code == 0, told.output
    cole = setting_up.users["cole"]
    cole.refresh_from_db()
    assert cole.check_password(told.output.split()[-1])
    assert not cole.factors.exists()
    assert AuditRecord.objects.get(verb="accounts.factor.reset").name == "Ivy Imani"


@pytest.mark.usefixtures("barstow")
def test_who_lost_everything_is_helped_in_the_browser_while_another_can() -> None:
    told = person("barstow-pd", "cole", "--renew")
    assert told.exit_code != 0
    assert "in the browser" in told.output

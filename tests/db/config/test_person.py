from datetime import date, timedelta

import pytest
from click.testing import CliRunner, Result

from plateward.accounts.models import User
from plateward.audit.models import AuditRecord
from plateward.config.cli import main
from plateward.governance.queries import actor_for
from tests.personas import PASSWORD, Town

YESTERDAY = str(date.today() - timedelta(days=1))  # noqa: DTZ011  a day long past anywhere will do


def person(*arguments: str, asked: str = "") -> Result:
    return CliRunner().invoke(main, ["person", *arguments, "--by", "Ivy Imani"], input=asked)


def test_a_new_person_is_entered_appointed_and_trained_on_record(barstow: Town) -> None:
    told = person(
        "barstow-pd",
        "novak",
        "--name=Nina Novak",
        "--title=lieutenant",
        "--position=watch-commander",
        f"--trained={YESTERDAY}",
        "--trained-by=cruz",
        asked=f"{PASSWORD}\n{PASSWORD}\n",
    )
    assert told.exit_code == 0, told.output
    made = User.objects.get(username="novak")
    assert made.check_password(PASSWORD)
    assert made.certifications.get().certified_by == barstow.users["cruz"]
    recorded = AuditRecord.objects.filter(name="Ivy Imani").values_list("verb", flat=True)
    assert set(recorded) == {
        "accounts.user.created",
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
        (["barstow-pd", "novak", "--title=wizard"], "'wizard' is no title of this agency's policy"),
        (["barstow-pd", "soto", "--position=king"], "'king' is no position of this agency's policy"),
        (["barstow-pd", "soto", f"--trained={YESTERDAY}"], "belong together"),
        (["barstow-pd", "soto", f"--trained={YESTERDAY}", "--trained-by=soto"], "their own training"),
        (["barstow-pd", "soto", f"--trained={YESTERDAY}", "--trained-by=nobody"], "enter that person first"),
    ],
)
@pytest.mark.usefixtures("barstow")
def test_what_cannot_be_is_refused_with_what_to_do(given: list[str], said: str) -> None:
    told = person(*given, asked=f"{PASSWORD}\n{PASSWORD}\n")
    assert told.exit_code == 1
    assert said in told.output
    assert not User.objects.filter(username="novak").exists()


@pytest.mark.usefixtures("barstow")
def test_a_weak_password_enters_nobody() -> None:
    told = person(
        "barstow-pd", "novak", "--name=Nina Novak", "--title=lieutenant", asked="12345678\n12345678\n"
    )
    assert told.exit_code == 1
    assert "novak was not entered" in told.output
    assert not User.objects.filter(username="novak").exists()

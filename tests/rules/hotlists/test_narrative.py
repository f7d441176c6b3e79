"""What looks like restricted content in a narrative, what does not, and who may keep it."""

import msgspec
import pytest

from plateward.hotlists.narrative import Content, composed, may_keep, signs_in
from plateward.policy import Param, Profile
from tests.rules.hotlists.test_entry_rules import BARSTOW, HUNTINGTON_PARK

pytestmark = pytest.mark.clause("B-466.4(e)", "H-426.3(e)")

RESTRICTED = [
    (Content.CRIMINAL_HISTORY, "Driver has a long criminal history"),
    (Content.CRIMINAL_HISTORY, "Two prior convictions"),
    (Content.CRIMINAL_HISTORY, "Was convicted of robbery in 2019"),
    (Content.CRIMINAL_HISTORY, "Owner is on parole"),
    (Content.CRIMINAL_HISTORY, "Registered sex offender"),
    (Content.CRIMINAL_HISTORY, "CII A12345678"),
    (Content.CRIMINAL_HISTORY, "FBI no. 123456AB7"),
    (Content.CRIMINAL_HISTORY, "CLETS return says he is wanted"),
    (Content.CRIMINAL_HISTORY, "See rap sheet"),
    (Content.SOCIAL_SECURITY, "RO 123-45-6789"),
    (Content.SOCIAL_SECURITY, "ssn on file"),
    (Content.DRIVER_LICENSE, "Driver D1234567"),
    (Content.DRIVER_LICENSE, "CDL: N9876543"),
    (Content.DRIVER_LICENSE, "driver's license no 44556677"),
    (Content.BIRTH_DATE, "DOB 04/01/1980"),
    (Content.BIRTH_DATE, "born on April 1, 1980"),
    (Content.BIRTH_DATE, "born 4/1/80"),
    (Content.MEDICAL, "Diagnosed with schizophrenia"),
    (Content.MEDICAL, "off his medication"),
    (Content.MEDICAL, "suicidal"),
    (Content.MEDICAL, "mental health crisis"),
]
HARMLESS = [
    "Taken from the Main Street lot at 02:10, case 26-01234.",
    "White Toyota Camry, plate 8ABC123, front bumper missing",
    "VIN 1HGCM82633A004352",
    "Call 760-555-0134 when seen",
    "Confirmed in CLETS by dispatch",
    "Driver license plate frame reads Barstow Toyota",
    "Suspect in the robbery, armed with a handgun",
    "Missing since 2026-11-20, 84 years old, at risk",
    "Registered owner reports it stolen",
    "NIC V123456789",
    "Turned onto I-15 at exit 183",
    "Born Free sticker on the rear window",
    "Convicted felon's hideout was searched",
    "Seen on 11/20/2026 at Lenwood Road",
    "Stolen from the clinic on Main",
]


@pytest.mark.parametrize(("content", "text"), RESTRICTED)
def test_restricted_content_is_told_with_what_to_write_instead(content: Content, text: str) -> None:
    signs = signs_in(text)
    assert [sign.content for sign in signs] == [content] or content in {sign.content for sign in signs}
    assert all(sign.matched in text and "“" in sign.told for sign in signs)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_an_officer_needs_to_say_is_not_told_of(text: str) -> None:
    assert signs_in(text) == ()


def test_signs_of_several_fields_are_each_told_once() -> None:
    assert [sign.matched for sign in signs_in("DOB unknown", "", "DOB unknown")] == ["DOB"]


def deciding(answer: Param[bool]) -> Profile:
    custom = msgspec.structs.replace(BARSTOW.hotlists.custom, restricted_override=answer)
    return msgspec.structs.replace(BARSTOW, hotlists=msgspec.structs.replace(BARSTOW.hotlists, custom=custom))


def test_words_are_kept_only_where_the_profile_lets_people() -> None:
    assert may_keep(BARSTOW).local_decision == "restricted-override"
    silent = may_keep(HUNTINGTON_PARK)
    assert not silent
    assert "is not addressed by this policy" in silent.reason
    refused = may_keep(deciding(Param(clause="B-466.4(e)", value=False)))
    assert not refused
    assert refused.remedy == "Word it differently, without such content."


@pytest.mark.clause("B-466.11-narrative")
def test_a_narrative_holds_the_approval_and_the_fields_that_were_filled_in() -> None:
    told = composed(approval="Approved by L. Lane.", reason="Stolen.", vehicle="White Camry", caution="Armed")
    assert told == "Approved by L. Lane.\nVehicle: White Camry\nReason: Stolen.\nCaution: Armed"
    assert composed(approval="Approved by L. Lane.", reason="Stolen.").count("\n") == 1

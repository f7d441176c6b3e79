import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plateward.plates import FORMATS, Era, PlateFormat, exact_formats, plausible
from plateward.plates.formats import MAX_CHANGES

STATES = """
AL AK AZ AR CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH NJ NM NV NY OH
OK OR PA RI SC SD TN TX UT VA VT WA WI WV WY
"""


def test_every_state_and_the_district_have_a_current_serial() -> None:
    known = {form.jurisdiction for form in FORMATS if form.era is Era.CURRENT}
    states = {f"US-{state}" for state in STATES.split()}
    assert states <= known
    assert len(states) == 51


def test_masks_are_written_in_letters_digits_and_either() -> None:
    assert all(re.fullmatch(r"[A1X]{3,10}", form.mask) for form in FORMATS)
    assert len(set(FORMATS)) == len(FORMATS)


@pytest.mark.parametrize(
    ("text", "jurisdiction"),
    [
        ("8ABC123", "US-CA"),
        ("ABC-1234", "US-TX"),
        ("ABC 1234", "US-NY"),
        ("AB12345", "US-IL"),
        ("AA-123-AA", "FR"),
        ("M AB 1234", "DE"),
        ("BRA2E19", "BR"),
    ],
)
def test_a_serial_fits_its_jurisdiction(text: str, jurisdiction: str) -> None:
    best = plausible(text)
    assert jurisdiction in {match.format.jurisdiction for match in best if match.score == best[0].score}


def test_a_look_alike_is_exchanged_to_fit_and_costs_score() -> None:
    clean, misread = plausible("8ABC123", regions=["US-CA"])[0], plausible("8ABCI23", regions=["US-CA"])[0]
    assert (misread.text, misread.changes) == ("8ABC123", (4,))
    assert clean.changes == ()
    assert misread.score < clean.score


@pytest.mark.parametrize("text", ["", "CALIFORNIA", "POLICE INTERCEPTOR", "警視庁", "JKMNPRT"])
def test_what_is_no_serial_fits_nothing(text: str) -> None:
    assert plausible(text) == []


def test_a_bare_number_is_less_plausible_than_a_serial() -> None:
    assert plausible("1234567")[0].score < plausible("8ABC123")[0].score


def test_a_short_word_is_less_plausible_than_a_serial() -> None:
    assert all(match.score < 0.8 for match in plausible("STOP"))


def test_an_older_serial_fits_with_less_score() -> None:
    assert plausible("ABC1234", regions=["BR"])[0].score < plausible("BRA2E19", regions=["BR"])[0].score


def test_regions_limit_the_answer() -> None:
    everywhere = {match.format.jurisdiction for match in plausible("ABC1234")}
    assert {"US-TX", "BR", "GR"} <= everywhere
    assert {match.format.jurisdiction[:3] for match in plausible("ABC1234", regions=["US"])} == {"US-"}


@given(st.sampled_from(FORMATS), st.data())
def test_every_serial_of_a_format_fits_it_unchanged(form: PlateFormat, data: st.DataObject) -> None:
    kinds = {"A": "ABCDEFGHJKLMNPRSTUVWXYZ", "1": "0123456789", "X": "A1"}
    serial = "".join(data.draw(st.sampled_from(kinds[slot])) for slot in form.mask)
    fits = [match for match in plausible(serial) if match.format == form]
    assert [match.changes for match in fits] == [()]


@given(st.text(alphabet="AB018OIZ5", max_size=9))
def test_matches_come_best_first_and_change_little(text: str) -> None:
    matches = plausible(text)
    scores = [match.score for match in matches]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= match.score <= 1 and len(match.changes) <= MAX_CHANGES for match in matches)
    assert all(len(match.text) == len(match.format.mask) for match in matches)


@pytest.mark.parametrize("plate", ["8ABC123", "ABC1234", "123ABC", "BRA2E19", "A1", "STOP", "SERIAL9X"])
def test_exact_formats_are_the_plausible_ones_without_a_change(plate: str) -> None:
    plain = [match.format for match in plausible(plate) if not match.changes]
    assert set(exact_formats(plate)) == set(plain)
    assert [known.prior for known in exact_formats(plate)] == sorted(
        (known.prior for known in plain), reverse=True
    )

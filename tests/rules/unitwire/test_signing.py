from datetime import UTC, datetime

import msgspec
import pytest

from plateward.unitwire.documents import Assignments, Configuration, NextKey, Signed
from plateward.unitwire.signing import DocumentError, DocumentKey, decoded, encoded, following, key_id, opened

KEY, OTHER, THIRD = (DocumentKey(bytes([number]) * 32) for number in (1, 2, 3))
TRUSTED = {KEY.id: KEY.public}
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def document(serial: int = 7, device_id: str = "car-1", agency: str = "barstow-pd") -> Assignments:
    return Assignments(
        device_id=device_id, agency=agency, issued_at=NOW, serial=serial, assignments=(), sessions=()
    )


def open_it(signed: Signed, after: int = 6) -> Assignments:
    return opened(signed, TRUSTED, Assignments, device_id="car-1", agency="barstow-pd", after=after)


def test_a_signed_document_comes_out_as_it_went_in() -> None:
    assert open_it(KEY.sign(document())) == document()
    assert KEY.id == key_id(KEY.public)
    assert DocumentKey.parse(KEY.written()) == KEY


def test_a_key_that_is_none_is_refused_and_not_shown() -> None:
    with pytest.raises(ValueError, match="32 random bytes") as refusal:
        DocumentKey.parse("secret-but-wrong")
    assert "secret" not in str(refusal.value)
    assert "1" * 8 not in repr(KEY)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (OTHER.sign(document()), "not a trusted one"),
        (msgspec.structs.replace(OTHER.sign(document()), key_id=KEY.id), "forged"),
        (KEY.sign(document(serial=6)), "not newer"),
        (KEY.sign(document(device_id="car-2")), "another unit"),
        (KEY.sign(document(agency="huntington-park-pd")), "another unit"),
        (
            KEY.sign(NextKey(device_id="", agency="", issued_at=NOW, serial=9, public=OTHER.public)),
            "of kind assignments",
        ),
        (msgspec.structs.replace(KEY.sign(document()), payload="?"), "base64url"),
        (msgspec.structs.replace(KEY.sign(document()), payload=encoded(b"{}")), "forged"),
    ],
)
def test_a_document_that_does_not_hold_is_refused(changed: Signed, told: str) -> None:
    with pytest.raises(DocumentError, match=told):
        open_it(changed)


def test_a_signed_text_that_is_no_document_is_refused() -> None:
    class Strange(Assignments, frozen=True, kw_only=True, tag="strange"):
        """A kind that no unit knows."""

    strange = Strange(
        device_id="car-1", agency="barstow-pd", issued_at=NOW, serial=8, assignments=(), sessions=()
    )
    with pytest.raises(DocumentError, match="cannot be read"):
        open_it(KEY.sign(strange))


def turn(by: DocumentKey, to: DocumentKey, serial: int = 1) -> Signed:
    return by.sign(NextKey(device_id="", agency="", issued_at=NOW, serial=serial, public=to.public))


def test_a_unit_follows_the_keys_from_the_one_it_trusts() -> None:
    known = following(TRUSTED, [turn(KEY, OTHER), turn(OTHER, THIRD)])
    assert known == {one.id: one.public for one in (KEY, OTHER, THIRD)}


def test_a_key_that_nobody_trusted_names_is_not_followed() -> None:
    assert following(TRUSTED, [turn(OTHER, THIRD), KEY.sign(document())]) == TRUSTED


def test_the_payload_is_json_that_says_its_kind() -> None:
    signed = KEY.sign(
        Configuration(
            device_id="car-1",
            agency="barstow-pd",
            issued_at=NOW,
            serial=1,
            agency_name="Barstow",
            time_zone="America/Los_Angeles",
            device_name="Car 1",
            receiver="https://reads.example",
            list_fresh_for_s=None,
            list_fresh_clause="",
            list_may_be_used_stale=True,
            upload_bytes_per_s=None,
            keep_pictures_bytes=None,
            grant_s=None,
            lock_after_s=300,
            ask_every_s=60,
            health_every_s=60,
        )
    )
    told = msgspec.json.decode(decoded(signed.payload))
    assert told["kind"] == "configuration"
    assert told["list_fresh_for_s"] is None

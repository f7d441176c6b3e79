from uuid import UUID, uuid4

import pytest

from plateward.vault import envelope
from plateward.vault.envelope import UnopenableError, opened, sealed

KEY, KEY_ID, LABEL = envelope.new_key(), uuid4(), "barstow-pd\npicture\ndigest\noriginal"
DATA = bytes(range(256)) * 40
FILE = sealed(DATA, key=KEY, key_id=KEY_ID, label=LABEL)


def test_what_was_sealed_opens_and_shows_nothing_before() -> None:
    assert opened(FILE, key=KEY, key_id=KEY_ID, label=LABEL) == DATA
    assert DATA[:16] not in FILE
    assert opened(sealed(b"", key=KEY, key_id=KEY_ID, label=""), key=KEY, key_id=KEY_ID, label="") == b""


def test_the_same_bytes_are_never_sealed_the_same_way_twice() -> None:
    again = sealed(DATA, key=KEY, key_id=KEY_ID, label=LABEL)
    assert again != FILE
    assert len(again) == len(FILE) == len(DATA) + 58


def changed(place: int) -> bytes:
    file = bytearray(FILE)
    file[place] ^= 1
    return bytes(file)


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (b"", "cut short"),
        (FILE[:40], "cut short"),
        (FILE[:-1], "cut short: 10,297 of 10,298"),
        (FILE[: len(FILE) // 2], "cut short"),
        (changed(0), "no file of this store"),
        (b"\xff\xd8\xff" + DATA, "no file of this store"),
        (changed(5), "version 0"),
        (changed(10), "sealed under data key"),
        (changed(29), "cut short"),
        (changed(33), "changed"),
        (changed(60), "changed"),
        (changed(len(FILE) - 1), "changed"),
        (FILE + b"\0", "changed"),
    ],
    ids=[
        "empty",
        "header cut",
        "last byte missing",
        "half",
        "letters",
        "a plain picture",
        "version",
        "key id",
        "length",
        "nonce",
        "ciphertext",
        "tag",
        "longer",
    ],
)
def test_a_file_that_is_not_as_it_was_does_not_open_and_says_why(file: bytes, told: str) -> None:
    with pytest.raises(UnopenableError, match=told):
        opened(file, key=KEY, key_id=KEY_ID, label=LABEL)


@pytest.mark.parametrize(
    ("key", "key_id", "label"),
    [
        (envelope.new_key(), KEY_ID, LABEL),
        (KEY, UUID(int=7), LABEL),
        (KEY, KEY_ID, LABEL.replace("barstow", "huntington")),
        (KEY, KEY_ID, LABEL.replace("original", "thumbnail")),
    ],
    ids=["another key", "another key's id", "another agency", "another kind"],
)
def test_a_file_opens_only_as_what_it_was_sealed_as(key: bytes, key_id: UUID, label: str) -> None:
    with pytest.raises(UnopenableError):
        opened(FILE, key=key, key_id=key_id, label=label)

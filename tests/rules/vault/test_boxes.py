from uuid import uuid4

import pytest

from plateward.vault import boxes, envelope
from plateward.vault.boxes import HEAD_BYTES, Letterbox, data_key, new_pair
from plateward.vault.envelope import UnopenableError

KEY_ID, PAIR = uuid4(), new_pair()


def opened(file: bytes, label: str = "payload") -> bytes:
    key = data_key(file[:HEAD_BYTES], private=PAIR.private, key_id=KEY_ID)
    return envelope.opened(file[HEAD_BYTES:], key=key, key_id=KEY_ID, label=label)


def test_what_went_in_by_the_public_key_comes_out_by_the_private_one() -> None:
    box = Letterbox(KEY_ID, PAIR.public)
    first, second = box.sealed(b"8ABC123", "payload"), box.sealed(b"8ABC123", "payload")
    assert opened(first) == opened(second) == b"8ABC123"
    assert b"8ABC123" not in first
    assert first[:HEAD_BYTES] == second[:HEAD_BYTES], "one agreement of keys serves many files"
    assert first[HEAD_BYTES:] != second[HEAD_BYTES:]


def test_each_writer_and_each_of_its_times_has_a_data_key_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boxes, "FILES_UNDER_ONE", 2)
    box = Letterbox(KEY_ID, PAIR.public)
    files = [box.sealed(b"x", "payload") for _ in range(3)] + [
        Letterbox(KEY_ID, PAIR.public).sealed(b"x", "payload")
    ]
    assert len({file[:HEAD_BYTES] for file in files}) == 3
    assert {opened(file) for file in files} == {b"x"}


def test_a_file_opens_with_no_other_key_and_as_nothing_else() -> None:
    file = Letterbox(KEY_ID, PAIR.public).sealed(b"8ABC123", "payload")
    head = file[:HEAD_BYTES]
    with pytest.raises(UnopenableError, match="sealed for another key"):
        data_key(head, private=new_pair().private, key_id=KEY_ID)
    with pytest.raises(UnopenableError, match="sealed for another key"):
        data_key(head, private=PAIR.private, key_id=uuid4())
    with pytest.raises(UnopenableError, match="changed"):
        opened(file, label="another row")
    for short in (b"", head[:-1]):
        with pytest.raises(UnopenableError):
            data_key(short, private=PAIR.private, key_id=KEY_ID)


def test_no_key_is_shown_with_the_box() -> None:
    box = Letterbox(KEY_ID, PAIR.public)
    box.sealed(b"x", "payload")
    assert repr(box._key) not in repr(box)

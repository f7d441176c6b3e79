"""Files sealed part by part: whole or not at all, in their own order, under their own name."""

import io
from uuid import UUID

import pytest

from plateward.vault.envelope import UnopenableError, new_key
from plateward.vault.streams import PART_BYTES, TAG_BYTES, SealedReader, SealedWriter

KEY, KEY_ID = new_key(), UUID(int=7)


def sealed(data: bytes, *, label: str = "package", head: bytes = b"") -> io.BytesIO:
    file = io.BytesIO()
    writer = SealedWriter(file, key=KEY, key_id=KEY_ID, label=label, head=head)
    for start in range(0, len(data), 300_000):
        writer.write(data[start : start + 300_000])
    writer.finish()
    return file


def opened(
    file: io.BytesIO, *, key: bytes = KEY, key_id: UUID = KEY_ID, label: str = "package", head_bytes: int = 0
) -> SealedReader:
    return SealedReader(file, key=key, key_id=key_id, label=label, head_bytes=head_bytes)


LONG = bytes(range(256)) * (PART_BYTES // 100)


@pytest.mark.parametrize("size", [0, 1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, len(LONG)])
def test_what_was_sealed_is_read_back(size: int) -> None:
    reader = opened(sealed(LONG[:size]))

    assert reader.size == size
    assert reader.read() == LONG[:size]


def test_any_place_can_be_read_without_what_is_before_it() -> None:
    reader = opened(sealed(LONG, head=b"in clear"), head_bytes=8)
    reader.seek(-10, io.SEEK_END)
    assert reader.read() == LONG[-10:]
    reader.seek(PART_BYTES - 5)
    assert io.BufferedReader(reader).read(10) == LONG[PART_BYTES - 5 : PART_BYTES + 5]


@pytest.mark.parametrize("cut", [1, TAG_BYTES, 200_000, PART_BYTES + TAG_BYTES])
def test_a_file_that_was_cut_short_is_refused_at_once(cut: int) -> None:
    whole = sealed(LONG).getvalue()
    with pytest.raises(UnopenableError, match="cut short"):
        opened(io.BytesIO(whole[:-cut]))


def test_a_changed_byte_exchanged_parts_and_another_label_are_refused() -> None:
    whole = bytearray(sealed(LONG).getvalue())
    part = PART_BYTES + TAG_BYTES
    changed, exchanged = bytearray(whole), bytearray(whole)
    changed[100] ^= 1
    start = 29
    exchanged[start : start + part], exchanged[start + part : start + 2 * part] = (
        whole[start + part : start + 2 * part],
        whole[start : start + part],
    )
    for wrong in (changed, exchanged):
        with pytest.raises(UnopenableError):
            opened(io.BytesIO(bytes(wrong))).read()
    with pytest.raises(UnopenableError):
        opened(io.BytesIO(bytes(whole)), label="another package")


def test_another_key_is_named_before_anything_is_tried() -> None:
    with pytest.raises(UnopenableError, match="sealed under key"):
        opened(sealed(b"x"), key_id=UUID(int=8))
    with pytest.raises(UnopenableError, match="not its own"):
        opened(sealed(b"x"), key=new_key())
    with pytest.raises(UnopenableError):
        opened(io.BytesIO(b"short"))

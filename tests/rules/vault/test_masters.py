import base64
import os
import stat
import sys
import threading
from pathlib import Path

import pytest

from plateward.vault.envelope import new_key
from plateward.vault.masters import (
    CommandMasters,
    GivenMasters,
    KeptMasters,
    Master,
    MasterKeyError,
    Masters,
    Wrapped,
    new_master,
)

DAY = "barstow-pd/device/2026-11-22/key"

KMS = """#!{python}
import base64, os, sys
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
os.chdir({folder!r})
master = sys.argv[2] if sys.argv[1] == "unwrap" else open("now").read()
if sys.argv[1] == "id":
    print(master)
elif not os.path.exists(master):
    print("this key was scheduled for deletion", file=sys.stderr)
    sys.exit(3)
else:
    cipher, context = AESGCM(open(master, "rb").read()), sys.argv[-1].encode()
    given = base64.b64decode(sys.stdin.read())
    if sys.argv[1] == "wrap":
        nonce = os.urandom(12)
        print(master, base64.b64encode(nonce + cipher.encrypt(nonce, given, context)).decode())
    else:
        print(base64.b64encode(cipher.decrypt(given[:12], given[12:], context)).decode())
"""


def kms(folder: Path) -> CommandMasters:
    """A KMS as an agency would connect one: a program of its own that keeps its keys to itself."""
    (folder / "2026a").write_bytes(os.urandom(32))
    (folder / "now").write_text("2026a")
    program = folder / "city-kms"
    program.write_text(KMS.format(python=sys.executable, folder=str(folder)))
    program.chmod(0o700)
    return CommandMasters((str(program),))


def kept(folder: Path) -> KeptMasters:
    masters = KeptMasters(folder / "vault" / "master.key")
    masters.make()
    return masters


@pytest.fixture(params=["kept", "given", "kms"])
def masters(request: pytest.FixtureRequest, tmp_path: Path) -> Masters:
    match request.param:
        case "kept":
            return kept(tmp_path)
        case "given":
            return GivenMasters(new_master())
    return kms(tmp_path)


def test_a_wrapped_key_unwraps_and_names_its_master(masters: Masters) -> None:
    key = new_key()
    wrapped = masters.wrap(key, DAY)
    assert wrapped.master == masters.current()
    assert key not in wrapped.key
    assert masters.unwrap(wrapped, DAY) == key
    assert masters.wrap(key, DAY) != wrapped


def test_a_wrapped_key_of_one_day_is_not_anothers(masters: Masters) -> None:
    wrapped = masters.wrap(new_key(), DAY)
    with pytest.raises(MasterKeyError):
        masters.unwrap(wrapped, DAY.replace("22", "23"))
    with pytest.raises(MasterKeyError):
        masters.unwrap(Wrapped(wrapped.master, wrapped.key[:-1] + bytes([wrapped.key[-1] ^ 1])), DAY)


def test_another_master_key_says_which_one_is_wanted(masters: Masters, tmp_path: Path) -> None:
    foreign = GivenMasters(new_master()).wrap(new_key(), DAY)
    with pytest.raises(MasterKeyError, match=rf"{foreign.master}|scheduled for deletion"):
        masters.unwrap(foreign, DAY)
    assert tmp_path


def test_the_kept_master_is_its_owners_alone_and_made_once(tmp_path: Path) -> None:
    masters = KeptMasters(tmp_path / "vault" / "master.key")
    makers = [threading.Thread(target=masters.make) for _ in range(8)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert [path.name for path in masters.path.parent.iterdir()] == ["master.key"]
    assert stat.S_IMODE(masters.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(masters.path.parent.stat().st_mode) == 0o700
    before = masters.path.read_bytes()
    masters.make()
    assert masters.path.read_bytes() == before


def test_an_added_master_wraps_and_the_earlier_one_unwraps_until_it_is_forgotten(tmp_path: Path) -> None:
    masters, key = kept(tmp_path), new_key()
    before = masters.wrap(key, DAY)
    text = new_master()
    added = Master.parse(text).id
    masters.add(text)
    assert masters.current() == added != before.master
    assert masters.unwrap(before, DAY) == key
    masters.forget_earlier()
    assert masters.current() == added
    with pytest.raises(MasterKeyError, match=f"{before.master}.*holds {added}"):
        masters.unwrap(before, DAY)
    assert stat.S_IMODE(masters.path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "no master key"), ("AAAA", "32 bytes, and this one 3"), ("not base64!", "in base64")],
)
def test_a_damaged_master_key_is_refused(tmp_path: Path, text: str, told: str) -> None:
    masters = kept(tmp_path)
    masters.path.write_text(text)
    with pytest.raises(MasterKeyError, match=told):
        masters.current()
    with pytest.raises(MasterKeyError, match=told):
        GivenMasters(text).current()


def test_a_master_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    masters = kept(tmp_path)
    masters.path.chmod(0o640)
    with pytest.raises(MasterKeyError, match="chmod 600"):
        masters.wrap(new_key(), DAY)


def test_a_missing_master_key_is_never_made_anew_by_using_it(tmp_path: Path) -> None:
    masters = kept(tmp_path)
    masters.path.unlink()
    with pytest.raises(MasterKeyError, match="missing"):
        masters.wrap(new_key(), DAY)
    assert not masters.path.exists()


def test_keys_are_not_shown_when_something_is_printed() -> None:
    text = new_master()
    shown = repr(GivenMasters(text)) + repr(Master.parse(text))
    assert text not in shown
    assert repr(base64.b64decode(text))[2:-1] not in shown


def test_the_kms_turns_its_key_and_refuses_one_that_is_gone(tmp_path: Path) -> None:
    masters, key = kms(tmp_path), new_key()
    before = masters.wrap(key, DAY)
    (tmp_path / "2027a").write_bytes(os.urandom(32))
    (tmp_path / "now").write_text("2027a")
    assert masters.current() == "2027a"
    assert masters.unwrap(before, DAY) == key
    (tmp_path / "2026a").unlink()
    with pytest.raises(MasterKeyError, match="unwrap refused: this key was scheduled for deletion"):
        masters.unwrap(before, DAY)


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("#!/bin/sh\necho", "no id"),
        ("#!/bin/sh\nexit 4", "status 4"),
        ("#!/no/such/shell\n", "cannot be run"),
        ("#!/bin/sh\nexec sleep 60", "no answer"),
    ],
)
def test_a_kms_that_does_not_do_its_part_is_told_of(
    tmp_path: Path, script: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plateward.vault.masters.COMMAND_S", 0.2 if "sleep" in script else 20)
    program = tmp_path / "kms"
    program.write_text(script)
    program.chmod(0o700)
    with pytest.raises(MasterKeyError, match=told):
        CommandMasters((str(program),)).wrap(new_key(), DAY)

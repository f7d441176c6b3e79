"""Keys, signed notes and cosignatures: the standards' own vectors, and everything that must not pass."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plateward.ledger.checkpoints import Checkpoint, ProofFile
from plateward.ledger.merkle import EMPTY_ROOT, InvalidProofError, leaf_hash, node_hash
from plateward.ledger.notes import COSIGNATURE, Note, NoteError, SigningKey, VerifierKey
from plateward.ledger.verifier import Key, ed25519_verifies

# RFC 8032 § 7.1, tests 1–3: secret, public, message, signature.
RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
            "387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
            "4a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]
# The example of Go's sumdb/note documentation.
SUMDB_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SUMDB_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6Ry"
    "yBwJnAM=\n"
)
LOG = SigningKey.from_seed("alpr.city.example/journal", b"\1" * 32)
WITNESS = SigningKey.from_seed("clerk.city.example", b"\2" * 32, COSIGNATURE)
HEAD = Checkpoint(LOG.name, 5, leaf_hash(b"x"))


@pytest.mark.parametrize(("secret", "public", "message", "signature"), RFC_8032)
def test_ed25519_of_both_implementations_is_rfc_8032s(
    secret: str, public: str, message: str, signature: str
) -> None:
    key = SigningKey.from_seed("rfc", bytes.fromhex(secret))
    assert key.verifier.public.hex() == public
    told, key_bytes, text = bytes.fromhex(signature), bytes.fromhex(public), bytes.fromhex(message)
    assert ed25519_verifies(key_bytes, text, told)
    assert not ed25519_verifies(key_bytes, text + b"!", told)
    assert not ed25519_verifies(key_bytes, text, told[:63] + bytes([told[63] ^ 1]))
    assert not ed25519_verifies(key_bytes, text, told[:32])
    assert not ed25519_verifies(b"\xff" * 32, text, told)


@given(st.binary(min_size=32, max_size=32), st.text(st.characters(exclude_categories=("C",)), max_size=40))
def test_the_verifier_accepts_what_cryptography_signs_and_nothing_else(seed: bytes, text: str) -> None:
    key = SigningKey.from_seed("k", seed)
    note = str(Note(f"{text}\n", (key.sign(f"{text}\n"),)))
    Key(str(key.verifier)).check(note)
    Note.parse(note).verified_by(key.verifier)
    with pytest.raises(NoteError, match="forged"):
        Note.parse(f"!{note}").verified_by(key.verifier)


def test_a_note_signed_by_go_verifies() -> None:
    Note.parse(SUMDB_NOTE).verified_by(VerifierKey.parse(SUMDB_KEY))


def test_keys_survive_being_written_and_a_mistyped_one_is_noticed() -> None:
    for key in (LOG, WITNESS):
        assert SigningKey.parse(key.written()) == key
        assert VerifierKey.parse(str(key.verifier)) == key.verifier
        assert Key(str(key.verifier)).fingerprint == key.verifier.fingerprint
        assert "seed" not in repr(key)
    for wrong in ("", "a+b", str(LOG.verifier).replace("alpr", "elpr"), str(LOG.verifier)[:-8]):
        with pytest.raises(NoteError):
            VerifierKey.parse(wrong)
    for secret in (str(LOG.verifier), LOG.written().replace("alpr", "elpr"), "PRIVATE+KEY+x"):
        with pytest.raises(NoteError) as refused:
            SigningKey.parse(secret)
        assert LOG.written()[-20:] not in str(refused.value)


@pytest.mark.parametrize("name", ["", "two words", "a+b"])
def test_a_key_has_a_name_that_a_note_can_carry(name: str) -> None:
    with pytest.raises(NoteError, match="no space and no plus"):
        SigningKey.from_seed(name, b"\1" * 32)


def test_a_checkpoint_of_another_key_or_origin_is_refused() -> None:
    signed = HEAD.signed(LOG)
    assert Checkpoint.verified(signed, LOG.verifier) == HEAD
    other = SigningKey.from_seed(LOG.name, b"\3" * 32)
    with pytest.raises(NoteError, match="found none"):
        Checkpoint.verified(signed, other.verifier)
    foreign = Checkpoint("other.example", 5, HEAD.root).signed(LOG)
    with pytest.raises(NoteError, match=r"one of other\.example"):
        Checkpoint.verified(foreign, LOG.verifier)
    with pytest.raises(NoteError, match="forged"):
        Checkpoint.verified(signed.replace("\n5\n", "\n6\n"), LOG.verifier)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "only text\n",
        "no newline\n\n— a b",
        "control\x07\n\n— a AAAA\n",
        "line\n\n-- a AAAA\n",
        "many\n\n" + "— a AAAA\n" * 65,
    ],
)
def test_what_is_no_note_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        Note.parse(text)


@pytest.mark.parametrize(
    "body", ["origin\n5\n", "origin\n05\nAAAA\n", "origin\n5\nAAAA\n", "\n5\nx\n", "o\n-1\nx\n"]
)
def test_what_is_no_checkpoint_is_refused(body: str) -> None:
    with pytest.raises(NoteError):
        Checkpoint.parse(body)


def test_a_cosignature_says_when_and_is_checked_with_its_time() -> None:
    note = HEAD.signed(LOG) + WITNESS.cosign(HEAD.body, 1_795_000_000)
    assert Note.parse(note).verified_by(WITNESS.verifier) == 1_795_000_000
    assert Key(str(WITNESS.verifier)).check(note) == 1_795_000_000
    assert Checkpoint.verified(note, LOG.verifier) == HEAD
    later = WITNESS.cosign(HEAD.body, 1_795_000_001)
    assert later not in note
    with pytest.raises(NoteError, match="forged"):
        WITNESS.verifier.verify(HEAD.body, b"\0" * 72)
    with pytest.raises(NoteError, match="wrong length"):
        WITNESS.verifier.verify(HEAD.body, b"\0" * 64)


def test_a_proof_file_brings_everything_but_the_key() -> None:
    row, other = b"row", leaf_hash(b"other")
    head = Checkpoint(LOG.name, 2, node_hash(leaf_hash(row), other))
    file = ProofFile(0, (other,), head.signed(LOG), extra=b"more")
    read = ProofFile.parse(str(file))
    assert read == file
    assert read.verify(leaf_hash(row), LOG.verifier) == head
    with pytest.raises(InvalidProofError):
        read.verify(leaf_hash(b"edited"), LOG.verifier)


@pytest.mark.parametrize(
    "text",
    [
        "c2sp.org/tlog-proof@v2\nindex 0\n\nx",
        "c2sp.org/tlog-proof@v1\n\nx",
        "c2sp.org/tlog-proof@v1\nindex 00\n\nx",
        "c2sp.org/tlog-proof@v1\nextra ***\nindex 0\n\nx",
        "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nx",
        f"c2sp.org/tlog-proof@v1\nindex 0\n{'A' * 42}B=\n\nx",
    ],
)
def test_what_is_no_proof_file_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        ProofFile.parse(text)


def test_the_empty_tree_can_be_signed() -> None:
    assert Checkpoint.verified(Checkpoint(LOG.name, 0, EMPTY_ROOT).signed(LOG), LOG.verifier).size == 0

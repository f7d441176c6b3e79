"""A witness cosigns what continues, and nothing else."""

from http import HTTPStatus

import pytest

from plateward.ledger.checkpoints import Checkpoint, WitnessRequest
from plateward.ledger.notes import COSIGNATURE, Note, NoteError, SigningKey
from plateward.ledger.rotations import Rotation, Span, spans
from plateward.ledger.witness import Cosigned, WitnessRefusal, cosign, follow
from tests.rules.ledger.test_merkle import Kept, numbered, tree_of

LOG = SigningKey.from_seed("alpr.city.example/journal", b"\1" * 32)
KEY = SigningKey.from_seed("clerk.city.example", b"\2" * 32, COSIGNATURE)
AT = 1_795_000_000
TREE = numbered(20)


def request(tree: Kept, old: int, new: int, log: SigningKey = LOG) -> str:
    head = Checkpoint(log.name, new, tree.root(new))
    return str(WitnessRequest(old, tuple(tree.consistency(old, new)), head.signed(log)))


def asked(text: str, last: Checkpoint | None) -> Cosigned:
    return cosign(text, last=last, log=[Span(LOG.verifier)], key=KEY, at=AT)


def refused(text: str, last: Checkpoint | None) -> WitnessRefusal:
    with pytest.raises(WitnessRefusal) as found:
        asked(text, last)
    return found.value


def test_a_witness_cosigns_the_first_checkpoint_and_each_that_continues_it() -> None:
    first = asked(request(TREE, 0, 7), None)
    again = asked(request(TREE, 7, 7), first.checkpoint)
    then = asked(request(TREE, 7, 20), again.checkpoint)
    assert then.checkpoint.size == 20
    assert Note.parse(then.note).verified_by(KEY.verifier) == AT
    assert then.line == then.note.splitlines(keepends=True)[-1]


def test_a_rewritten_tree_is_refused_and_alarming() -> None:
    last = asked(request(TREE, 0, 7), None).checkpoint
    rewritten = tree_of([b"rewritten", *(str(number).encode() for number in range(1, 20))])
    for size, status in ((7, HTTPStatus.CONFLICT), (20, HTTPStatus.UNPROCESSABLE_ENTITY)):
        refusal = refused(request(rewritten, 7, size), last)
        assert refusal.status is status
        assert refusal.is_alarming


def test_a_cut_tail_is_refused() -> None:
    last = asked(request(TREE, 0, 20), None).checkpoint
    assert refused(request(TREE, 7, 12), last).answer == "20\n"
    cut = WitnessRequest(20, (), Checkpoint(LOG.name, 12, TREE.root(12)).signed(LOG))
    assert refused(str(cut), last).status is HTTPStatus.BAD_REQUEST


def test_a_witness_tells_the_size_it_remembers() -> None:
    last = asked(request(TREE, 0, 7), None).checkpoint
    refusal = refused(request(TREE, 0, 20), last)
    assert (refusal.status, refusal.answer) == (HTTPStatus.CONFLICT, "7\n")
    assert not refusal.is_alarming


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", HTTPStatus.BAD_REQUEST),
        ("old 0\n\nnonsense", HTTPStatus.BAD_REQUEST),
        ("old 0\n" + "A\n" * 64 + "\nx", HTTPStatus.BAD_REQUEST),
        (request(TREE, 0, 7, SigningKey.from_seed("other.example", b"\1" * 32)), HTTPStatus.NOT_FOUND),
        (request(TREE, 0, 7, SigningKey.from_seed(LOG.name, b"\4" * 32)), HTTPStatus.FORBIDDEN),
        (request(TREE, 0, 7).replace("old 0", "old 0\n" + "A" * 43 + "="), HTTPStatus.UNPROCESSABLE_ENTITY),
    ],
)
def test_requests_that_the_protocol_refuses(text: str, status: HTTPStatus) -> None:
    assert refused(text, None).status is status


def test_a_request_reads_back() -> None:
    text = request(TREE, 7, 20)
    assert str(WitnessRequest.parse(text)) == text
    with pytest.raises(NoteError):
        WitnessRequest.parse("new 7\n\nx")


NEW = SigningKey.from_seed(LOG.name, b"\7" * 32)


def announced(size: int, *signers: SigningKey) -> str:
    return Rotation(LOG.verifier, NEW.verifier, size, "ROUTINE").signed(*(signers or (LOG, NEW)))


def test_a_new_key_is_followed_when_the_old_one_announces_it_and_signs_only_what_comes_after() -> None:
    last = asked(request(TREE, 0, 7), None).checkpoint
    follow(announced(7), last=last, log=[Span(LOG.verifier)])
    known = spans(LOG.verifier, [announced(7)])
    made = cosign(request(TREE, 7, 20, NEW), last=last, log=known, key=KEY, at=AT)
    assert made.checkpoint.size == 20
    with pytest.raises(WitnessRefusal) as replaced:
        cosign(request(TREE, 7, 20, LOG), last=last, log=known, key=KEY, at=AT)
    assert replaced.value.status is HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    ("note", "status"),
    [
        (announced(7, NEW), HTTPStatus.BAD_REQUEST),
        (announced(3), HTTPStatus.FORBIDDEN),
        (Rotation(NEW.verifier, LOG.verifier, 7, "ROUTINE").signed(NEW), HTTPStatus.FORBIDDEN),
        ("nonsense", HTTPStatus.BAD_REQUEST),
    ],
)
def test_a_key_that_the_old_one_did_not_announce_for_what_comes_is_not_followed(
    note: str, status: HTTPStatus
) -> None:
    last = asked(request(TREE, 0, 7), None).checkpoint
    with pytest.raises(WitnessRefusal) as refusal:
        follow(note, last=last, log=[Span(LOG.verifier)])
    assert refusal.value.status is status

"""The auditor's single file, run as an auditor runs it: alone, on exports that somebody tampered with."""

import ast
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plateward.ledger import verifier
from plateward.ledger.canonical import canonical_bytes
from plateward.ledger.checkpoints import Checkpoint, ProofFile
from plateward.ledger.leaves import Leaf
from plateward.ledger.merkle import leaf_hash
from plateward.ledger.notes import COSIGNATURE, SigningKey
from plateward.ledger.rotations import Rotation
from plateward.ledger.tiles import Range, nodes_of
from tests.rules.ledger.test_merkle import tree_of

LOG = SigningKey.from_seed("alpr.city.example/journal", b"\1" * 32)
WITNESS = SigningKey.from_seed("clerk.city.example", b"\2" * 32, COSIGNATURE)
SIZE = 20
HEADS = (7, 12, SIZE)
Lines = list[dict[str, Any]]


def sealed(number: int, plate: str) -> dict[str, Any]:
    """A row as an export shows it."""
    opening = {"detail": {"plate": plate}, "subject": "", "address": ""}
    salt = bytes([number]) * 32
    leaf = Leaf.of({"v": 1, "row": number + 1, "username": "ortiz"}, opening, salt)
    return {
        "index": number,
        "leaf": leaf.data.decode(),
        "opening": canonical_bytes(opening).decode(),
        "salt": salt.hex(),
    }


def signed(rows: Lines, size: int, key: SigningKey = LOG) -> dict[str, Any]:
    """A head over the first rows."""
    tree = Range()
    for row in rows[:size]:
        tree.append_data(row["leaf"].encode())
    return {"size": size, "note": Checkpoint(LOG.name, size, tree.root()).signed(key)}


ROWS = [sealed(number, f"7ABC{number:03}") for number in range(SIZE)]


def write(folder: Path, rows: Lines, heads: Lines, key: SigningKey = LOG) -> Path:
    manifest = {"format": verifier.FORMAT, "size": heads[-1]["size"] if heads else 0}
    texts = {"manifest.json": json.dumps(manifest), "log.vkey": f"{key.verifier}\n", "rotations.jsonl": ""}
    for name, lines in (("leaves.jsonl", rows), ("checkpoints.jsonl", heads)):
        texts[name] = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def export(tmp_path: Path) -> Callable[..., Path]:
    def make(rows: Lines = ROWS, heads: Lines | None = None, key: SigningKey = LOG) -> Path:
        made = [signed(ROWS, size) for size in HEADS] if heads is None else heads
        return write(tmp_path / "export", rows, made, key)

    return make


@pytest.fixture
def audit(tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Runs the file with nothing of ours and no site packages in reach; gives status and report."""

    def run(path: Path, *options: object) -> tuple[int, str]:
        program = shutil.copy(verifier.__file__, tmp_path / "verifier.py")
        command = [sys.executable, "-I", "-S", str(program), str(path), *map(str, options)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)  # noqa: S603  ours
        assert done.stderr == ""
        return done.returncode, done.stdout

    return run


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    """The checkpoint of 12 rows that the auditor was given on paper back then."""
    kept = tmp_path / "paper.txt"
    kept.write_text(signed(ROWS, 12)["note"], encoding="utf-8")
    return kept


Export = Callable[..., Path]
Audit = Callable[..., tuple[int, str]]


def failing(report: str) -> list[str]:
    return [line.removeprefix("FAIL  ") for line in report.splitlines() if line.startswith("FAIL  ")]


def test_the_file_is_python_3_9_and_imports_the_standard_library_alone() -> None:
    tree = ast.parse(Path(verifier.__file__).read_text(encoding="utf-8"), feature_version=(3, 9))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def test_an_honest_export_passes(export: Export, audit: Audit, paper: Path) -> None:
    status, report = audit(export(), "--key", LOG.verifier, "--checkpoint", paper)
    assert status == 0, report
    assert report.count("PASS  ") == 5
    assert LOG.verifier.fingerprint in report
    assert "compare it" in audit(export())[1], "a key that came along proves little"


def test_a_zip_file_is_read_as_it_is(export: Export, audit: Audit, tmp_path: Path) -> None:
    folder, packed = export(), tmp_path / "export.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, file.name)
    assert audit(packed, "--key", LOG.verifier)[0] == 0


def test_an_edited_row_is_caught(export: Export, audit: Audit) -> None:
    edited = ROWS[4] | {"opening": ROWS[4]["opening"].replace("7ABC004", "7ABC999")}
    status, report = audit(export([*ROWS[:4], edited, *ROWS[5:]]))
    assert status == 1
    assert failing(report) == ["the details of 20 rows are those that were sealed, or pruned by an act"]
    assert "row 4: its details are not those that were sealed" in report


def test_an_edited_name_is_caught(export: Export, audit: Audit) -> None:
    edited = ROWS[4] | {"leaf": ROWS[4]["leaf"].replace("ortiz", "dunn")}
    status, report = audit(export([*ROWS[:4], edited, *ROWS[5:]]))
    assert status == 1
    assert "the first 7 rows are not those that were sealed" in report


def test_a_removed_row_is_caught(export: Export, audit: Audit) -> None:
    status, report = audit(export(ROWS[:4] + ROWS[5:]))
    assert status == 1
    assert "expected row 4, found 5" in report


def test_a_removed_row_is_caught_when_the_others_are_numbered_anew(export: Export, audit: Audit) -> None:
    closed = [row | {"index": place} for place, row in enumerate(ROWS[:4] + ROWS[5:])]
    status, report = audit(export(closed))
    assert status == 1
    assert "expected 20 rows, found 19" in report
    assert "the first 7 rows are not those that were sealed" in report


def test_a_cut_tail_is_caught(export: Export, audit: Audit) -> None:
    status, report = audit(export(ROWS[:15]))
    assert status == 1
    assert "covers 20 rows; here are 15: rows were cut off" in report


def test_a_cut_tail_with_its_checkpoints_is_caught_by_the_one_on_paper(
    export: Export, audit: Audit, paper: Path
) -> None:
    cut = export(ROWS[:7], [signed(ROWS, 7)])
    assert audit(cut, "--key", LOG.verifier)[0] == 0, "nothing inside tells"
    status, report = audit(cut, "--key", LOG.verifier, "--checkpoint", paper)
    assert status == 1
    assert failing(report) == [f"the journal continues {paper}"]
    assert "rows were cut off" in report


def test_a_reordering_is_caught(export: Export, audit: Audit) -> None:
    swapped = [*ROWS[:3], ROWS[4], ROWS[3], *ROWS[5:]]
    assert "expected row 3, found 4" in audit(export(swapped))[1]
    renumbered = [row | {"index": place} for place, row in enumerate(swapped)]
    status, report = audit(export(renumbered))
    assert status == 1
    assert failing(report) == ["the tree has the root of each of 3 checkpoints"]


def test_a_rewritten_tree_is_caught_by_the_checkpoint_on_paper(
    export: Export, audit: Audit, paper: Path
) -> None:
    rows = [*ROWS[:4], sealed(4, "FORGED"), *ROWS[5:]]
    rewritten = export(rows, [signed(rows, size) for size in HEADS])
    assert audit(rewritten, "--key", LOG.verifier)[0] == 0, "whoever has the key can sign anything"
    status, report = audit(rewritten, "--key", LOG.verifier, "--checkpoint", paper)
    assert status == 1
    assert "the first 12 rows are not those that were sealed" in report


def test_a_forged_signature_is_caught(export: Export, audit: Audit) -> None:
    forger = SigningKey.from_seed(LOG.name, b"\7" * 32)
    rows = [*ROWS[:4], sealed(4, "FORGED"), *ROWS[5:]]
    forged = export(rows, [signed(rows, size, forger) for size in HEADS], forger)
    status, report = audit(forged, "--key", LOG.verifier)
    assert status == 1
    assert failing(report) == [f"3 newest checkpoints are signed by {LOG.name}"]


def test_a_tampered_signature_is_caught(export: Export, audit: Audit) -> None:
    heads = [signed(ROWS, size) for size in HEADS]
    heads[1]["note"] = heads[1]["note"].replace(heads[1]["note"][-20:-4], heads[0]["note"][-20:-4])
    status, report = audit(export(heads=heads))
    assert status == 1
    assert "checkpoint of 12 rows: the signature" in report


def test_a_checkpoint_that_nobody_signed_does_not_hide_before_signed_ones(
    export: Export, audit: Audit
) -> None:
    rows = [ROWS[0], *(sealed(number, "FORGED") for number in range(1, SIZE))]
    forged = signed(rows, SIZE, SigningKey.from_seed(LOG.name, b"\7" * 32))
    signed_last = [signed(rows, 1)] * 100
    status, report = audit(export(rows, [forged, *signed_last]), "--key", LOG.verifier)
    assert status == 1
    assert "not in the order of their sizes, each size once" in report


def test_an_export_of_nothing_proves_nothing(export: Export, audit: Audit) -> None:
    status, report = audit(export([], []), "--key", LOG.verifier)
    assert status == 1
    assert "nothing in it is signed" in report


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (ROWS[4] | {"note": "searched by order of the chief"}, "row 4: nothing proves its note"),
        (
            {"index": 4, "hash": leaf_hash(ROWS[4]["leaf"].encode()).hex(), "opening": "{}"},
            "row 4: nothing proves its opening",
        ),
        (  # the same bytes are hashed, cut elsewhere
            ROWS[4] | {"salt": ROWS[4]["salt"] + b'{"a'.hex(), "opening": ROWS[4]["opening"][3:]},
            "row 4: its details are not those that were sealed",
        ),
    ],
)
def test_what_nothing_proves_is_not_shown_beside_what_is_proved(
    export: Export, audit: Audit, row: dict[str, Any], told: str
) -> None:
    assert ROWS[4]["opening"].startswith('{"a')
    status, report = audit(export([*ROWS[:4], row, *ROWS[5:]]))
    assert status == 1
    assert told in report


def test_a_value_that_stands_twice_is_caught(export: Export, audit: Audit) -> None:
    folder = export()
    leaves = folder / "leaves.jsonl"
    leaves.write_text(leaves.read_text().replace('{"index": 4,', '{"index": 4, "opening": "{}",'))
    status, report = audit(folder)
    assert status == 1
    assert "leaves.jsonl, line 5: not JSON that has each name once" in report


def test_a_file_that_is_packed_twice_is_caught(export: Export, audit: Audit, tmp_path: Path) -> None:
    packed = tmp_path / "export.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for file in export().iterdir():
            archive.write(file, file.name)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("leaves.jsonl", "[]")
    status, report = audit(packed)
    assert status == 1
    assert "two files of one name" in report


def act(number: int, rows: list[int]) -> dict[str, Any]:
    """The row that says which rows' details were destroyed, and by whom."""
    opening = {
        "detail": {"rows": rows, "approved_by": "Carl Cole", "proposed_by": "Ivy Imani"},
        "subject": "",
        "address": "",
    }
    salt = bytes([number]) * 32
    header = {"v": 2, "row": number + 1, "verb": "audit.access.pruned", "recorded_at": "2027-12-01T00:00:00"}
    return {
        "index": number,
        "leaf": Leaf.of(header, opening, salt).data.decode(),
        "opening": canonical_bytes(opening).decode(),
        "salt": salt.hex(),
    }


def pruned(rows: Lines, index: int, by: int) -> Lines:
    bare = {"index": index, "leaf": rows[index]["leaf"], "pruned": by}
    return [*rows[:index], bare, *rows[index + 1 :]]


def test_pruned_details_are_told_with_who_pruned_them_and_pass(export: Export, audit: Audit) -> None:
    rows = [*ROWS[:-1], act(SIZE - 1, [4])]
    status, report = audit(export(pruned(rows, 3, SIZE - 1), [signed(rows, SIZE)]))
    assert status == 0, report
    told = "1 rows were pruned on 2027-12-01T00:00:00 by Carl Cole, proposed by Ivy Imani; commitments intact"
    assert told in report


@pytest.mark.parametrize(
    ("index", "by", "told"),
    [
        (5, SIZE - 1, f"row numbered 6: the act at {SIZE - 1} did not prune it"),
        (3, 7, "row numbered 4: the act at 7 did not prune it"),
    ],
)
def test_details_that_no_act_names_are_missing(
    export: Export, audit: Audit, index: int, by: int, told: str
) -> None:
    rows = [*ROWS[:-1], act(SIZE - 1, [4])]
    status, report = audit(export(pruned(rows, index, by), [signed(rows, SIZE)]))
    assert status == 1
    assert told in report


def test_details_that_were_pruned_are_not_shown_all_the_same(export: Export, audit: Audit) -> None:
    rows = [*ROWS[:-1], act(SIZE - 1, [4])]
    shown = pruned(rows, 3, SIZE - 1)
    shown[3]["opening"] = ROWS[5]["opening"]
    status, report = audit(export(shown, [signed(rows, SIZE)]))
    assert status == 1
    assert "row 3: nothing proves its opening" in report


def test_details_left_out_without_a_word_are_caught(export: Export, audit: Audit) -> None:
    bare = {"index": 3, "leaf": ROWS[3]["leaf"]}
    status, report = audit(export([*ROWS[:3], bare, *ROWS[4:]]))
    assert status == 1
    assert "row 3: its details are missing" in report


def test_other_agencies_rows_and_other_years_are_hashes(export: Export, audit: Audit) -> None:
    foreign = {"index": 9, "hash": leaf_hash(ROWS[9]["leaf"].encode()).hex()}
    tree = tree_of([row["leaf"].encode() for row in ROWS])
    earlier = {"index": 0, "level": 3, "hash": nodes_of(tree.tile)(3, 0).hex()}
    heads = [signed(ROWS, 12), signed(ROWS, SIZE)]
    status, report = audit(export([earlier, ROWS[8], foreign, *ROWS[10:]], heads))
    assert status == 0, report
    assert "9 rows are not part of this export" in report
    moved = [ROWS[0], earlier | {"index": 1}, *ROWS[9:]]
    assert "cannot stand after row 1" in audit(export(moved, heads))[1]


def test_a_checkpoint_amid_rows_that_are_not_shown_says_what_to_ask_for(
    export: Export, audit: Audit, tmp_path: Path
) -> None:
    tree = tree_of([row["leaf"].encode() for row in ROWS])
    earlier = {"index": 0, "level": 3, "hash": nodes_of(tree.tile)(3, 0).hex()}
    (tmp_path / "paper.txt").write_text(signed(ROWS, 7)["note"], encoding="utf-8")
    made = export([earlier, *ROWS[8:]], [signed(ROWS, SIZE)])
    status, report = audit(made, "--checkpoint", tmp_path / "paper.txt")
    assert status == 1
    assert "ask for one that names its size" in report


NEXT = SigningKey.from_seed(LOG.name, b"\4" * 32)


def rotated(folder: Path, *signers: SigningKey, size: int = 12) -> Path:
    note = Rotation(LOG.verifier, NEXT.verifier, size, "ROUTINE").signed(*signers)
    (folder / "rotations.jsonl").write_text(json.dumps({"note": note}) + "\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("trusted", [LOG, NEXT])
def test_the_chain_of_keys_is_followed_from_either_end(
    export: Export, audit: Audit, trusted: SigningKey
) -> None:
    made = rotated(export(heads=[signed(ROWS, 12), signed(ROWS, SIZE, NEXT)]), LOG, NEXT)
    status, report = audit(made, "--key", trusted.verifier)
    assert status == 0, report
    assert f"from 12 rows on the key is {NEXT.verifier.fingerprint}" in report


def test_a_replaced_key_signs_nothing_later(export: Export, audit: Audit) -> None:
    made = rotated(export(heads=[signed(ROWS, 12), signed(ROWS, SIZE, LOG)]), LOG, NEXT)
    status, report = audit(made, "--key", NEXT.verifier)
    assert status == 1
    assert f"checkpoint of 20 rows: it is not signed by {LOG.name}" in report


def test_a_successor_that_the_trusted_key_did_not_sign_is_forged(export: Export, audit: Audit) -> None:
    made = rotated(export(heads=[signed(ROWS, 12), signed(ROWS, SIZE, NEXT)]), NEXT)
    assert audit(made, "--key", LOG.verifier)[0] == 1
    assert audit(made, "--key", NEXT.verifier)[0] == 0, "after a loss the new key vouches for the old one"


def test_a_witness_must_have_cosigned_when_it_is_asked_for(export: Export, audit: Audit) -> None:
    heads = [signed(ROWS, size) for size in HEADS]
    assert "cosigned none" in audit(export(heads=heads), "--witness", WITNESS.verifier)[1]
    body = heads[-1]["note"].partition("\n\n")[0] + "\n"
    heads[-1]["note"] += WITNESS.cosign(body, 1_795_000_000)
    assert audit(export(heads=heads), "--witness", WITNESS.verifier)[0] == 0
    assert "not a witness's key" in audit(export(heads=heads), "--witness", LOG.verifier)[1]
    heads[-1]["note"] = heads[-1]["note"].replace(
        WITNESS.cosign(body, 1_795_000_000), WITNESS.cosign("x\n", 1)
    )
    status, report = audit(export(heads=heads), "--witness", WITNESS.verifier)
    assert status == 1
    assert "forged" in report


def test_how_much_the_witness_saw_is_told(export: Export, audit: Audit) -> None:
    heads = [signed(ROWS, size) for size in HEADS]
    heads[0]["note"] += WITNESS.cosign(heads[0]["note"].partition("\n\n")[0] + "\n", 1_795_000_000)
    report = audit(export(heads=heads), "--witness", WITNESS.verifier)[1]
    assert f"PASS  {WITNESS.name} cosigned the first 7 of 20 rows" in report


def proof_file(folder: Path, row: dict[str, Any], index: int) -> Path:
    tree = tree_of([each["leaf"].encode() for each in ROWS])
    extra = canonical_bytes({name: value for name, value in row.items() if name != "index"})
    hashes = tuple(tree.inclusion(index, SIZE))
    made = folder / "row.tlog-proof"
    made.write_text(str(ProofFile(index, hashes, signed(ROWS, SIZE)["note"], extra)), encoding="utf-8")
    return made


def test_one_row_is_proved_by_its_file(audit: Audit, tmp_path: Path) -> None:
    status, report = audit(proof_file(tmp_path, ROWS[5], 5), "--key", LOG.verifier)
    assert status == 0, report
    assert "row is number 5 of 20" in report
    assert "username: ortiz" in report


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (ROWS[6], "leads to another root"),
        (ROWS[5] | {"opening": "{}"}, "not those that were sealed"),
        ({"leaf": ROWS[5]["leaf"], "opening": "{}"}, "nothing proves its opening"),
        (ROWS[5] | {"leaf": ROWS[5]["leaf"].replace("ortiz", "dunn")}, "leads to another root"),
    ],
)
def test_the_proof_of_another_or_edited_row_is_caught(
    audit: Audit, tmp_path: Path, row: dict[str, Any], told: str
) -> None:
    status, report = audit(proof_file(tmp_path, row, 5), "--key", LOG.verifier)
    assert status == 1
    assert told in report


def test_a_row_whose_details_were_destroyed_is_proved_without_them(audit: Audit, tmp_path: Path) -> None:
    status, report = audit(proof_file(tmp_path, {"leaf": ROWS[5]["leaf"]}, 5), "--key", LOG.verifier)
    assert status == 0, report
    assert "the row's details are not in this proof" in report


def test_a_proof_without_a_key_proves_nothing(audit: Audit, tmp_path: Path) -> None:
    status, report = audit(proof_file(tmp_path, ROWS[5], 5))
    assert status == 1
    assert "give the log's key" in report


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("leaves.jsonl", "nonsense\n", "line 1: not JSON"),
        ("leaves.jsonl", "[]\n", "not an object"),
        ("leaves.jsonl", '{"index":0,"hash":"zz"}\n', "non-hexadecimal"),
        ("leaves.jsonl", '{"index":0,"hash":"00"}\n', "expected a hash of 32 bytes, got 1"),
        ("leaves.jsonl", '{"index":0,"level":64,"hash":"00"}\n', "no hash is over 2^64 rows"),
        ("leaves.jsonl", '{"index":0,"leaf":"{}","pruned":[]}\n', "unhashable"),
        ("leaves.jsonl", "[" * 100_000 + "\n", "line 1: not JSON"),
        ("manifest.json", '{"format":"other"}', "the export says other"),
        ("checkpoints.jsonl", '{"note":"x"}\n', "not a signed note"),
        ("log.vkey", "x", "not a key"),
        ("log.vkey", None, "lacks the file log.vkey"),
    ],
)
def test_a_broken_export_fails_and_says_where(
    export: Export, audit: Audit, file: str, text: str | None, told: str
) -> None:
    folder = export()
    (folder / file).unlink()
    if text is not None:
        (folder / file).write_text(text, encoding="utf-8")
    status, report = audit(folder)
    assert status == 1
    assert told in report


def test_what_is_no_export_at_all_is_told(audit: Audit, paper: Path) -> None:
    status, report = audit(paper)
    assert status == 1
    assert "neither a folder nor a ZIP file nor a proof" in report

"""A certificate to hand out: with the journal's proof of its row, and what checks it on any machine."""

import io
import zipfile
from pathlib import Path
from typing import Final

from plateward.audit.ledger import NotSealedError, proof_of
from plateward.audit.models import AuditRecord
from plateward.audit.sealing import known_keys
from plateward.ledger import purge_verifier, verifier
from plateward.retention.models import Certificate

README: Final = """A certificate of destruction.

certificate.pdf          for people (PDF/A-2a)
certificate.json         the same as data
certificate.tlog-proof   proves that the journal holds the row which names both files' SHA-256
log.vkey                 the journal's public key; compare its fingerprint with one you have on paper
purge_verifier.py        checks all of it with Python 3.9 or newer, with verifier.py beside it:

    python3 purge_verifier.py . --key "$(cat log.vkey)"

It says PASS when the row was signed by that key, names exactly these files, and when on each day and
camera what was purged, is held and is not due adds up to what was ingested. The roots of each day were in
the journal (retention.day.committed) before the purge: an export of the journal shows them.
"""


class NotSealedYetError(Exception):
    """The certificate's row has no place in the tree yet; the message says what to do."""


def made(certificate: Certificate) -> bytes:
    """The ZIP file. Raises NotSealedYetError."""
    row = AuditRecord.objects.get(pk=certificate.audit_id)
    try:
        proof = str(proof_of(row))
    except NotSealedError as error:
        raise NotSealedYetError(
            "The journal has not sealed the certificate’s row yet; that takes a minute. Then try again."
        ) from error
    files = {
        "README.txt": README.encode(),
        "certificate.json": bytes(certificate.data),
        "certificate.pdf": bytes(certificate.document),
        "certificate.tlog-proof": proof.encode(),
        "log.vkey": "\n".join(map(str, known_keys())).encode(),
        "verifier.py": Path(verifier.__file__).read_bytes(),
        "purge_verifier.py": Path(purge_verifier.__file__).read_bytes(),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, certificate.issued_at.timetuple()[:6]), data)
    return out.getvalue()

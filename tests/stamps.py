"""A time-stamping authority on this machine, made of `openssl ts`; it can be told to answer wrongly."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

CONFIG = """
[tsa]
default_tsa = stamping
[stamping]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
certs = {folder}/ca.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""
PURPOSE = "extendedKeyUsage=critical,timeStamping"
KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


def openssl(*words: str | Path, data: bytes = b"") -> bytes:
    """What openssl says; it must succeed."""
    command = ["openssl", *map(str, words)]
    made = subprocess.run(command, input=data, capture_output=True, check=False, timeout=30)  # noqa: S603  the tests' own command
    assert made.returncode == 0, made.stderr.decode()
    return made.stdout


class StampingCa:
    """A CA in a folder, and the certificate of an authority that it signed."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.ca = folder, folder / "ca.pem"
        ca = ("-x509", "-days", "2", "-subj", "/CN=Stamping CA", "-addext", "keyUsage=critical,keyCertSign")
        openssl("req", *ca, *KEY, "-keyout", folder / "ca.key", "-out", self.ca)
        self.certified("tsa", "/O=County/CN=Stamping Authority", PURPOSE)
        (folder / "serial").write_text("01\n")
        (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))

    def certified(self, name: str, subject: str, purpose: str) -> None:
        """A key and a certificate for it."""
        below = self.folder
        extensions = ("-addext", purpose, "-addext", "basicConstraints=critical,CA:FALSE")
        by = ("-CA", self.ca, "-CAkey", below / "ca.key", "-addext", "keyUsage=critical,digitalSignature")
        wanted = ("-x509", "-days", "1", "-subj", subject, *extensions, *by)
        openssl("req", *wanted, *KEY, "-keyout", below / f"{name}.key", "-out", below / f"{name}.pem")

    def answer(self, request: bytes) -> bytes:
        """The right answer."""
        query = self.folder / "query.tsq"
        query.write_bytes(request)
        return openssl("ts", "-reply", "-config", self.folder / "tsa.cnf", "-queryfile", query)

    def signed_otherwise(self, request: bytes, name: str) -> bytes:
        """The right answer's content under the signature of another certificate of the same CA."""
        right = self.folder / "right.tsr"
        right.write_bytes(self.answer(request))
        token = openssl("ts", "-reply", "-in", right, "-token_out")
        content = openssl("cms", "-verify", "-noverify", "-inform", "DER", data=token)
        kind = ("-econtent_type", "1.2.840.113549.1.9.16.1.4", "-binary", "-nodetach", "-outform", "DER")
        by = ("-signer", self.folder / f"{name}.pem", "-inkey", self.folder / f"{name}.key")
        other = openssl("cms", "-sign", *kind, *by, data=content)
        inner = b"\x30\x03\x02\x01\x00" + other
        return b"\x30\x82" + len(inner).to_bytes(2, "big") + inner


def expired_ca(place: Path) -> Path:
    """A file with a certificate that ended on the second day of the century."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Old CA")])
    since = datetime(2000, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, since, since + timedelta(days=1))
    place.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    return place


Answer = Callable[[bytes], bytes | int]


class StampingServer:
    """Where it is asked. `answer` makes an answer of a request; a number is a status."""

    def __init__(self, url: str, answer: Answer) -> None:
        self.url, self.answer = url, answer
        self.asked: list[bytes] = []


@contextmanager
def stamping_server(answer: Answer) -> Iterator[StampingServer]:
    """An authority's server on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Content-Type"] == "application/timestamp-query"
            request = self.rfile.read(int(self.headers["Content-Length"]))
            told.asked.append(request)
            said = told.answer(request)
            self.send_response(said if isinstance(said, int) else 200)
            body = b"" if isinstance(said, int) else said
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told = StampingServer(f"http://127.0.0.1:{server.server_address[1]}/tsr", answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

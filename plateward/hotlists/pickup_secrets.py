"""What pickups prove themselves by, as files in the data folder that their owner alone may read.

Each lies under the server that it was given for: where host, port, user or host key change, it is not found.
"""

import hashlib
from pathlib import Path

from django.conf import settings

from plateward.documents.store import FileStore
from plateward.hotlists.pickup_models import Pickup, Proof
from plateward.hotlists.pickup_places import FolderPlace, PickupTrouble, Reach, SftpPlace


def watched_folder(pickup: Pickup) -> Path:
    """The folder that is watched for a list: nobody types a path."""
    root: Path = settings.ENVIRONMENT.pickup
    return root / pickup.agency_id / f"{pickup.source}-{pickup.origin}"


def keep(pickup: Pickup, secret: bytes) -> None:
    """Have the secret on disc for the server it was given for. Raises OSError."""
    _store().replace(_place(pickup), secret)


def is_kept(pickup: Pickup) -> bool:
    """Whether a secret was given for the very server that the pickup names."""
    return (_store().root / _place(pickup)).is_file()


def forget_others(pickup: Pickup) -> None:
    """Have every secret gone but the one for the server that the pickup names. Raises OSError."""
    for kept in _store().root.glob(f"{pickup.pk}*.secret"):
        if kept.name != _place(pickup).name:
            kept.unlink(missing_ok=True)


def forget(pickup: Pickup) -> None:
    """Have its secrets gone. Raises OSError."""
    for kept in _store().root.glob(f"{pickup.pk}*.secret"):
        kept.unlink(missing_ok=True)


def reach() -> Reach:
    """Which servers the installation lets lists be fetched from."""
    return Reach(networks=settings.ENVIRONMENT.list_networks)


def folder_of(pickup: Pickup) -> FolderPlace:
    """The pickup's watched folder."""
    return FolderPlace(watched_folder(pickup))


def server_of(pickup: Pickup) -> SftpPlace:
    """The pickup's server with what it lets us in by. Raises PickupTrouble."""
    try:
        secret = (_store().root / _place(pickup)).read_bytes()
    except OSError as error:
        raise PickupTrouble(
            "No key or password for this server is in the data folder. Enter the pickup anew."
        ) from error
    is_key = pickup.proof == Proof.KEY
    return SftpPlace(
        host=pickup.host,
        port=pickup.port,
        login=pickup.login,
        folder=pickup.folder,
        host_key=pickup.host_key,
        reach=reach(),
        private_key=secret if is_key else None,
        password=None if is_key else secret.decode(),
    )


def _store() -> FileStore:
    return FileStore(settings.ENVIRONMENT.data / "pickup-secrets")


def _place(pickup: Pickup) -> Path:
    server = (pickup.way, pickup.proof, pickup.host, str(pickup.port), pickup.login, pickup.host_key)
    digest = hashlib.sha256("\0".join(server).encode()).hexdigest()
    return Path(f"{pickup.pk}-{digest}.secret")

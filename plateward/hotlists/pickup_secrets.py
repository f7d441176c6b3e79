"""What pickups prove themselves by, as files in the data folder that their owner alone may read."""

from pathlib import Path

from django.conf import settings

from plateward.documents.store import FileStore
from plateward.hotlists.pickup_models import Pickup, Proof
from plateward.hotlists.pickup_places import FolderPlace, PickupTrouble, SftpPlace


def watched_folder(pickup: Pickup) -> Path:
    """The folder that is watched for a list: nobody types a path."""
    root: Path = settings.ENVIRONMENT.pickup
    return root / pickup.agency_id / f"{pickup.source}-{pickup.origin}"


def keep(pickup: Pickup, secret: bytes) -> None:
    """Have the secret on disc, in the place of an earlier one. Raises OSError."""
    _store().replace(_place(pickup), secret)


def forget(pickup: Pickup) -> None:
    """Have the secret gone. Raises OSError."""
    _store().remove(_place(pickup))


def folder_of(pickup: Pickup) -> FolderPlace:
    """The pickup's watched folder."""
    return FolderPlace(watched_folder(pickup))


def server_of(pickup: Pickup) -> SftpPlace:
    """The pickup's server with what it lets us in by. Raises PickupTrouble."""
    try:
        secret = (_store().root / _place(pickup)).read_bytes()
    except OSError as error:
        raise PickupTrouble(
            "Its key or password is not in the data folder any more. Enter the pickup anew."
        ) from error
    is_key = pickup.proof == Proof.KEY
    return SftpPlace(
        host=pickup.host,
        port=pickup.port,
        login=pickup.login,
        folder=pickup.folder,
        host_key=pickup.host_key,
        private_key=secret if is_key else None,
        password=None if is_key else secret.decode(),
    )


def _store() -> FileStore:
    return FileStore(settings.ENVIRONMENT.data / "pickup-secrets")


def _place(pickup: Pickup) -> Path:
    return Path(f"{pickup.pk}.secret")

"""Where pickups look and what they prove themselves by: a secret wrapped by the master key, for one server.

Each belongs to the server that it was given for: where host, port, user or host key change, it is not found.
"""

import hashlib
from datetime import datetime
from pathlib import Path

from django.conf import settings

from plateward.devices.sealing import masters_that_wrap
from plateward.hotlists.pickup_models import Pickup, PickupSecret, Proof
from plateward.hotlists.pickup_places import FolderPlace, PickupTrouble, Reach, SftpPlace
from plateward.vault.chosen import masters_of
from plateward.vault.masters import MasterKeyError, Wrapped


def watched_folder(pickup: Pickup) -> Path:
    """The folder that is watched for a list: nobody types a path."""
    root: Path = settings.ENVIRONMENT.pickup
    return root / pickup.agency_id / f"{pickup.source}-{pickup.origin}"


def keep(pickup: Pickup, secret: bytes, now: datetime) -> None:
    """Keep the secret for the server it was given for, and no other one, in the caller's transaction.

    Raises MasterKeyError.
    """
    forget(pickup)
    kept = PickupSecret(agency_id=pickup.agency_id, pickup=pickup, server=_server(pickup), made_at=now)
    wrapped = masters_that_wrap().wrap(secret, kept.context)
    kept.master, kept.wrapped = wrapped.master, wrapped.key
    kept.save(force_insert=True)


def is_kept(pickup: Pickup) -> bool:
    """Whether a secret was given for the very server that the pickup names."""
    return PickupSecret.objects.filter(pickup=pickup, server=_server(pickup)).exists()


def forget_others(pickup: Pickup) -> None:
    """Have every secret gone but the one for the server that the pickup names."""
    PickupSecret.objects.filter(pickup=pickup).exclude(server=_server(pickup)).delete()


def forget(pickup: Pickup) -> None:
    """Have its secret gone."""
    PickupSecret.objects.filter(pickup=pickup).delete()


def reach() -> Reach:
    """Which servers the installation lets lists be fetched from."""
    return Reach(networks=settings.ENVIRONMENT.list_networks)


def folder_of(pickup: Pickup) -> FolderPlace:
    """The pickup's watched folder."""
    return FolderPlace(watched_folder(pickup))


def server_of(pickup: Pickup) -> SftpPlace:
    """The pickup's server with what it lets us in by. Raises PickupTrouble."""
    secret, is_key = _secret(pickup), pickup.proof == Proof.KEY
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


def _secret(pickup: Pickup) -> bytes:
    kept = PickupSecret.objects.filter(pickup=pickup, server=_server(pickup)).first()
    if kept is None:
        raise PickupTrouble("No key or password for this server is kept. Enter the pickup anew.")
    try:
        return masters_of(settings.ENVIRONMENT).unwrap(
            Wrapped(kept.master, bytes(kept.wrapped)), kept.context
        )
    except MasterKeyError as error:
        raise PickupTrouble(
            "The key or password for this server does not open. Have the I.T. manager see to the master key "
            f"(“plateward doctor” says more). {error}"
        ) from error


def _server(pickup: Pickup) -> str:
    """The server that a secret is for, as the SHA-256 of all that names it."""
    named = (pickup.way, pickup.proof, pickup.host, str(pickup.port), pickup.login, pickup.host_key)
    return hashlib.sha256("\0".join(named).encode()).hexdigest()

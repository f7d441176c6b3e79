"""A full disc, the data folder's or the database's: how it is known, and what is said of it."""

import errno
from typing import Final

import psycopg

NO_ROOM: Final = (
    "There is no room on the disc. Have the I.T. manager free some space (“plateward doctor” says which disc)"
)


def is_disc_full(error: BaseException) -> bool:
    """Whether something failed for want of room alone, and will do once there is some."""
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT}
    return isinstance(error.__cause__, psycopg.errors.DiskFull)

"""How often a program may ask, counted in the database so that all processes and servers share one count.

The generic cell rate algorithm: each request uses up its share of a minute; what was used runs off with the
clock. One row for each token and person says it all, nothing has to be cleaned up, and what is refused costs
nothing.
"""

import math
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from plateward.api import problems
from plateward.api.models import Token
from plateward.api.problems import Problem

MINUTE: Final = timedelta(minutes=1)
_SPEND: Final = """
INSERT INTO api_allowance AS kept (id, agency_id, free_at) VALUES (%(id)s, %(agency)s, %(spent)s)
ON CONFLICT (id) DO UPDATE
SET free_at = EXCLUDED.free_at + greatest(kept.free_at - %(now)s, interval '0')
RETURNING free_at
"""


def spend_token(token: Token, now: datetime) -> None:
    """Count a request by this token, whatever becomes of it. Raises Problem when it asks too often."""
    rate = settings.ENVIRONMENT.api_token_rate
    _spend(token.pk, token.agency_id, rate, f"This token may be used {rate} times a minute.", now)


def spend_person(token: Token, now: datetime) -> None:
    """Count a request by any token of its person. Raises Problem when they ask too often together."""
    rate = settings.ENVIRONMENT.api_person_rate
    said = f"All tokens of {token.user.username} together may be used {rate} times a minute."
    _spend(token.user_id, token.agency_id, rate, said, now)


@transaction.atomic
def _spend(key: UUID, agency: str, rate: int, said: str, now: datetime) -> None:
    share = MINUTE / rate
    given: dict[str, UUID | str | datetime] = {"id": key, "agency": agency, "now": now, "spent": now + share}
    with connection.cursor() as cursor:
        # A crash may forget the last few requests; nobody waits for the disc for them.
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute(_SPEND, given)
        ((free_at,),) = cursor.fetchall()
    over = free_at - now - MINUTE
    if over > timedelta():
        raise Problem(problems.TOO_MANY, said, headers={"Retry-After": str(math.ceil(over.total_seconds()))})

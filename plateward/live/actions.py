"""Publishing live events. PostgreSQL delivers a NOTIFY when, and only when, its transaction commits."""

import json

from django.db import connection

CHANNEL = "plateward_live"

ENDED = "ended"
"""A topic that nobody can ask for: its id is the person whose sessions ended."""


def publish(*, agency: str, topic: str, id: str) -> None:  # noqa: A002 - the event's field is called id
    """Tell the agency's open screens that the object `id` of `topic` changed; they fetch it themselves.

    Events carry ids only, so that each fragment is authorised again when it is fetched.
    """
    event = json.dumps({"agency": agency, "topic": topic, "id": id})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, event])


def end_streams(*, agency: str, person: str) -> None:
    """End the open streams of a person, by account id: whichever may go on is opened again by its page."""
    publish(agency=agency, topic=ENDED, id=person)

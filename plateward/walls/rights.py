"""What the product's roles may do in the database: the least that works, nothing that changes its structure.

The owner migrates and serves nobody. The application (web, worker, intake) reads and writes rows; where a
trigger says that a table only grows (journal, ledger) it may insert and read, no more. The receiver, which
faces the cameras' networks, knows devices' keys by their digests and puts payloads into the inbox.
"""

from dataclasses import dataclass
from typing import Any, Final

from psycopg import sql

from plateward.walls.policies import Cursor

OWNER: Final = "plateward"
APPLICATION: Final = "plateward_app"
INGEST: Final = "plateward_ingest"
"""Names of the roles where Plateward chooses them."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Who migrates, who runs the product, who receives. The same name twice: those walls are not up."""

    owner: str
    application: str
    ingest: str


# Where a function names its tables without a schema, a temporary table of that name must not come first.
_UNPINNED: Final = """
SELECT p.oid::regprocedure::text FROM pg_proc AS p
WHERE p.pronamespace = current_schema()::regnamespace AND starts_with(p.proname, 'plateward_')
  AND (p.prorettype = 'trigger'::regtype OR p.prosecdef)
  AND position('pg_temp' IN coalesce(array_to_string(p.proconfig, ','), '')) = 0
"""
_REFUSES: Final = """
EXISTS (SELECT FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid
        WHERE t.tgrelid = c.oid AND starts_with(p.proname, 'plateward_refuse_') AND t.tgtype & {} <> 0)
"""
_UPDATE, _DELETE = 16, 8  # bits of pg_trigger.tgtype
_READ_ONLY: Final = ("django_migrations",)

# Each table, what the role may do and what it should: s(elect), i(nsert), u(pdate), d(elete), x the rest.
_TABLES: Final = f"""
SELECT c.relname,
       concat(CASE WHEN has_table_privilege(%(role)s, c.oid, 'SELECT') THEN 's' END,
              CASE WHEN has_table_privilege(%(role)s, c.oid, 'INSERT') THEN 'i' END,
              CASE WHEN has_table_privilege(%(role)s, c.oid, 'UPDATE') THEN 'u' END,
              CASE WHEN has_table_privilege(%(role)s, c.oid, 'DELETE') THEN 'd' END,
              CASE WHEN has_table_privilege(%(role)s, c.oid, 'TRUNCATE, REFERENCES, TRIGGER') THEN 'x' END),
       CASE WHEN c.relkind = 'v' OR c.relname = ANY(%(read_only)s) THEN 's'
            ELSE concat('si', CASE WHEN NOT {_REFUSES.format(_UPDATE)} THEN 'u' END,
                              CASE WHEN NOT {_REFUSES.format(_DELETE)} THEN 'd' END) END
FROM pg_class AS c
WHERE c.relnamespace = current_schema()::regnamespace
  AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
ORDER BY c.relname
"""  # noqa: S608  put together from the constants above
_WORDS: Final = {"s": "SELECT", "i": "INSERT", "u": "UPDATE", "d": "DELETE"}

_FEED: Final = (
    "id",
    "agency_id",
    "device_id",
    "broker",
    "topics",
    "problem",
    "reported_at",
    "last_message_at",
    "last_topic",
    "messages",
    "left_out",
    "last_left_out_at",
    "last_reason",
)
_FEED_STAYS: Final = ("id", "agency_id", "device_id", "broker")
_INGEST: Final = (
    (
        "SELECT",
        "devices_device",
        (
            "id",
            "agency_id",
            "key_sha256",
            "is_enabled",
            "way",
            "allowed_sources",
            "format",
            "topics",
            "topic_camera",
        ),
    ),
    *((right, "devices_feed", _FEED) for right in ("SELECT", "INSERT")),
    ("UPDATE", "devices_feed", tuple(one for one in _FEED if one not in _FEED_STAYS)),
    ("SELECT", "devices_devicesecret", ("device_id", "login", "master", "wrapped")),
    ("SELECT", "devices_refusal", ("id",)),
    ("SELECT", "reads_inboxkey", ("id", "agency_id", "made_date", "public")),
    (
        "INSERT",
        "devices_refusal",
        ("id", "agency_id", "device_id", "reason", "addresses", "count", "first_at", "last_at"),
    ),
    (
        "SELECT",
        "reads_inboxitem",
        (
            "id",
            "device_id",
            "idempotency_key",
            "received_at",
            "body_sha256",
            "content_sha256",
            "state",
            "reason",
            "read_ids",
            "processed_at",
        ),
    ),
    (
        "INSERT",
        "reads_inboxitem",
        (
            "id",
            "agency_id",
            "device_id",
            "received_at",
            "source_address",
            "adapter",
            "content_type",
            "idempotency_key",
            "body",
            "body_key_id",
            "body_sha256",
            "content_sha256",
            "size",
        ),
    ),
)
"""What the receiver may do with which columns of which table."""
_COLUMNS: Final = """
SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
"""
_OWNERS: Final = (
    "plateward_add_reads_partition(timestamptz, text)",
    "plateward_refuse_old_snapshots(timestamptz)",
    "plateward_purge_partition(uuid, timestamptz)",
    "plateward_drop_empty_reads_partition(timestamptz)",
)
"""The owner's functions that the application may call."""


def missing_roles(cursor: Cursor, roles: Roles) -> list[str]:
    """Those of the roles that the server does not know."""
    wanted = dict.fromkeys((roles.owner, roles.application, roles.ingest))
    cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [list(wanted)])
    known = {name for (name,) in cursor.fetchall()}
    return [name for name in wanted if name not in known]


def apply(cursor: Cursor, roles: Roles) -> None:
    """Give application and receiver their rights, and everybody else none to make tables of their own.

    A role that does not exist, or is the owner itself, is passed over; `plateward doctor` tells of it.
    """
    cursor.execute("SELECT current_user, current_database(), current_schema()")
    ((me, database, schema),) = cursor.fetchall()
    known = {roles.application, roles.ingest} - {me, *missing_roles(cursor, roles)}
    if not known:
        return
    cursor.execute(
        sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)),
    )
    cursor.execute(_UNPINNED)
    for (function,) in cursor.fetchall():
        cursor.execute(f"ALTER FUNCTION {function} SET search_path = {schema}, pg_temp")
    cursor.execute(sql.SQL("REVOKE CREATE ON SCHEMA {} FROM PUBLIC").format(sql.Identifier(schema)))
    if roles.application in known:
        _let_application(cursor, roles.application, schema)
    if roles.ingest in known - {roles.application}:
        _let_receiver(cursor, roles.ingest)


def _let_application(cursor: Cursor, role: str, schema: str) -> None:
    grantee = sql.Identifier(role)
    cursor.execute("SELECT current_database()")
    ((database,),) = cursor.fetchall()
    # The intake copies into a table of its own for the moment, then inserts from there.
    cursor.execute(sql.SQL("GRANT TEMPORARY ON DATABASE {} TO {}").format(sql.Identifier(database), grantee))
    cursor.execute(_TABLES, {"role": role, "read_only": list(_READ_ONLY)})
    for table, has, wanted in cursor.fetchall():
        if has != wanted:
            words = sql.SQL(", ".join(_WORDS[letter] for letter in wanted))
            cursor.execute(sql.SQL("REVOKE ALL ON {} FROM {}").format(sql.Identifier(table), grantee))
            cursor.execute(sql.SQL("GRANT {} ON {} TO {}").format(words, sql.Identifier(table), grantee))
    cursor.execute(
        sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA {} TO {}").format(sql.Identifier(schema), grantee)
    )
    for function in _OWNERS:
        cursor.execute("SELECT to_regprocedure(%s) IS NOT NULL", [function])
        if cursor.fetchall() == [(True,)]:
            cursor.execute(sql.SQL("GRANT EXECUTE ON FUNCTION " + function + " TO {}").format(grantee))


def _let_receiver(cursor: Cursor, role: str) -> None:
    """Columns that a database migrated part of the way does not have yet are left out."""
    for right, table, columns in _INGEST:
        cursor.execute(_COLUMNS, [table])
        there = {name for (name,) in cursor.fetchall()}
        if wanted := [sql.Identifier(column) for column in columns if column in there]:
            granted = sql.SQL("GRANT {} ({}) ON {} TO {}").format(
                sql.SQL(right), sql.SQL(", ").join(wanted), sql.Identifier(table), sql.Identifier(role)
            )
            cursor.execute(granted)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a connected role could do against the walls."""

    role: str
    bypasses: bool
    """True of superusers and roles with BYPASSRLS, whom no policy holds."""
    owns: bool
    changes_journal: bool

    @property
    def is_held(self) -> bool:
        """Whether the walls hold this role."""
        return not (self.bypasses or self.owns or self.changes_journal)


_STANDING: Final = """
SELECT current_user, r.rolsuper OR r.rolbypassrls,
       pg_has_role(current_user, c.relowner, 'MEMBER'),
       has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')
FROM pg_roles AS r, pg_class AS c
WHERE r.rolname = current_user AND c.oid = 'audit_auditrecord'::regclass
"""


def standing(cursor: Any) -> Standing:
    """How the connected role stands to the walls; the tables must exist."""
    cursor.execute(_STANDING)
    ((role, bypasses, owns, changes),) = cursor.fetchall()
    return Standing(role, bypasses, owns, changes)

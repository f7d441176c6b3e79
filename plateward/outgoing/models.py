"""The outbox: what happened to alerts, who hears of it and by what, and each message on its way."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from plateward.accounts.models import Agency, User
from plateward.alerts.models import Alert, Hit
from plateward.alerts.rules import AlertChange
from plateward.outgoing.person_rules import Wish
from plateward.outgoing.rules import MessageState, SystemKind, SystemState
from plateward.policy import CategoryPriority

_CHANGES = [(one.value, one.value.capitalize()) for one in AlertChange]


class Event(models.Model):
    """Something happened to an alert: written in the transaction in which it did, ids only.

    The worker makes messages of it, and says so in `spread_at`. `came_alive`: it is the first live hit of an
    alert that only late reads had raised.
    """

    id = models.BigAutoField(primary_key=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="+")
    hit = models.ForeignKey(Hit, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    what = models.CharField(max_length=8, choices=_CHANGES)
    status = models.CharField(max_length=14)
    happened_at = models.DateTimeField()
    came_alive = models.BooleanField(default=False, db_default=False)
    spread_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)
        indexes = (
            models.Index(fields=["id"], condition=Q(spread_at__isnull=True), name="outgoing_event_waiting"),
        )

    def __str__(self) -> str:
        return f"{self.alert_id} {self.what}"


class System(models.Model):
    """Another system that alerts are sent to: a dispatch system (CAD), or what carries messages to people.

    Those of people are the mail server and the push service of each browser maker. `url` is where it is,
    of the mail server "". `whats` are the changes it hears of, `categories` the kinds of entries (none:
    all). `failing_since_at` is the first failure since the last success; until `rests_until_at` it is left
    alone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(
        max_length=7,
        choices=[(one.value, one.label) for one in SystemKind],
        default=SystemKind.WEBHOOK,
        db_default=SystemKind.WEBHOOK,
    )
    name = models.CharField(max_length=100)
    purpose = models.CharField(max_length=300)
    url = models.CharField(max_length=500, blank=True)
    whats = ArrayField(models.CharField(max_length=8, choices=_CHANGES))
    categories = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    state = models.CharField(
        max_length=4, choices=[(one.value, one.label) for one in SystemState], default=SystemState.ON
    )
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=200)
    arrived_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    failing_since_at = models.DateTimeField(null=True, blank=True)
    rests_until_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=["agency", "kind", "name"], name="outgoing_system_name_once"),
            models.CheckConstraint(condition=~Q(whats=[]), name="outgoing_system_hears_something"),
        )

    def __str__(self) -> str:
        return self.name


class Secret(models.Model):
    """A secret that signs a system's messages, wrapped by the master key (AES-256-GCM) and bound to its row.

    After a rotation the earlier one counts until `until_at`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="secrets")
    master = models.CharField(max_length=100)
    wrapped = models.BinaryField()
    made_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-made_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["system"], condition=Q(until_at__isnull=True), name="outgoing_secret_one_newest"
            ),
        )

    def __str__(self) -> str:
        return f"secret of {self.system_id}"

    @property
    def context(self) -> str:
        """What the wrapped secret is bound to."""
        return f"outgoing/{self.agency_id}/{self.system_id}/{self.pk}"


class PushKey(models.Model):
    """The key by which push services know an agency's messages (RFC 8292), wrapped by the master key.

    `public` is its public half as browsers take it, an uncompressed point of P-256 in base64url.
    """

    agency = models.OneToOneField(Agency, on_delete=models.PROTECT, related_name="+", primary_key=True)
    public = models.CharField(max_length=88)
    master = models.CharField(max_length=100)
    wrapped = models.BinaryField()
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"push key of {self.agency_id}"

    @property
    def context(self) -> str:
        """What the wrapped key is bound to."""
        return f"outgoing/{self.agency_id}/push"


class Telling(models.Model):
    """How a person chose to be told that an alert waits; who has no row is told of none.

    `mail` and `push` are the kinds of entries told of by each way. The address counts once its person opened
    the link that was sent there. Between `quiet_from` and `quiet_until`, times of the agency's day, nothing
    is sent.
    """

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="telling", primary_key=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    mail = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    push = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    least = models.CharField(
        max_length=6, choices=[(one.value, one.value.capitalize()) for one in CategoryPriority]
    )
    late_too = models.BooleanField(default=False)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    address = models.EmailField(blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=F("quiet_until")),
                name="outgoing_telling_quiet_has_both",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | ~Q(address=""),
                name="outgoing_telling_confirmed_address",
            ),
        )

    def __str__(self) -> str:
        return f"how {self.user_id} is told"

    @property
    def wish(self) -> Wish:
        """What was chosen, as the rules take it."""
        return Wish(
            mail=frozenset(self.mail),
            push=frozenset(self.push),
            least=CategoryPriority(self.least),
            late_too=self.late_too,
            quiet_from=self.quiet_from,
            quiet_until=self.quiet_until,
        )


class Browser(models.Model):
    """A browser on which a person is told by push (RFC 8030), until it or its person wants no more.

    `endpoint` is the address that its push service gave it, `p256dh` and `auth` the keys for it alone
    (RFC 8291) in base64url; they go when it is removed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    endpoint = models.CharField(max_length=1000)
    p256dh = models.CharField(max_length=88)
    auth = models.CharField(max_length=24)
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-added_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["agency", "endpoint"],
                condition=Q(removed_at__isnull=True),
                name="outgoing_browser_endpoint_once",
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True) | Q(endpoint="", p256dh="", auth=""),
                name="outgoing_browser_removed_forgotten",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Message(models.Model):
    """One message to one system; its id names it there too, in every try.

    `person` is whom it tells, null for a system's own; `browser` where, of push.

    `event` is null for a test. `access_record_id` is the record of the alert's data leaving (R47), written
    before the first try, and again before one that would tell more or less, or go elsewhere. A process that
    takes it on moves `next_at` on, so that it is tried again should the process die.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="messages")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    browser = models.ForeignKey(
        Browser, on_delete=models.PROTECT, related_name="messages", null=True, blank=True
    )
    state = models.CharField(
        max_length=8, choices=[(one.value, one.label) for one in MessageState], default=MessageState.WAITING
    )
    made_at = models.DateTimeField()
    next_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)
    last_status = models.PositiveSmallIntegerField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    access_record_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ("-made_at",)
        indexes = (
            models.Index(fields=["next_at"], condition=Q(state="WAITING"), name="outgoing_message_due"),
            models.Index(fields=["system", "-made_at"], name="outgoing_message_of_system"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["system", "event"],
                condition=Q(person__isnull=True),
                name="outgoing_message_once_per_event",
            ),
            models.UniqueConstraint(
                fields=["system", "event", "person"],
                condition=Q(person__isnull=False, browser__isnull=True),
                name="outgoing_message_once_per_person",
            ),
            models.UniqueConstraint(
                fields=["event", "browser"],
                condition=Q(browser__isnull=False),
                name="outgoing_message_once_per_browser",
            ),
            models.CheckConstraint(
                condition=Q(browser__isnull=True) | Q(person__isnull=False),
                name="outgoing_message_browser_of_person",
            ),
            models.CheckConstraint(
                condition=Q(state="WAITING", ended_at__isnull=True)
                | ~Q(state="WAITING") & Q(ended_at__isnull=False),
                name="outgoing_message_ended_has_time",
            ),
            models.CheckConstraint(
                condition=Q(next_at__gte=F("made_at")), name="outgoing_message_not_before"
            ),
        )

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"

    @property
    def number(self) -> str:
        """Its id as the system sees it."""
        return f"msg_{self.pk.hex}"

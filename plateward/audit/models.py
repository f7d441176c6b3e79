"""Journal rows. They hold no foreign keys: they outlive what they describe."""

from django.db import models
from django.db.models.fields.json import KT
from django.db.models.functions import Upper

from plateward.audit.timekeeping import ClockState
from plateward.plates.text import LOOK_ALIKES


def folded_plate() -> models.Func:
    """An access record's plate or pattern with look-alikes folded, as plates.text.plate_key does."""
    misread, kept = "".join(LOOK_ALIKES), "".join(LOOK_ALIKES.values())
    return models.Func(
        models.F("plate"),
        models.Value(misread),
        models.Value(kept),
        function="translate",
        output_field=models.TextField(),
    )


class AuditRecord(models.Model):
    """One journaled fact. The database refuses UPDATE, DELETE and TRUNCATE (see the migrations).

    `agency` is empty for what concerns the whole installation, such as a log-in under a name nobody has.
    """

    recorded_at = models.DateTimeField()
    verb = models.CharField(max_length=80)
    agency = models.CharField(max_length=60)
    username = models.CharField(max_length=150)
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=64, blank=True)
    subject = models.CharField(max_length=200)
    detail = models.JSONField(default=dict)
    profile_version = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["agency", "-id"], name="audit_agency_newest"),
            models.Index(fields=["subject"], name="audit_subject"),
            models.Index(fields=["agency", "username", "-id"], name="audit_user_newest"),
        )
        constraints = (
            # What was recorded locally is merged once, however often that is begun.
            models.UniqueConstraint(
                KT("detail__local_id"),
                condition=models.Q(detail__has_key="local_id"),
                name="audit_local_record_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.recorded_at:%Y-%m-%d %H:%M:%S} {self.username} {self.verb} {self.subject}"


class AccessRecord(models.Model):
    """One access to ALPR information, with everything Civil Code § 1798.90.52 asks for, and the result count.

    `elements` holds every data element the query was made with; `plate` repeats the plate or pattern among
    them, so that "who looked at this plate" is one look-up (R54). `result_count` is exact unless
    `is_count_bounded`: then there were more. `flags` name what a reviewer should look at in the reason (R46).
    `audit_id` is the journal row of the same act.
    """

    accessed_at = models.DateTimeField()
    agency = models.CharField(max_length=60)
    organization = models.CharField(max_length=200)
    username = models.CharField(max_length=150)
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=64, blank=True)
    elements = models.JSONField()
    plate = models.CharField(max_length=40, blank=True)
    purpose = models.CharField(max_length=60)
    reason = models.TextField(blank=True)
    reference = models.CharField(max_length=80, blank=True)
    result_count = models.PositiveIntegerField()
    is_count_bounded = models.BooleanField(default=False)
    flags = models.JSONField(default=list)
    subject = models.CharField(max_length=200)
    profile_version = models.CharField(max_length=40, blank=True)
    audit_id = models.BigIntegerField()

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["agency", "-id"], name="access_agency_newest"),
            models.Index(fields=["agency", "username", "-id"], name="access_user_newest"),
            models.Index(fields=["agency", "plate"], name="access_plate"),
            models.Index(folded_plate(), "agency", name="access_plate_key"),
            models.Index(fields=["audit_id"], name="access_journal_row"),
            models.Index(
                fields=["agency"], condition=models.Q(plate__regex="[?*]"), name="access_partial_plates"
            ),
            models.Index(
                Upper("reference"), "agency", condition=~models.Q(reference=""), name="access_reference"
            ),
        )
        constraints = (
            models.CheckConstraint(condition=~models.Q(purpose=""), name="access_names_its_purpose"),
            models.CheckConstraint(condition=~models.Q(username=""), name="access_names_its_user"),
        )

    def __str__(self) -> str:
        return f"{self.accessed_at:%Y-%m-%d %H:%M:%S} {self.username} {self.purpose} ({self.result_count})"


class Unsealed(models.Model):
    """A journal row that waits for its place in the tree; a trigger enters it in the row's own transaction.

    So a row that is committed late, after rows with higher numbers were sealed, is not missed.
    """

    audit_id = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return f"row {self.audit_id} waits"


class Leaf(models.Model):
    """A journal row's place in the tree: `data` is hashed exactly as it stands (see ledger.leaves).

    The database refuses UPDATE, DELETE and TRUNCATE here and in the three tables below.
    """

    index = models.BigIntegerField(primary_key=True)
    audit_id = models.BigIntegerField(unique=True)
    data = models.BinaryField()
    salt = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        ordering = ("index",)

    def __str__(self) -> str:
        return f"leaf {self.index} of row {self.audit_id}"


class TreeNode(models.Model):
    """Hash over 2**level leaves from index * 2**level on; kept on levels 8, 16… (see ledger.tiles)."""

    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["level", "index"], name="audit_treenode_place"),)

    def __str__(self) -> str:
        return f"node {self.level}/{self.index}"


class TreeHead(models.Model):
    """A signed checkpoint over the first `size` leaves; `key` is the public key that verifies `note`."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    note = models.TextField()
    key = models.CharField(max_length=300)
    sealed_at = models.DateTimeField()

    class Meta:
        ordering = ("-size",)

    def __str__(self) -> str:
        return f"{self.size} rows, sealed {self.sealed_at:%Y-%m-%d %H:%M:%S}"


class Cosignature(models.Model):
    """A witness's line under the checkpoint of `size` leaves."""

    size = models.BigIntegerField()
    witness = models.CharField(max_length=200)
    line = models.CharField(max_length=500)
    cosigned_at = models.DateTimeField()

    class Meta:
        ordering = ("-size",)
        constraints = (models.UniqueConstraint(fields=["size", "witness"], name="audit_cosignature_once"),)

    def __str__(self) -> str:
        return f"{self.witness} on {self.size} rows"


class LedgerCheck(models.Model):
    """One of the worker's looks at the ledger: all since the last good look, and a portion of what is older.

    `size` and `root` are the head looked at; `portion_end` is the leaf and `portion_row` the row before which
    the next portion begins, 0 once a round over everything is done. Append-only like the journal.
    """

    checked_at = models.DateTimeField()
    size = models.BigIntegerField()
    root = models.BinaryField()
    rows = models.BigIntegerField()
    portion_end = models.BigIntegerField()
    portion_row = models.BigIntegerField()
    defects = models.JSONField(default=list)
    clock = models.CharField(max_length=14, choices=[(state.value, state.words) for state in ClockState])

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.checked_at:%Y-%m-%d %H:%M:%S}: {'FAIL' if self.defects else 'PASS'}, {self.rows} rows"


class AlarmKind(models.TextChoices):
    """What an alarm about the journal says."""

    MODIFIED = "MODIFIED", "The journal is not what was sealed"
    LATE = "LATE", "The journal is not being sealed"
    CLOCK = "CLOCK", "The clock went back"
    MISSING = "MISSING", "Known acts are not wholly on record"
    DOWN = "DOWN", "The journal could not be written"
    LOCAL = "LOCAL", "A local journal was changed"


class LedgerAlarm(models.Model):
    """Something wrong with the journal itself (R133, R135); open until a person answers it or it is over."""

    kind = models.CharField(max_length=8, choices=AlarmKind.choices)
    told = models.JSONField()
    raised_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=200, blank=True)
    answer = models.TextField(blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True) | ~models.Q(ended_by=""),
                name="ledger_alarm_ended_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} since {self.raised_at:%Y-%m-%d %H:%M:%S}"


class PruningState(models.TextChoices):
    """How a pruning stands."""

    PROPOSED = "PROPOSED", "waits for a second person"
    APPROVED = "APPROVED", "under way"
    REFUSED = "REFUSED", "refused"
    DONE = "DONE", "done"


class Pruning(models.Model):
    """An order to destroy the plate details of an agency's accesses before `until_at` (R137).

    One person proposes it and another decides. `period` says how long details stay and by which clause.
    """

    agency = models.CharField(max_length=60)
    until_at = models.DateTimeField()
    period = models.CharField(max_length=300)
    reason = models.TextField()
    proposed_by = models.CharField(max_length=150)
    proposed_by_name = models.CharField(max_length=200)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=150, blank=True)
    decided_by_name = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=PruningState.choices, default=PruningState.PROPOSED)
    rows = models.BigIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(decided_by=models.F("proposed_by")), name="pruning_takes_two_people"
            ),
            models.UniqueConstraint(
                fields=["agency"],
                condition=models.Q(state__in=["PROPOSED", "APPROVED"]),
                name="pruning_one_at_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.agency}, accesses before {self.until_at:%Y-%m-%d}: {self.state}"


class PrunedRow(models.Model):
    """A tombstone: the details of this access were destroyed by the act in the journal row `act_id`.

    The database refuses one for a row within its period, and changes a journal row only where one stands.
    """

    audit_id = models.BigIntegerField(primary_key=True)
    pruning_id = models.BigIntegerField()
    act_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"row {self.audit_id}, pruned by the act in row {self.act_id}"

"""Reviews of accesses with their items, and the keyed digests of employees' own plates."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from plateward.accounts.models import Agency, User
from plateward.oversight.rules import FLAG_NAMES, ItemAct, ItemState

SAMPLE = "SAMPLE"


class Review(models.Model):
    """The look through the access records of one span of time; each begins where the one before ended.

    `seed` lets anybody draw the sample again from the `population` records that no flag was about. It saw
    the first `sealed_size` rows of the sealed journal and the `unsealed_rows` that waited for their seal;
    what comes on record later about the time before is the next review's.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    seed = models.CharField(max_length=200)
    sealed_size = models.BigIntegerField(null=True)
    unsealed_rows = ArrayField(models.BigIntegerField(), default=list)
    accesses = models.PositiveIntegerField()
    population = models.PositiveIntegerField()
    profile_version = models.CharField(max_length=40)

    class Meta:
        ordering = ("-until_at",)
        constraints = (
            models.UniqueConstraint(fields=["agency", "from_at"], name="review_begins_once"),
            models.CheckConstraint(
                condition=models.Q(until_at__gt=models.F("from_at")), name="review_ends_after_it_begins"
            ),
        )

    def __str__(self) -> str:
        return f"{self.agency_id} {self.from_at:%Y-%m-%d} to {self.until_at:%Y-%m-%d}"


class ReviewItem(models.Model):
    """One person's accesses that a flag is about, or one drawn at random; `kind` says which.

    `access_ids` are access records, `refusal_ids` journal rows; neither is a foreign key, as nowhere.
    `position` is the one that reviews it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="items")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=[*FLAG_NAMES.items(), (SAMPLE, "Drawn at random")])
    explanation = models.TextField()
    access_ids = models.JSONField(default=list)
    refusal_ids = models.JSONField(default=list)
    position = models.SlugField(max_length=60)
    state = models.CharField(
        max_length=14, choices=[(state.value, state.label) for state in ItemState], default=ItemState.OPEN
    )
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("review", "kind", "person__username")
        indexes = (models.Index(fields=["agency", "person", "state"], name="review_item_person"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("person")),
                name="review_item_never_decided_by_oneself",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=("IN_POLICY", "OUT_OF_POLICY"),
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                )
                | ~models.Q(state__in=("IN_POLICY", "OUT_OF_POLICY"))
                & models.Q(decided_by__isnull=True, decided_at__isnull=True),
                name="review_item_decided_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} of {self.person_id}: {self.state}"


class ReviewStep(models.Model):
    """What was done with an item, in order: asked, answered, decided, each with its words."""

    item = models.ForeignKey(ReviewItem, on_delete=models.PROTECT, related_name="steps")
    act = models.CharField(max_length=20, choices=[(act.value, act.value) for act in ItemAct])
    note = models.CharField(max_length=1000)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.act} of {self.item_id}"


class OwnPlate(models.Model):
    """A plate that a person gave as their own or their household's; only its keyed, salted digest is kept.

    It answers one question: was this plate looked at? It cannot be read back, by nobody.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    salt = models.BinaryField()
    digest = models.BinaryField()
    entered_by = models.CharField(max_length=200)
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ("entered_at",)

    def __str__(self) -> str:
        return f"a plate of {self.person_id}"


class CompletenessTest(models.Model):
    """One look whether known acts, done by a synthetic person, are wholly on record (R124).

    `results` holds each act with its verb, its journal row and what was missing.
    """

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    tested_at = models.DateTimeField()
    tested_by = models.CharField(max_length=200)
    results = models.JSONField()
    is_complete = models.BooleanField()
    profile_version = models.CharField(max_length=40)

    class Meta:
        ordering = ("-tested_at",)

    def __str__(self) -> str:
        return (
            f"{self.agency_id} {self.tested_at:%Y-%m-%d}: {'complete' if self.is_complete else 'incomplete'}"
        )

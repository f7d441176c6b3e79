"""Security incidents, and what was done with each."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from plateward.accounts.models import Agency, User
from plateward.incidents.affected import Source
from plateward.incidents.rules import Act, Data, How, State, Step

_ENDED = (State.CLOSED.value, State.NO_BREACH.value)


class Incident(models.Model):
    """One incident; `number` counts in the agency. `about` is who caused it, where that is known.

    `californians` are those who get the notice, empty until that is known. Nobody ends an incident about
    themself, and no other than whoever ended it gave the reason, which stands in its last entry.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    what = models.TextField(max_length=4000)
    systems = models.CharField(max_length=400, blank=True)
    touched = ArrayField(models.CharField(max_length=10, choices=[(one.value, one.label) for one in Data]))
    about = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    discovered_at = models.DateTimeField()
    reported_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()
    californians = models.PositiveIntegerField(null=True, blank=True)
    state = models.CharField(
        max_length=10, choices=[(state.value, state.label) for state in State], default=State.OPEN.value
    )
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=["agency", "number"], name="incident_number_once"),
            models.CheckConstraint(
                condition=Q(discovered_at__lte=F("reported_at")), name="incident_discovered_before_reported"
            ),
            models.CheckConstraint(condition=~Q(ended_by=F("about")), name="incident_never_ended_by_oneself"),
            models.CheckConstraint(
                condition=Q(state__in=_ENDED, ended_by__isnull=False, ended_at__isnull=False)
                | ~Q(state__in=_ENDED) & Q(ended_by__isnull=True, ended_at__isnull=True),
                name="incident_ended_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What people call it."""
        return f"I-{self.number}"

    @property
    def data(self) -> list[Data]:
        """What it touched."""
        return [Data(one) for one in self.touched]


class Done(models.Model):
    """A step of the checklist that was done, by whom and when; `note` says how."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="done")
    step = models.CharField(max_length=10, choices=[(step.value, step.label) for step in Step])
    note = models.CharField(max_length=2000)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=["incident", "step"], name="incident_step_once"),
            models.CheckConstraint(condition=~Q(note=""), name="incident_step_says_how"),
            models.CheckConstraint(
                condition=Q(done_at__lte=F("recorded_at")), name="incident_step_is_not_to_come"
            ),
        )

    def __str__(self) -> str:
        return f"{self.step} of {self.incident_id}"


class Entry(models.Model):
    """What was done with an incident, in order, each with its words."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="entries")
    act = models.CharField(max_length=8, choices=[(act.value, act.label) for act in Act])
    note = models.CharField(max_length=2000, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.act} of {self.incident_id}"


class Affected(models.Model):
    """Which accesses were looked at for an incident, frozen: their numbers, the figures and their SHA-256.

    What the accesses say stays in the access records alone, so that what is destroyed there is gone.
    `usernames` empty means every account. `results` is at least so many where `is_bounded`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="affected")
    usernames = ArrayField(models.CharField(max_length=150), blank=True)
    sources = ArrayField(models.CharField(max_length=10, choices=[(s.value, s.label) for s in Source]))
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    access_ids = ArrayField(models.BigIntegerField(), blank=True)
    results = models.BigIntegerField()
    is_bounded = models.BooleanField()
    plates = models.PositiveIntegerField()
    reads = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("-made_at",)
        constraints = (
            models.CheckConstraint(condition=Q(from_at__lt=F("until_at")), name="affected_in_a_time"),
        )

    def __str__(self) -> str:
        return f"{len(self.access_ids)} accesses of {self.incident_id}"


class Letter(models.Model):
    """A notice of data breach as it was written (Civil Code 1798.29(d)); a later one does not change it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="letters")
    content = models.JSONField()
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        ordering = ("-written_at",)

    def __str__(self) -> str:
        return f"letter of {self.incident_id}"


class Sending(models.Model):
    """A letter as it was sent: to whom, how many, how and when (Civil Code 1798.29(i))."""

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="sendings")
    to = models.CharField(max_length=400)
    people = models.PositiveIntegerField()
    how = models.CharField(max_length=10, choices=[(how.value, how.label) for how in How])
    sent_date = models.DateField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = (models.CheckConstraint(condition=~Q(to=""), name="sending_to_somebody"),)

    def __str__(self) -> str:
        return f"{self.letter_id} to {self.people}"


class Delay(models.Model):
    """A law enforcement agency asked that the notice wait (Civil Code 1798.29(c)), perhaps until a day."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="delays")
    asked_by = models.CharField(max_length=200)
    until_date = models.DateField(null=True, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = (models.CheckConstraint(condition=~Q(asked_by=""), name="delay_asked_by_somebody"),)

    def __str__(self) -> str:
        return f"delay of {self.incident_id}"

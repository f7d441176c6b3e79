"""Notices. They lie below the accounts, so that anything may leave one: people are ids, agencies slugs."""

import uuid

from django.db import models
from django.db.models import F, Q

from plateward.notices.rules import NoticeState, state_of


class Notice(models.Model):
    """One thing that waits for a person or the holder of a position.

    `key` names its occasion: the same occasion raises one notice. A task ends when what it asks for is done;
    anything else when its addressee has seen it. Past `due_at` it waits for `escalates_to` as well.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.SlugField(max_length=60)
    key = models.CharField(max_length=200)
    kind = models.SlugField(max_length=60)
    is_task = models.BooleanField()
    user_id = models.UUIDField(null=True, blank=True)
    position = models.CharField(max_length=60, blank=True)
    text = models.CharField(max_length=300)
    link = models.CharField(max_length=200, blank=True)
    subject = models.CharField(max_length=120, blank=True)
    raised_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    escalates_to = models.CharField(max_length=60, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = (F("due_at").asc(nulls_last=True), "raised_at")
        indexes = (
            models.Index(
                fields=["agency", "user_id", "position"],
                condition=Q(done_at__isnull=True),
                name="notice_waiting",
            ),
            models.Index(
                fields=["due_at"],
                condition=Q(done_at__isnull=True, escalated_at__isnull=True),
                name="notice_due",
            ),
            models.Index(fields=["agency", "subject"], name="notice_subject"),
        )
        constraints = (
            models.UniqueConstraint(fields=["agency", "key"], name="notice_once_for_its_occasion"),
            models.CheckConstraint(
                condition=Q(user_id__isnull=True) & ~Q(position="") | Q(user_id__isnull=False, position=""),
                name="notice_waits_for_one",
            ),
            models.CheckConstraint(
                condition=Q(due_at__isnull=True) | Q(due_at__gte=F("raised_at")),
                name="notice_due_after_it_was_raised",
            ),
            models.CheckConstraint(
                condition=Q(escalates_to="") | Q(due_at__isnull=False), name="notice_escalates_when_due"
            ),
            models.CheckConstraint(
                condition=Q(escalated_at__isnull=True) | ~Q(escalates_to=""),
                name="notice_escalated_to_somebody",
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, done_by="") | Q(done_at__isnull=False) & ~Q(done_by=""),
                name="notice_done_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"{self.agency} {self.key}"

    @property
    def state(self) -> NoticeState:
        """The state that its moments amount to."""
        return state_of(self.done_at, self.escalated_at)

"""Agencies, their people, and the training each person has completed."""

import uuid
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class Agency(models.Model):
    """A police agency; its written policy is the profile in force (see governance)."""

    id = models.SlugField(primary_key=True, max_length=60)
    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=60)
    ori = models.CharField(max_length=9, blank=True)
    time_zone = models.CharField(max_length=60, default="America/Los_Angeles")

    class Meta:
        ordering = ("id",)
        verbose_name_plural = "agencies"

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a person by username whatever its capitals: nobody is locked out by a capital letter."""
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """One person. What they may do follows from `title` through the agency's profile, never from here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = models.CharField(max_length=150, unique=True)
    full_name = models.CharField(max_length=200)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="users")
    title = models.CharField(max_length=60)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name", "title"]

    class Meta:
        ordering = ("username",)

    def __str__(self) -> str:
        return f"{self.full_name} ({self.username})"


class Certification(models.Model):
    """A completed course of department-approved training (B-466.8, H-426.7)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="certifications")
    course = models.SlugField(max_length=60)
    completed_date = models.DateField()
    expires_date = models.DateField(null=True, blank=True)
    certified_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ("-completed_date",)
        constraints = (
            models.UniqueConstraint(
                fields=["user", "course", "completed_date"], name="certification_once_a_day"
            ),
            models.CheckConstraint(
                condition=models.Q(expires_date__isnull=True)
                | models.Q(expires_date__gt=models.F("completed_date")),
                name="certification_expires_after_completion",
            ),
            models.CheckConstraint(
                condition=~models.Q(certified_by=models.F("user")), name="certification_never_by_oneself"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.course} on {self.completed_date}"

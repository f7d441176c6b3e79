"""API tokens, each of one person for one purpose."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from plateward.accounts.models import Agency, User
from plateward.api.rules import TokenFacts


class Token(models.Model):
    """What a program shows to ask for its person: for one purpose, with some of their capabilities.

    Of the token only the SHA-256 is kept: it is 256 random bits, so a slow hash would protect nothing.
    `use` says what the program does; `roles` are its person's when they made it. Rows stay when tokens end.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_tokens")
    use = models.CharField(max_length=200)
    purpose = models.CharField(max_length=60)
    capabilities = ArrayField(models.CharField(max_length=40))
    roles = models.TextField()
    sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=200, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    used_from = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ("-made_at",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("made_at")), name="token_expires_after_it_is_made"
            ),
            models.CheckConstraint(condition=~models.Q(capabilities=[]), name="token_opens_something"),
        )

    def __str__(self) -> str:
        return f"{self.user_id}: {self.use}"

    @property
    def facts(self) -> TokenFacts:
        """The token's facts as the rules take them."""
        return TokenFacts(
            purpose=self.purpose,
            capabilities=frozenset(self.capabilities),
            roles=self.roles,
            made_at=self.made_at,
            expires_at=self.expires_at,
            revoked_at=self.revoked_at,
        )


class Allowance(models.Model):
    """How much a token, or all tokens of a person, asked lately; `id` is the token's or the person's.

    `free_at`, when all of it is free again, runs ahead of the clock by what was used up (see rates).
    """

    id = models.UUIDField(primary_key=True, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    free_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.pk}: {self.free_at}"

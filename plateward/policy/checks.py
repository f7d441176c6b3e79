"""What one part of a profile says about another must hold; each problem names its place."""

from plateward.policy.profile import Profile


def problems_of(profile: Profile) -> list[str]:
    """Return one sentence per contradiction; empty when the profile holds together."""
    return []

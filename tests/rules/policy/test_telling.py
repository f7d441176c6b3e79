"""By which ways people may be told that an alert waits: what is not decided is refused."""

from collections.abc import Callable

import pytest

from plateward.policy import Profile, TellingWay
from plateward.policy.outgoing import way_of_telling

Changed = Callable[..., Profile]
RULE = "outgoing/told_by"


@pytest.mark.clause("B-466.6(a)", "H-426.5(a)")
@pytest.mark.parametrize("way", TellingWay)
def test_silence_tells_nobody_and_says_what_to_decide(either: Profile, way: TellingWay) -> None:
    decision = way_of_telling(either, way)
    assert not decision
    assert decision.reason.startswith("The policy does not say whether people are told by")
    assert "Have the agency decide it" in decision.remedy


def test_each_way_is_decided_by_itself(changed: Changed) -> None:
    profile = changed({RULE: {"clause": "B-466.6(a)", "value": ["MAIL"]}})
    by_mail, by_push = (way_of_telling(profile, way) for way in (TellingWay.MAIL, TellingWay.PUSH))
    assert (by_mail.allowed, by_mail.clause) == (True, "B-466.6(a)")
    assert (by_push.allowed, by_push.reason) == (
        False,
        "The agency does not let people be told by push messages.",
    )


def test_none_at_all_can_be_decided_too(changed: Changed) -> None:
    profile = changed({RULE: {"clause": "B-466.6(a)", "value": []}})
    assert "does not let" in way_of_telling(profile, TellingWay.MAIL).reason

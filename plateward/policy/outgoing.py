"""What may leave because of an alert; what the policy does not settle does not leave."""

from datetime import date

from plateward.policy.appointments import may_see
from plateward.policy.decisions import Decision, allow, deny
from plateward.policy.enforcement import enforces
from plateward.policy.parameters import Param
from plateward.policy.profile import Profile, TellingWay

SETTLE = "Have the agency decide it in its profile (“Alerts sent on”)."
_IN_WORDS = {TellingWay.MAIL: "e-mail", TellingWay.PUSH: "push messages"}


def systems_told(profile: Profile) -> Decision:
    """Tell whether alerts may be sent to other systems."""
    return _settled(profile, profile.outgoing.systems, "alerts")


def plates_told(profile: Profile) -> Decision:
    """Tell whether the plate may go with an alert that is sent to another system."""
    return _settled(profile, profile.outgoing.plates, "plates")


def _settled(profile: Profile, rule: Param[bool], what: str) -> Decision:
    if rule.settled:
        return allow(profile, rule, f"The agency decided that {what} are sent to other systems.")
    if rule.settled is None:
        said = f"The policy does not say whether {what} are sent to other systems."
    else:
        said = f"The agency decided that {what} are not sent to other systems."
    return deny(profile, rule, said, SETTLE)


def way_of_telling(profile: Profile, way: TellingWay) -> Decision:
    """Tell whether people may choose to be told in a way that an alert waits."""
    rule, name = profile.outgoing.told_by, _IN_WORDS[way]
    if way in (rule.settled or ()):
        return allow(profile, rule, f"The agency lets people be told by {name}.")
    silent = rule.settled is None
    said = f"The policy does not say whether people are told by {name}."
    return deny(
        profile, rule, said if silent else f"The agency does not let people be told by {name}.", SETTLE
    )


@enforces("B-466.4(e)", "H-426.3(e)")
def detail_may_leave(profile: Profile, origin: str, category: str, today: date) -> Decision:
    """Tell whether a system, which nobody authorizes, may learn what an entry is about (B-466.4(e)).

    Data whose detail takes an authorization stays here.
    """
    known = profile.hotlists.categories.get(category)
    needs = known.detail_needs.settled if known else None
    own = may_see(profile, origin, (), today)
    return may_see(profile, needs, (), today) if own and needs else own

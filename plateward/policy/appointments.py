"""Who appoints, delegates and authorizes; what a vacancy stops; which combinations of duties to look at."""

from collections.abc import Collection, Iterator
from datetime import date

from msgspec import Struct

from plateward.policy.capabilities import CAPABILITIES
from plateward.policy.decisions import Decision, PersonFact, allow, deny, may, positions_held
from plateward.policy.enforcement import enforces
from plateward.policy.parameters import Basis, Param
from plateward.policy.profile import AccessLevel, Profile, TitleCategory

DEPARTMENT = "department"
"""The origin of what the agency enters and reads itself."""

SETTLE = "Record a local decision in the profile to settle it."


class AuthorizationFact(Struct, frozen=True):
    """An authorization for the data of an origin; `until_date` is the last day it counts."""

    origin: str
    from_date: date
    until_date: date


class Consequence(Struct, frozen=True):
    """What a vacant position means: `stops` says that nobody else can do it meanwhile."""

    text: str
    clause: str
    stops: bool


@enforces("B-466.3¶2", "H-426.2¶2")
def may_appoint(profile: Profile, by: PersonFact, person: PersonFact | None, position: str) -> Decision:
    """Tell whether `by` may give `position` to `person`, or relieve its holder (`person` None)."""
    rule, name = profile.organization.appointers, profile.position_name(position)
    if rule.settled is None:
        return deny(profile, rule, "This policy does not say who appoints to positions.", SETTLE)
    titles = _or(profile.title_name(title) for title in rule.settled)
    if by.title not in rule.settled:
        reason = f"Only the {titles} appoints the holder of a position, or relieves one."
        return deny(profile, rule, reason, f"Ask the {titles}.")
    if person is not None and person.id == by.id:
        remedy = "A first appointment is entered on the server: plateward person appoint."
        return deny(profile, rule, "Nobody appoints themselves to a position.", remedy)
    if person is not None and _is_outside(profile, person.title):
        reason = f"{profile.title_name(person.title)}: the {name} is a member of the department."
        return deny(profile, rule, reason, "Choose a member.")
    return allow(profile, rule, f"The {titles} may appoint the {name}.")


def delegable(profile: Profile, position: str) -> tuple[str, ...]:
    """The capabilities that the holder of a position may delegate, in the profile's order; often none."""
    rules = profile.organization
    held = profile.positions.get(position)
    if held is None or position not in (rules.delegators.settled or ()):
        return ()
    reserved = rules.reserved.settled or ()
    return tuple(each for each in held.capabilities.settled or () if each not in reserved)


@enforces("B-466.3¶2", "H-426.2¶2")
def may_delegate(
    profile: Profile, by: PersonFact, person: PersonFact, position: str, capability: str
) -> Decision:
    """Tell whether `by`, as holder of `position`, may delegate one of its capabilities to `person`."""
    rules, name = profile.organization, profile.position_name(position)
    does = CAPABILITIES[capability].does
    if position not in (rules.delegators.settled or ()):
        names = _or(profile.position_name(each) for each in rules.delegators.settled or ())
        reason = f"The {name} does not delegate."
        return deny(profile, rules.delegators, reason, f"Ask the {names}." if names else SETTLE)
    if position not in by.positions:
        reason = f"Only the {name} delegates what belongs to that position; a delegate delegates nothing."
        return deny(profile, rules.delegators, reason, f"Ask the {name}.")
    if capability in (rules.reserved.settled or ()):
        reason = f"To {does} is the {name}'s own and is never delegated."
        return deny(profile, rules.reserved, reason, "Delegate what the day-to-day operation takes.")
    if capability not in delegable(profile, position):
        return deny(profile, rules.delegators, f"The {name} may not {does}.", "Delegate what it may do.")
    return _may_assign_to(profile, by, person)


def _may_assign_to(profile: Profile, by: PersonFact, person: PersonFact) -> Decision:
    rule = profile.organization.delegators
    if person.id == by.id:
        return deny(profile, rule, "Nobody delegates to themselves.", "Choose another member.")
    if _is_outside(profile, person.title):
        reason = f"{profile.title_name(person.title)}: only members of the department are assigned."
        return deny(profile, rule, reason, "Choose a member.")
    return allow(profile, rule, "Assigned to the day-to-day operation.")


def _is_outside(profile: Profile, title: str) -> bool:
    known = profile.titles.get(title)
    if known is None:
        return True
    return known.category is TitleCategory.CONTRACTOR or known.access is AccessLevel.MAINTENANCE


@enforces("B-466.4(e)", "H-426.3(e)")
def may_authorize(profile: Profile, by: PersonFact, person: PersonFact | None, origin: str) -> Decision:
    """Tell whether `by` may grant `person` the data of `origin`, or revoke a grant (`person` None)."""
    rules = profile.organization
    rule, known = rules.data_authorizer, rules.data_origins.get(origin)
    if known is None or not known.own_authorization.settled:
        ground = known.own_authorization if known else rule
        name = known.name if known else origin
        return deny(profile, ground, f"{name} takes no authorization of its own here.", "Choose other data.")
    if rule.settled is None:
        return deny(profile, rule, "This policy does not say who authorizes access to data.", SETTLE)
    who = profile.position_name(rule.settled)
    if rule.settled not in by.positions:
        return deny(profile, rule, f"Only the {who} authorizes access to data.", f"Ask the {who}.")
    if person is not None and person.id == by.id:
        reason, remedy = "Nobody authorizes themselves.", "Have the appointer name another for it."
        return deny(profile, rule, reason, remedy)
    if person is not None and _is_outside(profile, person.title):
        reason = f"{profile.title_name(person.title)}: this title sees no plate data."
        return deny(profile, rule, reason, "Choose a member.")
    return allow(profile, rule, f"The {who} may authorize this.")


@enforces("B-466.4(e)", "H-426.3(e)")
def may_see(
    profile: Profile, origin: str, authorizations: Collection[AuthorizationFact], today: date
) -> Decision:
    """Tell whether somebody with these authorizations may see data of an origin today.

    Department data that the policy says nothing about goes with the account; other data is closed.
    """
    rules = profile.organization
    known = rules.data_origins.get(origin)
    own = known.own_authorization if known else Basis(silent=True)
    needed = own.settled if isinstance(own, Param) else None
    if needed is False or (needed is None and origin == DEPARTMENT):
        return allow(profile, own, "Department data goes with the account.")
    name = (known.name if known else f"{origin} data").lower()
    if any(a.origin == origin and a.from_date <= today <= a.until_date for a in authorizations):
        return allow(profile, own, f"Authorized for {name}.")
    who = rules.data_authorizer.settled
    remedy = f"Ask the {profile.position_name(who)} for it." if who else SETTLE
    return deny(profile, own, f"Authorization for {name} needed.", remedy)


@enforces("B-466.3.1(e)", "H-426.2.1(e)")
def designee_words(profile: Profile, holder: str) -> str:
    """The designee as the policy has it published: by title, with the name where it says so; "" if silent."""
    public = profile.public
    if public.designee.settled is None:
        return ""
    title = profile.position_name(public.designee.settled)
    return f"{title}, {holder or 'vacant'}" if public.designee_named.settled else title


def vacant_positions(profile: Profile, appointed: Collection[str], titles: Collection[str]) -> frozenset[str]:
    """Positions held by nobody, given the positions appointed to and the titles that people have."""
    held = set(appointed)
    for title in titles:
        held |= positions_held(profile, title, ())
    return frozenset(profile.positions) - held


def vacancy(profile: Profile, position: str, vacant: Collection[str]) -> list[Consequence]:
    """What the vacancy of `position` means while `vacant` are all empty: what stops, and who stands in."""
    return [
        *_chains(profile, position, vacant),
        *_offices(profile, position, vacant),
        *_capabilities(profile, position, vacant),
    ]


def _chains(profile: Profile, position: str, vacant: Collection[str]) -> Iterator[Consequence]:
    for chain in profile.hotlists.custom.chains.values():
        if chain.approver.settled != position:
            continue
        who = ", ".join(profile.title_name(title) for title in chain.requesters.settled or ())
        others = [each for each in chain.if_unavailable.settled or () if each not in vacant]
        if others:
            names = _or(profile.position_name(each) for each in others)
            text = f"Hotlist entries requested by: {who}. The {names} decides instead."
            yield Consequence(text, profile.citation(chain.if_unavailable), stops=False)
        else:
            text = f"Nobody can approve hotlist entries requested by: {who}."
            yield Consequence(text, profile.citation(chain.approver), stops=True)


def _offices(profile: Profile, position: str, vacant: Collection[str]) -> Iterator[Consequence]:
    """Acts that the policy gives to positions by name."""
    access, rules = profile.access, profile.organization
    offices: tuple[tuple[Param[str] | Param[tuple[str, ...]], str], ...] = (
        (access.account_creators, "create accounts"),
        (access.permission_assigner, "approve access and assign permissions"),
        (profile.training.certifier, "certify training"),
        (rules.data_authorizer, "authorize access to state and federal data"),
        (rules.delegators, "delegate the daily administration; delegations given by the holder have ended"),
        (profile.releases.approver, "approve releases, unless a designee is named"),
        (profile.audit.auditor, "make the audits"),
        (profile.accounts.reviewer, "review the accounts"),
    )
    for rule, does in offices:
        named = (rule.settled,) if isinstance(rule.settled, str) else rule.settled or ()
        if position in named and all(each in vacant for each in named):
            yield Consequence(f"Nobody can {does}.", profile.citation(rule), stops=True)


def _capabilities(profile: Profile, position: str, vacant: Collection[str]) -> Iterator[Consequence]:
    """What only this position may do in the system, of what is not told above."""
    told = {"hotlists.approve", "accounts.manage", "training.certify"}
    granted = profile.positions[position].capabilities
    for capability in granted.settled or ():
        if capability not in told and not _others_may(profile, capability, vacant):
            does = CAPABILITIES[capability].does
            yield Consequence(f"Nobody can {does}.", profile.citation(granted), stops=True)


def _others_may(profile: Profile, capability: str, vacant: Collection[str]) -> bool:
    titles = (title.capabilities for title in profile.titles.values())
    held = (position.capabilities for key, position in profile.positions.items() if key not in vacant)
    return any(capability in (granted.settled or ()) for granted in (*titles, *held))


def separation(profile: Profile, person: PersonFact) -> Decision | None:
    """Tell of somebody who both manages accounts and searches (CJIS AC-6(2)); None where nobody need look."""
    both = ("accounts.manage", "search.run")
    given = [may(profile, person.title, each, person.positions, person.delegations) for each in both]
    if not all(given):
        return None
    rule = profile.organization.administrators_search
    if rule.settled:
        return allow(profile, rule, "Manages accounts and searches, as this agency decided.")
    said = "the policy is silent on it" if rule.settled is None else "this agency's policy parts the two"
    reason = f"Manages accounts and searches with the same account (CJIS AC-6(2)); {said}."
    return deny(profile, rule, reason, "Give one of the two to another person, or decide it in the profile.")


def _or(names: Iterator[str]) -> str:
    return " or ".join(names)

"""Which categories of the lists of others are matched, and what no agency of a state may match at all."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from plateward.policy.decisions import Decision, allow, deny
from plateward.policy.listing import CategoryPermits, CategoryPriority, HotlistCategory
from plateward.policy.parameters import Basis
from plateward.policy.profile import Profile

IMMIGRATION: Final = "immigration-violator"
"""NCIC's Immigration Violator File."""
UNKNOWN_CATEGORY: Final = "unknown"
"""What stands in the place of a category where a source's code names none; nothing of it is matched."""
SB_54: Final = "Government Code § 7284.6 (SB 54)"
_IMMIGRATION_WORD: Final = "immigra"
STATUTES: Final[Mapping[str, Mapping[str, str]]] = {"CA": {IMMIGRATION: SB_54}}
"""By state: the categories that its law keeps out, whatever a profile says, and the statute."""

_ASK: Final = "Have the policy changed if that is wrong."
_NAME: Final = "Give the code a category where the list's columns are laid down, or have the policy name it."
_SWITCH: Final = "Ask whoever may switch categories to switch it on, with a reason."


def forbidden_categories(profile: Profile) -> Mapping[str, str]:
    """By category: the statute, the profile's or the state's, by which its entries are not even kept."""
    own = {key: one.forbidden_by for key, one in profile.hotlists.categories.items() if one.forbidden_by}
    return {**own, **STATUTES.get(profile.agency.state, {})}


def category_codes(profile: Profile) -> Mapping[str, str]:
    """Each category by everything that sources call it, in small letters: its id, its name, its codes."""
    found: dict[str, str] = {}
    for key, category in profile.hotlists.categories.items():
        found |= dict.fromkeys(_called(key, category), key)
    return found


def category_of(code: str, codes: Mapping[str, str], forbidden: Collection[str], own: str = "") -> str:
    """The category that a source's code names, UNKNOWN_CATEGORY where it names none, "" without a code.

    `codes` are the policy's (`category_codes`), `own` what a layout makes of the code. Whatever speaks of
    immigration is the Immigration Violator File, however it is spelled; neither that nor a forbidden category
    is ever called otherwise by a layout.
    """
    called = code.lower()
    known = IMMIGRATION if _IMMIGRATION_WORD in called else codes.get(called, "")
    if known == IMMIGRATION or known in forbidden:
        return known
    return own or known or (UNKNOWN_CATEGORY if code else "")


def _called(key: str, category: HotlistCategory) -> set[str]:
    return {name.lower() for name in (key, category.name, *category.codes)}


def category_name(profile: Profile, category: str) -> str:
    """What a category is called; one that the policy does not know by its words."""
    known = profile.hotlists.categories.get(category)
    if category == UNKNOWN_CATEGORY:
        return "Unknown to the policy"
    return known.name if known else category.replace("-", " ").capitalize()


def category_matched(profile: Profile, category: str, *, switched_on: bool | None) -> Decision:
    """Tell whether entries of a category raise alerts; `switched_on` is what the switch says, None for none.

    An entry of a source without codes has no category and counts with its list.
    """
    if not category:
        return Decision(True, "", "Its source gives no category; it counts with its list.")
    if (refused := _never(profile, category)) is not None:
        return refused
    basis, name = profile.hotlists.categories[category].matched, category_name(profile, category)
    if switched_on is None and basis.settled is None:
        return deny(profile, basis, f"{name}: the policy does not say whether it is matched.", _SWITCH)
    if switched_on is False:
        return deny(profile, basis, f"{name} is switched off.", _SWITCH)
    by = "the policy has it matched" if switched_on is None else "it is switched on"
    return allow(profile, basis, f"{name}: {by}.")


def may_be_switched(profile: Profile, category: str, *, on: bool) -> Decision:
    """Tell whether a person may switch a category at all; a statute and the policy's own no stand above."""
    if (refused := _never(profile, category)) is not None:
        return refused
    basis, name = profile.hotlists.categories[category].matched, category_name(profile, category)
    return allow(profile, basis, f"{name} may be switched {'on' if on else 'off'} with a reason.")


def _never(profile: Profile, category: str) -> Decision | None:
    """Why a category is off whatever anybody switches; None where it is not."""
    if category == UNKNOWN_CATEGORY:
        said = "Its source's code names no category of the policy, so that nothing of it is matched."
        return deny(profile, Basis(silent=True), said, _NAME)
    name = category_name(profile, category)
    if statute := forbidden_categories(profile).get(category):
        said = f"{name} is off and stays off: {statute} forbids it. Its entries are counted and not kept."
        return Decision(False, statute, said, "Nobody can switch it on. Ask the city attorney.")
    known = profile.hotlists.categories.get(category)
    if known is None:
        said = f"The policy in force knows no category “{name}”."
        return deny(profile, Basis(silent=True), said, _ASK)
    if known.matched.settled is False:
        return deny(profile, known.matched, f"{name}: the policy does not have it matched.", _ASK)
    return None


def category_rank(profile: Profile, category: str) -> int:
    """Where alerts of a category stand among others, smaller first; what nobody ranked counts as normal."""
    known = profile.hotlists.categories.get(category)
    return ((known.priority.settled if known else None) or CategoryPriority.NORMAL).rank


def stop_permitted(profile: Profile, category: str) -> Decision:
    """Tell whether alerts of a category can be ground for a stop; what is unsaid limits nothing.

    A refusal does not name the category: who may see no more of an entry than its plate is told it too
    (B-466.4(e), H-426.3(e)).
    """
    known = profile.hotlists.categories.get(category)
    if known is None:
        return Decision(True, "", "No category says what its alerts are for.")
    if known.permits.settled is CategoryPermits.INFORMATION:
        said = "Alerts of its category are for information only."
        return deny(profile, known.permits, said, "Do not stop on this alone.")
    return allow(profile, known.permits, f"{known.name}: not limited to information.")


def much_would_end(profile: Profile, source: str, *, standing: int, ended: int) -> Decision:
    """Tell whether a list may end so many of its standing entries without somebody saying it is right.

    Where the policy gives no share it is not guarded. Raises KeyError: the profile has no such source.
    """
    rule = profile.hotlists.sources[source].shrinks_most
    most = rule.settled
    if most is None:
        return allow(profile, rule, "The policy sets no share that may end at once: this is not guarded.")
    if ended * 100 <= standing * most:
        return allow(profile, rule, f"At most {most} % of what stands would end.")
    share = ended * 100 / standing
    said = f"{ended:,} of {standing:,} entries would end, {share:.0f} %; the limit is {most} %."
    return deny(profile, rule, said, "Fetch the file again. If it is right, take it in with the reason.")


def category_problems(profile: Profile) -> Iterator[str]:
    """One sentence per contradiction among lists of others and their categories."""
    for key, source in profile.hotlists.sources.items():
        most = source.shrinks_most.settled
        if most is not None and not 0 <= most < 100:  # noqa: PLR2004  per cent
            yield f"at `hotlists.sources.{key}.shrinks_most`: write a percentage from 0 to 99"
    seen: dict[str, str] = {}
    for key, category in profile.hotlists.categories.items():
        yield from _category_problems(profile, key, category)
        for name in sorted(_called(key, category)):
            if seen.setdefault(name, key) != key:
                yield f"at `hotlists.categories.{key}`: “{name}” is `{seen[name]}` already; keep one"


def _category_problems(profile: Profile, key: str, category: HotlistCategory) -> Iterator[str]:
    place = f"at `hotlists.categories.{key}`"
    if category.forbidden_by and category.matched.settled:
        yield f"{place}: {category.forbidden_by} forbids it; `matched` cannot be true"
    statute = STATUTES.get(profile.agency.state, {}).get(key)
    if statute and category.matched.settled:
        yield f"{place}: {statute} forbids it in {profile.agency.state}; `matched` cannot be true"
    if key == UNKNOWN_CATEGORY:
        yield f"{place}: this word is kept for codes that name no category; choose another"
    if any(_IMMIGRATION_WORD in name for name in _called(key, category)) and key != IMMIGRATION:
        yield f"{place}: write `{IMMIGRATION}`, so that the law of a state on it counts"
    origin = category.detail_needs.settled
    if origin is not None and origin not in profile.organization.data_origins:
        yield f"{place}: there is no data origin `{origin}`; add it under `organization.data_origins`"

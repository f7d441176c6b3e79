"""Partners: people of other organizations, whose accounts open the portal of releases and nothing else.

The portal lies above and registers its first page here, since the gate sends partners there.
"""

from plateward.policy import Decision

STATUTE = "Civil Code § 1798.90.55(b)"
_homes: list[str] = []


def register(url_name: str) -> None:
    """Have partners sent to this page; one at a time."""
    _homes[:] = [url_name]


def home() -> str:
    """The name of the portal's first page; raises LookupError where there is no portal."""
    if not _homes:
        raise LookupError("There is no portal for partners.")
    return _homes[0]


def partner_barred(organization: str) -> Decision:
    """Why somebody of another organization gets nothing that members of the agency do."""
    reason = f"An account of {organization} opens the portal for requests, and nothing else here."
    return Decision(False, STATUTE, reason, "Submit a request for the data in the portal.")


def portal_only(agency: str) -> Decision:
    """Why a member of the agency does not get into the partners' portal."""
    reason = f"The portal is for partners; you are a member of the {agency}."
    return Decision(False, STATUTE, reason, "Work requests under Releases.")

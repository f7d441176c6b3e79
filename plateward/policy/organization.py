"""Who appoints, who delegates what, and whose data somebody needs an authorization of their own for."""

from plateward.policy.parameters import Param, Part


class DataOrigin(Part, frozen=True):
    """Whose data it is: the department's, the state's, the federal government's (B-466.4(e), H-426.3(e)).

    Where `own_authorization` is true, a person needs one beside the account.
    """

    name: str
    own_authorization: Param[bool]


class OrganizationRules(Part, frozen=True):
    """Positions, delegations and authorizations.

    `appointers` are titles; `delegators` and `data_authorizer` positions; `reserved` capabilities that a
    position never delegates. `administrators_search` says whether who manages accounts may search.
    """

    appointers: Param[tuple[str, ...]]
    delegators: Param[tuple[str, ...]]
    reserved: Param[tuple[str, ...]]
    data_authorizer: Param[str]
    data_origins: dict[str, DataOrigin]
    administrators_search: Param[bool]

"""The checks that compute themselves, by the scope of the audit that they belong to. Pure."""

from enum import StrEnum

from plateward.policy.oversight import AuditScope


class CheckKind(StrEnum):
    """One check; in the order of the report."""

    TRAINING = "TRAINING"
    ACCOUNTS = "ACCOUNTS"
    LISTS = "LISTS"
    REMOVALS = "REMOVALS"
    PURGES = "PURGES"
    SHARES = "SHARES"
    LEDGER = "LEDGER"
    RECORD = "RECORD"
    CASES = "CASES"
    REVIEWS = "REVIEWS"
    REPORTS = "REPORTS"

    @property
    def label(self) -> str:
        """What it asks, in words."""
        return _LABELS[self]

    @property
    def scope(self) -> AuditScope:
        """Which of the two scopes it belongs to (R117)."""
        return AuditScope.SEARCH_ACTIVITY if self in _OF_SEARCHES else AuditScope.CONFIGURATION


_LABELS = {
    CheckKind.TRAINING: "Active accounts without valid training",
    CheckKind.ACCOUNTS: "Accounts reviewed when due",
    CheckKind.LISTS: "Lists past their time, and hits from them",
    CheckKind.REMOVALS: "Hotlist entries overdue for removal",
    CheckKind.PURGES: "Data past their time, and purges that stopped",
    CheckKind.SHARES: "Differences from the vendor’s list of shares without an answer",
    CheckKind.LEDGER: "Journal verified, without open alarms",
    CheckKind.RECORD: "Known acts wholly on record",
    CheckKind.CASES: "Searches without the case that the policy demands",
    CheckKind.REVIEWS: "Items of the regular reviews not decided in time",
    CheckKind.REPORTS: "Reports of errors and violations not decided in time",
}
_OF_SEARCHES = frozenset({CheckKind.RECORD, CheckKind.CASES, CheckKind.REVIEWS, CheckKind.REPORTS})
SCOPES = {
    AuditScope.CONFIGURATION: "Configuration and sharing",
    AuditScope.SEARCH_ACTIVITY: "Search activity",
}

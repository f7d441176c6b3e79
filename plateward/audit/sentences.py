"""Every verb of the journal as a sentence; docs/reference/audit-catalogue.md is made of these.

A verb without a sentence fails a test. A sentence continues the name of the person; names in braces are the
row's own details.
"""

from collections.abc import Mapping
from types import MappingProxyType

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "accounts.agency.established": "established the agency {name}",
        "accounts.paper.filed": "put the {kind} of {username} on file, dated {dated}",
        "accounts.password.changed": "changed their password",
        "accounts.password.issued": "issued a one-time password for {username}: {reason}",
        "accounts.session.closed": "logged out",
        "accounts.session.ended": "ended their session from {from}",
        "accounts.session.opened": "logged in",
        "accounts.session.refused": "was refused at login: {why}",
        "accounts.session.unlocked": "entered the password again after inactivity",
        "accounts.training.certified": "put {username}’s training {course} on file, completed on {completed}",
        "accounts.user.activated": "activated the account {username}",
        "accounts.user.created": "created the account {username} for a {title}",
        "accounts.user.deactivated": "deactivated the account {username}: {reason}",
        "accounts.user.locked": "was locked out after failed log-ins",
        "accounts.user.reactivated": "reactivated the account {username}: {reason}",
        "accounts.user.reinstated": "took {username} back: {reason}",
        "accounts.user.released": "released the account {username} from its lock: {reason}",
        "accounts.user.retitled": "changed the title of {username} from {from} to {to}",
        "accounts.user.suspended": "suspended the account {username}: {reason}",
        "alerts.alert.closed": "closed an alert: {disposition}",
        "alerts.alert.raised": "raised an alert: a read matched a hotlist entry",
        "alerts.hit.joined": "added a further hit to an open alert",
        "alerts.step.worked": "worked the dispatch step {step} of {clause}: {outcome}",
        "audit.access.recorded": "looked at reads of {elements[plate]} for {purpose}: {result_count} results",
        "audit.accesses.viewed": "looked at {shown} access records",
        "audit.alarm.ended": "ended the alarm “{what}”: {answer}",
        "audit.alarm.raised": "raised an alarm about the journal itself: {what}",
        "audit.journal.exported": "exported the journal of {of}",
        "audit.journal.viewed": "looked at {shown} rows of the journal",
        "audit.proof.taken": "took the proof that row {row} of the journal is sealed",
        "devices.device.changed": "changed the register entry of {name}: {of}",
        "devices.device.disabled": "stopped taking reads from a device",
        "devices.device.enabled": "let a device send reads",
        "devices.device.registered": "registered the device {name} at {location}",
        "devices.device.serviced": "put {kind} of {name} on file, done on {done} by {done_by}",
        "devices.key.rotated": "replaced a device's key",
        "governance.access.refused": "was refused {attempted} by {clause}: {reason}",
        "governance.draft.adopted": "put version {version} of the policy in force, proposed by {proposed_by}",
        "governance.draft.proposed": "proposed version {version} of the policy",
        "governance.draft.refused": "refused the proposed version {version} of the policy",
        "governance.draft.replayed": "tried version {version} of the policy on {asked} past requests",
        "governance.draft.withdrawn": "withdrew the proposed version {version} of the policy",
        "governance.position.appointed": "appointed {username} to the position {position}",
        "governance.profile.adopted": "put version {version} of the policy in force",
        "hotlists.approver.unavailable": "recorded that the {position} is unavailable",
        "hotlists.entry.approved": "approved a hotlist entry as {as}",
        "hotlists.entry.expired": "ended a hotlist entry that was not re-confirmed in time",
        "hotlists.entry.refreshed": "re-confirmed a hotlist entry as {as}",
        "hotlists.entry.refused": "refused a hotlist entry as {as}",
        "hotlists.entry.removed": "removed a hotlist entry",
        "hotlists.entry.requested": "requested the hotlist entry {plate}",
        "hotlists.entry.withdrawn": "withdrew the request of a hotlist entry",
        "notices.notice.escalated": "passed on to the {to} what is overdue: {text}",
        "notices.notice.noted": "noted: {text}",
        "notices.notice.raised": "left for {to}: {text}",
        "notices.notice.settled": "settled: {text}",
        "oversight.inquiry.answered": "asked the record {question}: {found} entries, as {answered_as}",
        "oversight.record.viewed": "looked at what is on record about themselves",
        "control.account.threatened": "disabled the account {username} at once as a threat: {reason}",
        "control.end.executed": "ended the account {username} as planned",
        "control.end.planned": "planned the end of the account {username} at {ends_at}: {reason}",
        "control.end.withdrawn": "withdrew the planned end of the account {username}: {reason}",
        "control.transfer.reviewed": "reviewed the changed duties of {username}: {note}",
        "reads.payload.discarded": "discarded a payload from quarantine: {reason}",
        "reads.payload.inspected": "looked at the beginning of a payload in quarantine",
        "reads.payload.quarantined": "put a payload in quarantine: {reason}",
        "reads.payload.replayed": "had a payload from quarantine parsed again",
        "reads.read.unmatched": "ended a payload without comparing its read with the hotlists: {reason}",
    }
)

AREAS: Mapping[str, str] = MappingProxyType(
    {
        "accounts": "People and training",
        "alerts": "Alerts",
        "audit": "Accesses and the journal",
        "control": "Control of accounts",
        "devices": "Devices",
        "governance": "Policy, positions and refusals",
        "hotlists": "Hotlists",
        "notices": "What waits for people",
        "oversight": "Oversight",
        "reads": "Reads and quarantine",
    }
)
"""The first part of a verb in words."""

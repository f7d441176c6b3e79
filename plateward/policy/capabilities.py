"""What a person can do in the product; profiles grant these to titles and positions."""

from types import MappingProxyType

from msgspec import Struct


class Capability(Struct, frozen=True):
    """`does` completes "may …"; `plate_data` is true when it shows or uses plate data."""

    id: str
    does: str
    plate_data: bool


_ALL = (
    Capability("reads.view", "look at reads and their pictures", plate_data=True),
    Capability("reads.deleted", "look up reads that are deleted logically", plate_data=True),
    Capability("reads.quarantine", "see and replay payloads held in quarantine", plate_data=True),
    Capability("devices.view", "see the device register", plate_data=False),
    Capability("devices.manage", "install, change and retire devices", plate_data=False),
    Capability("hotlists.view", "look at hotlists and their entries", plate_data=True),
    Capability("hotlists.request", "request entries in the custom hotlist", plate_data=True),
    Capability("hotlists.approve", "approve or refuse requested hotlist entries", plate_data=True),
    Capability("hotlists.remove", "remove entries from the custom hotlist", plate_data=True),
    Capability("hotlists.receive", "take in the lists of others", plate_data=True),
    Capability("hotlists.switch", "switch categories of the lists of others on and off", plate_data=True),
    Capability("alerts.view", "see alerts", plate_data=True),
    Capability("alerts.dispatch", "work an alert through the dispatch steps", plate_data=True),
    Capability("alerts.dispose", "record an alert's disposition", plate_data=True),
    Capability("alerts.oversee", "see who works which alert and how long the steps take", plate_data=True),
    Capability("outgoing.manage", "set up where alerts are sent on to", plate_data=False),
    Capability("search.run", "search reads", plate_data=True),
    Capability("search.export", "take results of their searches out as a file", plate_data=True),
    Capability("evidence.hold", "ask for data to be held, and book them as evidence", plate_data=True),
    Capability("evidence.approve", "approve holds and their release", plate_data=True),
    Capability("evidence.package", "put data into evidence packages and on discs", plate_data=True),
    Capability(
        "retention.view", "see how long data are kept, and the certificates of purges", plate_data=False
    ),
    Capability("retention.agree", "sign how long data are kept", plate_data=False),
    Capability("retention.purge", "approve purges and have them run", plate_data=False),
    Capability("releases.record", "record other agencies' requests for data", plate_data=True),
    Capability("releases.approve", "approve or refuse other agencies' requests for data", plate_data=True),
    Capability("releases.fulfill", "hand approved data over", plate_data=True),
    Capability("releases.partners", "keep the register of other agencies", plate_data=False),
    Capability("releases.public", "work the public's requests for records", plate_data=True),
    Capability("audit.view", "look at access and audit records", plate_data=True),
    Capability("audit.review", "see the regular reviews of accesses", plate_data=True),
    Capability("governance.view", "see the policy in force and its open questions", plate_data=False),
    Capability("governance.propose", "propose a new version of the policy", plate_data=False),
    Capability("governance.adopt", "put a proposed version of the policy in force", plate_data=False),
    Capability("accounts.manage", "create and change accounts", plate_data=False),
    Capability("training.certify", "certify completed training", plate_data=False),
)

CAPABILITIES = MappingProxyType({capability.id: capability for capability in _ALL})

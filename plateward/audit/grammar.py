"""How journal verbs are spelled."""

import re

VERB = re.compile(r"[a-z_]+\.[a-z_]+\.[a-z_]+")
"""subject.object.verb, e.g. `alerts.alert.verified`."""

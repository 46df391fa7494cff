"""The password of admin is one that ks-installer refuses, or an empty one, which draws a random one that nobody knows.

ks-installer v3.3.1, roles/preinstall/tasks/precheck.yaml and roles/ks-core/ks-core/tasks/main.yaml. A User admin that
is there keeps its password.
"""

import re
from collections.abc import Iterable

from ks_reset.model import ExternalAnswers, FleetFacts, Obstacle, Values

HASHED = re.compile(r"\$2[ayb]\$.{56}")
NEEDS = (re.compile("[a-z]"), re.compile("[A-Z]"), re.compile("[0-9]"))
CURE = "Leave adminPassword out for the default, P@88w0rd, or give one with a small and a capital letter and a digit."


def check(values: Values, facts: FleetFacts, _: ExternalAnswers) -> Iterable[Obstacle]:
    password = values.admin_password
    if password is None:
        return
    if not password:
        what = "adminPassword is there and empty: a random one would be drawn, and kept in a Secret alone."
        yield Obstacle("admin-password", facts.host.name, what, CURE)
    elif not HASHED.fullmatch(password) and not (8 <= len(password) <= 64 and all(n.search(password) for n in NEEDS)):
        yield Obstacle("admin-password", facts.host.name, "adminPassword is one that the installer refuses.", CURE)

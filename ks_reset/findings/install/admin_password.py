"""ks-installer refuses the password of admin, or the password is empty: then it draws a random one.

ks-installer v3.3.1, roles/preinstall/tasks/precheck.yaml and roles/ks-core/ks-core/tasks/main.yaml. An existing
User admin keeps its password.
"""

import re
from collections.abc import Iterable

from ks_reset.findings.reads import Reads
from ks_reset.model import Evidence, ExternalAnswers, Finding, FleetFacts, Severity, Values

HASHED = re.compile(r"\$2[ayb]\$.{56}")
NEEDS = (re.compile("[a-z]"), re.compile("[A-Z]"), re.compile("[0-9]"))
CURE = (
    "Remove adminPassword from the values file for the default, P@88w0rd, or set one of 8 to 64 characters with a "
    "small letter, a capital letter and a digit."
)

READS = Reads()


def check(values: Values, facts: FleetFacts, _: ExternalAnswers) -> Iterable[Finding]:
    password = values.admin_password
    if password is None:
        return
    if not password:
        follows = "ks-installer draws a random password and keeps it in a Secret alone."
        yield _finding(facts.host.name, "adminPassword is empty", "empty", follows)
    elif not HASHED.fullmatch(password) and not (8 <= len(password) <= 64 and all(n.search(password) for n in NEEDS)):
        follows = "ks-installer stops in its precheck, and KubeSphere stays off."
        yield _finding(facts.host.name, "ks-installer refuses this adminPassword", "weak, short or long", follows)


def _finding(host: str, title: str, value: str, follows: str) -> Finding:
    return Finding(
        id="admin-password",
        severity=Severity.WARNING,
        title=title,
        evidence=(Evidence(host, "values file", "adminPassword", value),),
        next=follows,
        cure=CURE,
    )

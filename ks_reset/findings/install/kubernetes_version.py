"""Kubernetes is too old or too new for this KubeSphere.

ks-installer refuses by itself below a floor (v3.0.0 and v3.3.1, roles/preinstall/tasks/precheck.yaml) and names a range
(README.md of v3.0.0, v3.1.1, v3.2.1, v3.3.1, v3.4.1; kubesphere v3.4.1, README.md, goes on to 1.24). For 4.1 the oldest
version in a table counts (kubesphere v4.1.3, README.md, table of extensions).
"""

from collections.abc import Iterable

from ks_reset.findings.reads import Reads
from ks_reset.model import Evidence, ExternalAnswers, Finding, FleetFacts, Severity, Values

Release = tuple[int, int]
RANGES: dict[Release, tuple[Release, Release | None]] = {
    (3, 0): ((1, 15), (1, 18)),
    (3, 1): ((1, 17), (1, 20)),
    (3, 2): ((1, 19), (1, 22)),
    (3, 3): ((1, 20), (1, 23)),
    (3, 4): ((1, 20), (1, 24)),
    (4, 1): ((1, 21), None),
}

READS = Reads()


def check(values: Values, facts: FleetFacts, _: ExternalAnswers) -> Iterable[Finding]:
    major, minor, *_ignored = (*values.release, 0, 0)
    supported = RANGES.get((major, minor))
    for cluster in facts.clusters:
        if supported is None:
            title = f"Nothing is known of KubeSphere {values.version} on Kubernetes {cluster.version} ({cluster.name})"
        else:
            title = _reason_unsupported(values.version, cluster.name, cluster.version, *supported)
        if title:
            yield Finding(
                id="kubernetes-version",
                severity=Severity.WARNING if supported else Severity.UNKNOWN,
                title=title,
                evidence=(Evidence(cluster.name, "API server", "version", cluster.version),),
                next="ks-installer refuses an older Kubernetes; on a newer one the vendor does not support it.",
                cure="Choose a KubeSphere for this Kubernetes; if you have seen it run there, set allow: "
                "[kubernetes-version] in the values file.",
            )


def _reason_unsupported(version: str, name: str, kubernetes: str, low: Release, high: Release | None) -> str:
    """The title of the finding; "" for a Kubernetes in the range."""
    numbers = kubernetes.removeprefix("v").split(".")[:2]
    if len(numbers) < 2 or not all(part.rstrip("+").isdecimal() for part in numbers):
        return f"{name} reports {kubernetes or 'nothing'} as its Kubernetes version"
    minor = (int(numbers[0]), int(numbers[1].rstrip("+")))
    if low <= minor and (high is None or minor <= high):
        return ""
    upto = f" to {high[0]}.{high[1]}" if high else " or newer"
    return f"KubeSphere {version} is for Kubernetes {low[0]}.{low[1]}{upto}, and {name} has {kubernetes}"

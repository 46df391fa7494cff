"""Kubernetes is too old or too new for that KubeSphere.

ks-installer refuses by itself below a floor (v3.0.0 and v3.3.1, roles/preinstall/tasks/precheck.yaml) and names a range
(README.md of v3.0.0, v3.1.1, v3.2.1, v3.3.1, v3.4.1; kubesphere v3.4.1, README.md, goes on to 1.24). For 4.1 the oldest
that is named counts (kubesphere v4.1.3, README.md, table of extensions).
"""

from collections.abc import Iterable

from ks_reset.model import ExternalAnswers, FleetFacts, Obstacle, Values

RANGES: dict[tuple[int, int], tuple[tuple[int, int], tuple[int, int] | None]] = {
    (3, 0): ((1, 15), (1, 18)),
    (3, 1): ((1, 17), (1, 20)),
    (3, 2): ((1, 19), (1, 22)),
    (3, 3): ((1, 20), (1, 23)),
    (3, 4): ((1, 20), (1, 24)),
    (4, 1): ((1, 21), None),
}


def check(values: Values, facts: FleetFacts, _: ExternalAnswers) -> Iterable[Obstacle]:
    major, minor, *_ignored = (*values.release, 0, 0)
    known = RANGES.get((major, minor))
    for world in facts.clusters:
        if known is None:
            what, unknown = f"nothing is known of KubeSphere {values.version} and Kubernetes {world.version}.", True
        else:
            what, unknown = _against(values.version, world.version, *known), False
        if what:
            cure = "Choose a KubeSphere that fits this Kubernetes; if you have seen it run there, allow this."
            yield Obstacle("kubernetes-version", world.name, what, cure, unknown=unknown)


def _against(version: str, kubernetes: str, low: tuple[int, int], high: tuple[int, int] | None) -> str:
    numbers = kubernetes.removeprefix("v").split(".")[:2]
    if len(numbers) < 2 or not all(part.rstrip("+").isdigit() for part in numbers):
        return f"Kubernetes says that its version is {kubernetes or 'nothing'}."
    minor = (int(numbers[0]), int(numbers[1].rstrip("+")))
    if low <= minor and (high is None or minor <= high):
        return ""
    upto = f" to {high[0]}.{high[1]}" if high else " or newer"
    return f"KubeSphere {version} is for Kubernetes {low[0]}.{low[1]}{upto}, and this is {kubernetes}."

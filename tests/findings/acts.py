"""Ways on that are somebody else's act: by finding, who does what, and what it changes in the state."""

from collections.abc import Callable

from msgspec import Struct, structs

from ks_reset.catalogue.names import WORKSPACE_KIND
from ks_reset.model import ClusterFacts, Dial, FleetFacts
from tests.findings.stops import Stop
from tests.findings.test_rules import CASES


class Act(Struct, frozen=True):
    """Somebody's act: `who` does it, and `done` gives the state afterwards."""

    who: str
    done: Callable[[Stop], Stop]


def _everywhere(stop: Stop, change: Callable[[ClusterFacts], ClusterFacts]) -> Stop:
    host, members = change(stop.facts.host), tuple(map(change, stop.facts.members))
    return stop.with_facts(structs.replace(stop.facts, host=host, members=members))


def without_evidence(stop: Stop) -> Stop:
    """The objects that the finding names are gone."""
    named = {(e.cluster, e.object) for finding in stop.found() for e in finding.evidence}

    def change(cluster: ClusterFacts) -> ClusterFacts:
        left = {
            key: tuple(obj for obj in objects if (cluster.name, obj.title) not in named)
            for key, objects in cluster.objects.items()
        }
        return structs.replace(cluster, objects=left)

    return _everywhere(stop, change)


def with_rights(stop: Stop) -> Stop:
    """Every list is read, and empty."""

    def change(cluster: ClusterFacts) -> ClusterFacts:
        empty = {key: () for key in cluster.kinds if key not in cluster.objects}
        return structs.replace(cluster, gaps=(), objects={**cluster.objects, **empty}, jwt=stop.facts.host.jwt)

    return _everywhere(stop, change)


def with_clocks_set(stop: Stop) -> Stop:
    return _everywhere(stop, lambda cluster: structs.replace(cluster, skew=0.0))


def with_secret_of_host(stop: Stop) -> Stop:
    return _everywhere(stop, lambda cluster: structs.replace(cluster, jwt=stop.facts.host.jwt))


def with_new_certificates(stop: Stop) -> Stop:
    def renewed(dials: tuple[Dial, ...]) -> tuple[Dial, ...]:
        return tuple(structs.replace(dial, expires="") for dial in dials)

    return _everywhere(
        stop,
        lambda cluster: structs.replace(
            cluster, dials=renewed(cluster.dials), connections=renewed(cluster.connections)
        ),
    )


def with_client_certificate(stop: Stop) -> Stop:
    joining = tuple(structs.replace(join, certified=True) for join in stop.options.material.joining)
    return structs.replace(stop, options=stop.options.with_material(joining=joining))


def with_workspaces_served(stop: Stop) -> Stop:
    kind = WORKSPACE_KIND
    return _everywhere(stop, lambda cluster: structs.replace(cluster, kinds={**cluster.kinds, kind.key: kind}))


def with_working_host(stop: Stop) -> Stop:
    """KubeSphere is installed on the host, and its pods are ready: as in the case where the host works."""
    case = next(case for case in CASES if str(case) == "nothing_to_join_to/works")
    facts: FleetFacts = structs.replace(stop.facts, host=case.facts.host)
    return stop.with_facts(facts)


def with_fit_members(stop: Stop) -> Stop:
    """KubeSphere is installed on the members as their host asks for: as in the case where one fits."""
    case = next(case for case in CASES if str(case) == "unfit_member/fits")
    (fit,) = case.facts.members
    members = tuple(
        structs.replace(fit, identity=member.identity, name=member.name, jwt=stop.facts.host.jwt)
        for member in stop.facts.members
    )
    return stop.with_facts(structs.replace(stop.facts, members=members))


RIGHTS = Act("an administrator gives the rights, or brings the backend back", with_rights)
OWNER = Act("the owner of these objects removes them", without_evidence)
ACTS = {
    "unreadable": RIGHTS,
    "unchecked": RIGHTS,
    "managed-without-host": RIGHTS,
    "unread-member": RIGHTS,
    "foreign-kubefed": OWNER,
    "namespaced-kubefed": OWNER,
    "not-helms": OWNER,
    "seatbelt-keeps-canaries": Act("the operator types ks-reset protect off", without_evidence),
    "terminating-system-namespace": Act("nobody: it goes by itself", without_evidence),
    "clock-skew": Act("whoever runs the machines synchronizes their clocks", with_clocks_set),
    "expired-certificate": Act("whoever signs the certificates renews them", with_new_certificates),
    "other-jwt-secret": Act("the operator opens the ClusterConfiguration of the member", with_secret_of_host),
    "token-kubeconfig": Act("the operator gives a kubeconfig with a client certificate", with_client_certificate),
    "unfit-member": Act("the operator installs KubeSphere on the member, with a values file", with_fit_members),
    "nothing-to-bind-to": Act("the operator installs KubeSphere, with a values file", with_workspaces_served),
    "nothing-to-join-to": Act("the operator installs KubeSphere, or waits for the pods", with_working_host),
}
"""By finding, for the states in which no command alone gets further."""

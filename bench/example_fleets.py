"""The fleets of examples/, as snapshots.

    python -m bench.example_fleets dead-member fleet.json.gz

A fleet is made from manifests, as those of the tests: no cluster is needed.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml
from msgspec import structs

from bench.fleets import make_fleet
from ks_reset import facts as reading
from ks_reset.model import FleetFacts, Reach
from tests.build import cluster, facts
from tests.incident import incident_facts
from tests.shorthand import expand_case

EXAMPLES = Path(__file__).parents[1] / "examples"
NAMESPACES = 300
RBAC = "rbac.authorization.k8s.io/v1"
AS_ON_A_CLUSTER = [
    {"apiVersion": RBAC, "kind": "ClusterRole", "metadata": {"name": "cluster-admin"}},
    {
        "kind": "Endpoints",
        "metadata": {"name": "ks-controller-manager", "namespace": "kubesphere-system"},
        "subsets": [{"addresses": [{"ip": "10.0.0.1"}], "ports": [{"port": 8443}]}],
    },
]
"""What a running API server and a running ks-controller-manager add to the manifests of the incident."""


def dead_member() -> FleetFacts:
    """The incident's fleet with one record a cluster, whose member has burnt down: its record leads nowhere."""
    fleet = incident_facts()
    gone = {"reach": Reach.UNREACHABLE, "identity": "", "detail": "connection refused"}
    dials = tuple(dial.but(**gone) if dial.record == "test" else dial for dial in fleet.host.dials)
    added = cluster("host", AS_ON_A_CLUSTER)
    objects = {key: (*fleet.host.of(key), *objs) for key, objs in added.objects.items()}
    host = structs.replace(
        fleet.host, dials=dials, kinds=fleet.host.kinds | added.kinds, objects=fleet.host.objects | objects
    )
    return structs.replace(fleet, host=host, members=())


def two_hosts() -> FleetFacts:
    """A host, and a member that has also an account of another host."""
    return facts(
        [{"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "metadata": {"name": "ws1"}}],
        {"eu": [_account("eu-kubesphere", "kube-federation-system"), _account("europe-hub", "fed")]},
        [{"record": "eu", "identity": "eu"}],
    )


def large_fleet() -> FleetFacts:
    """A host with 300 business namespaces in 30 Workspaces, each with KubeSphere's 27 Roles, and a member."""
    return make_fleet(NAMESPACES)


def extension_host() -> FleetFacts:
    """A host of KubeSphere 4.1.3 with the extension grafana: `examples/extension-host/fleet.yaml`."""
    rows = expand_case(yaml.safe_load((EXAMPLES / "extension-host" / "fleet.yaml").read_text()))
    return facts(rows["host"], dials=rows["dials"])


FLEETS: dict[str, Callable[[], FleetFacts]] = {
    "dead-member": dead_member,
    "two-hosts": two_hosts,
    "large-fleet": large_fleet,
    "extension-host": extension_host,
}


def _account(name: str, namespace: str) -> dict[str, object]:
    subject = {"kind": "ServiceAccount", "namespace": namespace, "name": name}
    return {
        "apiVersion": RBAC,
        "kind": "ClusterRoleBinding",
        "metadata": {"name": f"kubefed-controller-manager:{name}"},
        "subjects": [subject],
    }


def main(words: Sequence[str]) -> None:
    """Write the fleet of an example to a file."""
    if len(words) != 2 or words[0] not in FLEETS:
        sys.exit(f"usage: python -m bench.example_fleets {'|'.join(FLEETS)} FILE")
    reading.save_snapshot(FLEETS[words[0]](), Path(words[1]))


if __name__ == "__main__":
    main(sys.argv[1:])

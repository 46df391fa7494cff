"""A NetworkPolicy selects namespaces by KubeSphere's labels: removing these changes the allowed traffic.

KubeSphere writes kubesphere.io/namespace and kubesphere.io/workspace on namespaces, and policies selecting on them
(kubesphere v3.3.1, pkg/controller/namespace/namespace_controller.go, pkg/controller/network/nsnetworkpolicy).
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import NETWORK_POLICY_KEY
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency

ABOUT = About(Group.CONTENTS, "No NetworkPolicy selects KubeSphere's labels", Urgency.KNOW)
READS = Reads(found_in=each(NETWORK_POLICY_KEY))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        policies = [(policy, keys) for policy in cluster.of(NETWORK_POLICY_KEY) if (keys := _selected_keys(policy))]
        if policies:
            yield Finding(
                id="network-policy",
                severity=Severity.WARNING,
                title=f"{len(policies)} NetworkPolicies of {cluster.name} select namespaces by KubeSphere's labels",
                evidence=tuple(
                    Evidence(cluster.name, p.title, "namespaceSelector", ", ".join(sorted(keys)))
                    for p, keys in policies
                ),
                next="Without the labels these policies match other namespaces: traffic is cut, or let through.",
                cure=_way_on(cluster, [policy for policy, _ in policies]),
            )


def _way_on(cluster: ClusterFacts, policies: list[Obj]) -> str:
    """Those that KubeSphere wrote are deleted (kubesphere v3.3.1, pkg/controller/network/nsnetworkpolicy, nsnp-)."""
    kubectl = f"kubectl --context {cluster.context}"
    own = [p for p in policies if p.name.startswith("nsnp-")]
    others = [p for p in policies if p not in own]
    deleted = [f"{kubectl} -n {p.namespace} delete {p.kind.resource}/{p.name}" for p in own]
    changed = [f"{kubectl} -n {p.namespace} edit {p.kind.resource}/{p.name}" for p in others]
    words = [f"Delete those that KubeSphere wrote: {'; '.join(deleted)}."] if own else []
    words += [f"Change these to select by kubernetes.io/metadata.name: {'; '.join(changed)}."] if others else []
    return " ".join(words)


def _selected_keys(policy: Obj) -> set[str]:
    """KubeSphere's label keys in the namespaceSelectors of the policy."""
    rules = [*(policy.spec.get("ingress") or []), *(policy.spec.get("egress") or [])]
    peers = [peer for rule in rules for peer in (rule.get("from") or []) + (rule.get("to") or [])]
    selectors = [peer.get("namespaceSelector") or {} for peer in peers]
    keys = {key for s in selectors for key in s.get("matchLabels") or {}}
    keys |= {e["key"] for s in selectors for e in s.get("matchExpressions") or []}
    return {key for key in keys if catalogue.is_own_key(key)}

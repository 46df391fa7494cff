"""A NetworkPolicy that selects namespaces by KubeSphere's labels: taking these off changes what traffic is let through.

KubeSphere writes kubesphere.io/namespace and kubesphere.io/workspace on namespaces, and policies that select on them
(kubesphere v3.3.1, pkg/controller/namespace/namespace_controller.go, pkg/controller/network/nsnetworkpolicy).
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.model import Evidence, Finding, FleetFacts, Obj, Options, Severity

POLICY = "NetworkPolicy.networking.k8s.io"


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for world in facts.clusters:
        leaning = [(policy, keys) for policy in world.of(POLICY) if (keys := _keys(policy))]
        if leaning:
            yield Finding(
                id="network-policy",
                severity=Severity.WARNING,
                title=f"{len(leaning)} NetworkPolicies of {world.name} select namespaces by KubeSphere's labels",
                evidence=tuple(
                    Evidence(world.name, p.title, "namespaceSelector", ", ".join(sorted(keys))) for p, keys in leaning
                ),
                next="Once the labels are off, these policies match other namespaces; traffic is cut or let through.",
                cure="Select by kubernetes.io/metadata.name, or delete the policies that KubeSphere wrote (nsnp-*).",
            )


def _keys(policy: Obj) -> set[str]:
    """The label keys of KubeSphere's that any namespaceSelector of the policy asks for."""
    rules = [*(policy.spec.get("ingress") or []), *(policy.spec.get("egress") or [])]
    peers = [peer for rule in rules for peer in (rule.get("from") or []) + (rule.get("to") or [])]
    selectors = [peer.get("namespaceSelector") or {} for peer in peers]
    keys = {key for s in selectors for key in s.get("matchLabels") or {}}
    keys |= {e["key"] for s in selectors for e in s.get("matchExpressions") or []}
    return {key for key in keys if catalogue.own_key(key)}

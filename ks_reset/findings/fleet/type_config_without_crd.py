"""A FederatedTypeConfig names types not served: kubefed's controller for it never starts, and logs errors.

kubefed v0.8.1, pkg/controller/federatedtypeconfig/controller.go.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import FEDERATED_TYPE_CONFIG_KEY
from ks_reset.facts import federation
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import ANY_LIST, Reads, host
from ks_reset.model import Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency

ABOUT = About(Group.FEDERATION, "FederatedTypeConfigs name served types", Urgency.STOPS)
READS = Reads(found_in=host(FEDERATED_TYPE_CONFIG_KEY), decided_by=host(ANY_LIST))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    incomplete = [
        (o, missing) for o in facts.host.of(FEDERATED_TYPE_CONFIG_KEY) if (missing := _missing_types(facts, o))
    ]
    if incomplete:
        yield Finding(
            id="type-config-without-crd",
            severity=Severity.WARNING,
            title=f"{len(incomplete)} FederatedTypeConfig(s) name a type that is not served",
            evidence=tuple(Evidence(facts.host.name, o.title, "not served", key) for o, key in incomplete),
            next="kubefed does not spread that type; its other types are not touched.",
            cure="Apply the missing CRD, or delete the FederatedTypeConfig: "
            f"{_delete(facts, [config for config, _ in incomplete])}.",
        )


def _missing_types(facts: FleetFacts, config: Obj) -> str:
    keys = [federation.api_kind_key(config.spec.get(name) or {}) for name in ("federatedType", "targetType")]
    return ", ".join(key for key in keys if key not in facts.host.kinds)


def _delete(facts: FleetFacts, configs: list[Obj]) -> str:
    return "; ".join(
        f"kubectl --context {facts.host.context} -n {o.namespace} delete {o.kind.resource}/{o.name}" for o in configs
    )

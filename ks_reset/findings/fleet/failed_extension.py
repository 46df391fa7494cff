"""The installation, upgrade or removal of an extension of 4.x failed: parts of it are there.

kubesphere v4.1.3, staging/src/kubesphere.io/api/core/v1alpha1/constants.go (states), and
pkg/controller/core/installplan_controller.go: after a failure the controller tries again once the configuration or the
version in the InstallPlan changes.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import INSTALL_PLAN_KEY
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import Reads, host
from ks_reset.model import Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency

FAILED = ("InstallFailed", "UpgradeFailed", "UninstallFailed")

ABOUT = About(Group.PROGRAMS, "No extension is half-way", Urgency.STOPS)
READS = Reads(found_in=host(INSTALL_PLAN_KEY))


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for plan in facts.host.of(INSTALL_PLAN_KEY):
        if states := _failed_states(plan):
            named = f"{plan.kind.resource}/{plan.name}"
            yield Finding(
                id="failed-extension",
                severity=Severity.WARNING,
                title=f"The extension {plan.name} is half-way: {', '.join(sorted(set(states.values())))}",
                evidence=tuple(Evidence(facts.host.name, plan.title, field, state) for field, state in states.items()),
                next="Parts of the extension are there and others not; its helm release stops the next try with the "
                "same error, and the InstallPlan stays in deletion if it is deleted.",
                cure=f"Find the cause: kubectl --context {facts.host.context} describe {named}. ks-reset plan "
                "uninstall --out plan.json takes extensions off with KubeSphere, whatever their state.",
            )


def _failed_states(plan: Obj) -> dict[str, str]:
    """The failed states by field: of the host, and of each member with an agent of the extension."""
    status = plan.body.get("status") or {}
    members = status.get("clusterSchedulingStatuses") or {}
    states = {f"status.clusterSchedulingStatuses[{name}].state": each.get("state") for name, each in members.items()}
    states["status.state"] = status.get("state")
    return {field: str(state) for field, state in states.items() if state in FAILED}

"""A WorkspaceTemplate takes Workspaces away, and with these objects of users, as soon as its controller runs.

3.x writes the placement of the FederatedWorkspace anew from the template, and kubefed deletes the Workspaces outside of
it (kubesphere v3.3.1, pkg/controller/workspacetemplate/workspacetemplate_controller.go, multiClusterSync). 4.x deletes
the Workspace in the cluster of every Cluster the template does not match (kubesphere v4.1.3, the same file,
syncWorkspaceTemplate). A placement changed while the controllers are stopped does nothing until then.
"""

from collections.abc import Iterable

import msgspec

from ks_reset.catalogue.names import FEDERATED_WORKSPACE_KEY, WORKSPACE_TEMPLATE_KEY
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import EVERYTHING, Reads, anywhere, host
from ks_reset.model import Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency
from ks_reset.simulation import as_sentences, losses_by_way_of

ABOUT = About(Group.TENANTS, "No template's placement takes objects away", Urgency.DATA)
READS = Reads(
    found_in=host(WORKSPACE_TEMPLATE_KEY), decided_by=anywhere(EVERYTHING), worded_by=host(FEDERATED_WORKSPACE_KEY)
)


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for template in facts.host.of(WORKSPACE_TEMPLATE_KEY):
        dangers = [] if template.deleting else losses_by_way_of(facts, template.title)
        if dangers:
            yield Finding(
                id="template-takes-away",
                severity=Severity.CRITICAL,
                title=f"The placement of the WorkspaceTemplate {template.name} costs objects of users",
                evidence=tuple(_evidence(facts, template)),
                next=f"Workspaces outside of its placement are deleted. {as_sentences(dangers)}",
                cure=_cure(facts, template),
            )


def _evidence(facts: FleetFacts, template: Obj) -> Iterable[Evidence]:
    """The placement of the template, and that of its FederatedWorkspace, if there is one."""
    federated = facts.host.get(FEDERATED_WORKSPACE_KEY, template.name)
    for obj in (template, federated):
        if obj:
            yield Evidence(facts.host.name, obj.title, "spec.placement", _as_json(obj.spec.get("placement") or {}))


def _cure(facts: FleetFacts, template: Obj) -> str:
    """The placement from before, if it is known; or no namespace in a Workspace.

    Without their owners alone, the namespaces would be bound again by their label.
    """
    federated = facts.host.get(FEDERATED_WORKSPACE_KEY, template.name)
    kubectl = f"kubectl --context {facts.host.context}"
    resource = f"workspacetemplates.tenant.kubesphere.io {template.name}"
    unbind = "ks-reset plan unbind --out plan.json takes the namespaces out of their Workspaces."
    if not federated:
        edit = f"{kubectl} edit {resource}"
        return f"Place the template wherever its Workspace is to stay ({edit}); or {unbind}"
    placement = {"op": "add", "path": "/spec/placement", "value": federated.spec.get("placement") or {}}
    patch = f"{kubectl} patch {resource} --type=json -p '{_as_json([placement])}'"
    return f"Before the controllers run, put the placement back ({patch}); or {unbind}"


def _as_json(value: object) -> str:
    return msgspec.json.encode(value).decode()

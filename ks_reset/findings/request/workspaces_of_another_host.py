"""What is on a member from an earlier host, and the next one deletes or takes over as soon as it is joined.

3.x: kubefed deletes what carries its label and is not placed there (kubefed v0.8.1, pkg/controller/sync/controller.go);
a join asks that of Workspaces alone (kubesphere v3.3.1, pkg/controller/cluster/join.go, checkWorkspaces). 4.x: the host
deletes each Workspace that has a template's name and is not placed there, whoever made it (kubesphere v4.1.3,
pkg/controller/workspacetemplate/workspacetemplate_controller.go, syncWorkspaceTemplate).
"""

from collections.abc import Iterable

from ks_reset.facts.label_selectors import selects
from ks_reset.facts.workspaces import GROUP, WORKSPACE
from ks_reset.findings.request.planned_install import has_kubefed, members_to_join
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, MemberJoin, Obj, Options, Severity

MANAGED = "kubefed.io/managed"
TEMPLATE = f"WorkspaceTemplate.{GROUP}"


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for joining, member in members_to_join(facts, options):
        kubefed = has_kubefed(facts)
        found = _marked(member) if kubefed else _unplaced(facts.host, member, joining)
        if found:
            placed = ("placement of the host's template", "elsewhere")
            field, value = (f"metadata.labels[{MANAGED}]", "true") if kubefed else placed
            yield Finding(
                id="workspaces-of-another-host",
                severity=Severity.CRITICAL,
                title=f"{len(found)} object(s) of {member.name} would be deleted by the host that it is joined to",
                evidence=tuple(Evidence(member.name, obj.title, field, value) for obj in found[:20]),
                next="The host takes them for its own, and deletes those that it does not place here; what hangs on a "
                "Workspace goes with it.",
                cure="ks-reset plan adopt-member takes kubefed's labels off."
                if kubefed
                else "Place these Workspaces on the member before it is joined, or give them another name.",
            )


def _marked(member: ClusterFacts) -> list[Obj]:
    return [obj for obj in member.all() if obj.labels.get(MANAGED) == "true"]


def _unplaced(host: ClusterFacts, member: ClusterFacts, joining: MemberJoin) -> list[Obj]:
    cluster = joining.cluster.obj
    return [w for w in member.of(WORKSPACE) if (t := host.get(TEMPLATE, w.name)) and not _placed(t, cluster)]


def _placed(template: Obj, cluster: Obj) -> bool:
    """Names win over a selector (v4.1.3, pkg/controller/workspacetemplate/utils)."""
    placement = template.spec.get("placement") or {}
    if names := [each.get("name") for each in placement.get("clusters") or ()]:
        return cluster.name in names
    selector = placement.get("clusterSelector")
    return selector is not None and selects(selector, cluster.labels)

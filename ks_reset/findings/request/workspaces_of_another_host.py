"""Objects of an earlier host on a member: the next host deletes them or takes them over as soon as it has joined it.

3.x: kubefed deletes objects with its label not placed there (kubefed v0.8.1, pkg/controller/sync/controller.go); a
join checks Workspaces alone (kubesphere v3.3.1, pkg/controller/cluster/join.go, checkWorkspaces). 4.x: the host
deletes each Workspace of a template's name not placed there, whoever created it (kubesphere v4.1.3,
pkg/controller/workspacetemplate/workspacetemplate_controller.go, syncWorkspaceTemplate).
"""

import json
import shlex
from collections.abc import Iterable

from ks_reset.catalogue.names import KUBEFED_MANAGED_LABEL, TENANT_GROUP, WORKSPACE_KEY, WORKSPACE_TEMPLATE_KEY
from ks_reset.facts.label_selectors import selector_matches
from ks_reset.findings.reads import EVERYTHING, Reads, each, host
from ks_reset.findings.request.planned_install import SELECTED, has_kubefed, members_to_join
from ks_reset.model import Body, ClusterFacts, Evidence, Finding, FleetFacts, MemberJoin, Obj, Options, Severity

READS = Reads(found_in=(*each(EVERYTHING, WORKSPACE_KEY), *host(WORKSPACE_TEMPLATE_KEY)), decided_by=SELECTED)


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for joining, member in members_to_join(facts, options):
        kubefed = has_kubefed(facts)
        endangered = _managed_objects(member) if kubefed else _unplaced_workspaces(facts.host, member, joining)
        if endangered:
            placed = ("placement of the host's template", "elsewhere")
            field, value = (f"metadata.labels[{KUBEFED_MANAGED_LABEL}]", "true") if kubefed else placed
            yield Finding(
                id="workspaces-of-another-host",
                severity=Severity.CRITICAL,
                title=f"{len(endangered)} object(s) of {member.name} would be deleted by its new host",
                evidence=tuple(Evidence(member.name, obj.title, field, value) for obj in endangered[:20]),
                next="The host takes them for its own, and deletes those it does not place here; objects owned by a "
                "Workspace are deleted with it.",
                cure=f"Remove kubefed's labels: ks-reset plan adopt-member --members {shlex.quote(member.name)} "
                "--out plan.json."
                if kubefed
                else f"Place these Workspaces on the member before you join it: {_place(facts, endangered, joining)}.",
            )


def _managed_objects(member: ClusterFacts) -> list[Obj]:
    return [obj for obj in member.all() if obj.labels.get(KUBEFED_MANAGED_LABEL) == "true"]


def _unplaced_workspaces(host: ClusterFacts, member: ClusterFacts, joining: MemberJoin) -> list[Obj]:
    cluster = joining.cluster.obj
    return [
        w
        for w in member.of(WORKSPACE_KEY)
        if (t := host.get(WORKSPACE_TEMPLATE_KEY, w.name)) and not _is_placed_on(t, cluster)
    ]


def _is_placed_on(template: Obj, cluster: Obj) -> bool:
    """Names win over a selector (v4.1.3, pkg/controller/workspacetemplate/utils)."""
    placement = template.spec.get("placement") or {}
    if names := [entry.get("name") for entry in placement.get("clusters") or ()]:
        return cluster.name in names
    selector = placement.get("clusterSelector")
    return selector is not None and selector_matches(selector, cluster.labels)


def _place(facts: FleetFacts, workspaces: list[Obj], joining: MemberJoin) -> str:
    """The commands that place templates of the host on the new member; one with a selector is opened by hand."""
    templates = (facts.host.get(WORKSPACE_TEMPLATE_KEY, workspace.name) for workspace in workspaces[:20])
    return "; ".join(_placing(facts.host, template, joining.cluster.obj.name) for template in templates if template)


def _placing(host: ClusterFacts, template: Obj, member: str) -> str:
    resource = f"workspacetemplates.{TENANT_GROUP}/{template.name}"
    kubectl, placement = f"kubectl --context {shlex.quote(host.context)}", template.spec.get("placement") or {}
    entry = {"name": member}
    if placement.get("clusters"):
        patch: Body = {"op": "add", "path": "/spec/placement/clusters/-", "value": entry}
    elif "clusterSelector" in placement:
        return f"{kubectl} edit {resource}"
    else:
        patch = {"op": "add", "path": "/spec/placement", "value": {"clusters": [entry]}}
    return f"{kubectl} patch {resource} --type=json -p {shlex.quote(json.dumps([patch], separators=(',', ':')))}"

"""Controllers of KubeSphere, or owners of its types, lead to the loss of users' objects in a way no other rule reports.

Such are an application whose release is being deleted, a DevOps project's namespace, a template being deleted, and any
object with a gone owner of KubeSphere's. The chain is computed as `ks-reset explain` does it.
"""

import shlex
from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import (
    APPLICATION_RELEASE_KEY,
    HELM_RELEASE_KEY,
    KUBEFED_CONTROLLER_MANAGER,
    NAMESPACE_KEY,
    WORKSPACE_KEY,
    WORKSPACE_TEMPLATE_KEY,
)
from ks_reset.facts import federation
from ks_reset.facts.controllers import reacting_controllers, replica_count
from ks_reset.facts.crds import is_federated, own_objects
from ks_reset.findings.about import About, Group
from ks_reset.findings.fleet.unplaced_target import unplaced_targets
from ks_reset.findings.reads import ANY_LIST, CONNECTIONS, DIALS, EVERYTHING, Reads, anywhere
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Options, Severity, Urgency
from ks_reset.simulation import as_sentences, defusing_playbooks, losses_by_time
from ks_reset.simulation.actors import devops_controller, ks_controller_manager, kubefed
from ks_reset.simulation.chains import Consequence, Link
from ks_reset.simulation.move import Effect
from ks_reset.simulation.objects import SimObject
from ks_reset.simulation.threats import Danger

ABOUT = About(Group.TENANTS, "Nothing of KubeSphere's leads to another loss of users' objects", Urgency.DATA)
READS = Reads(decided_by=anywhere(EVERYTHING, ANY_LIST, DIALS, CONNECTIONS))
OWN_ACTORS = (ks_controller_manager.ACTOR, devops_controller.ACTOR)
RELEASES = (HELM_RELEASE_KEY, APPLICATION_RELEASE_KEY)


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    dangers = [(when, *loss) for when, losses in losses_by_time(facts).items() for loss in losses]
    for cluster in facts.clusters:
        found = [d for d in dangers if d[1].id.cluster == cluster.identity and _is_untold(facts, d[2])]
        if found:
            yield Finding(
                id="foreseen-loss",
                severity=Severity.CRITICAL,
                title=f"{len(found)} object(s) of users on {cluster.name} would be lost",
                evidence=tuple(_evidence(cluster, danger) for danger in found),
                next=as_sentences(found),
                cure=_cure(facts, found),
            )


def _evidence(cluster: ClusterFacts, danger: Danger) -> Evidence:
    _, subject, consequence = danger
    last = consequence.chain[-1]
    return Evidence(cluster.name, subject.id.title, last.field, f"{last.actor}: {last.why}")


def _is_untold(facts: FleetFacts, loss: Consequence) -> bool:
    """Whether KubeSphere leads to the loss, and no rule about Workspaces, templates or records reports it."""
    chain = loss.chain
    titles = {title for link in chain for title in (link.object, link.cause)}
    if not any(link.actor in OWN_ACTORS for link in chain) and not any(map(_is_brought, titles)):
        return False
    if any(link.actor == kubefed.ACTOR for link in chain) and not _is_told_of_kubefed(facts, chain):
        return True
    templates = [t for t in facts.host.of(WORKSPACE_TEMPLATE_KEY) if t.title in titles]
    if any(template.deleting for template in templates):
        return True
    return not (templates or any(link.actor == kubefed.ACTOR for link in chain) or _is_of_workspace(chain))


def _is_told_of_kubefed(facts: FleetFacts, chain: tuple[Link, ...]) -> bool:
    """Whether a rule about federated objects, their placement, or records reports a deletion by kubefed.

    None does where the deletion or the missing placement is still to come: with the namespace of a federated object,
    once kubefed has taken an object over, or through a record that is made again.
    """
    host, deletions = facts.host, [link for link in chain if (link.actor, link.deed) == (kubefed.ACTOR, Effect.DELETES)]
    causes = {link.cause for link in deletions}
    if not deletions or any(_is_between_records(facts, link) for link in deletions):
        return True
    if any(obj.deleting and obj.title in causes for obj in own_objects(host) if is_federated(obj)):
        return True
    templates = {link.cause for link in chain if link.cause.startswith(f"{WORKSPACE_TEMPLATE_KEY} ")}
    return bool(templates) or any(_is_unplaced(facts, link) for link in deletions)


def _is_between_records(facts: FleetFacts, deletion: Link) -> bool:
    """Whether two records reach the cluster of a deletion, or one cluster whose identity is not known."""
    reached = {group.identity for group in federation.same_cluster_groups(facts.host)}
    return any(world.name == deletion.cluster and {world.identity, ""} & reached for world in facts.clusters)


def _is_unplaced(facts: FleetFacts, deletion: Link) -> bool:
    """Whether what kubefed deletes bears its label now, and is not placed there."""
    cluster = next(each for each in facts.clusters if each.name == deletion.cluster)
    records = federation.records_of(facts, cluster)
    return any(obj.title == deletion.object for obj in unplaced_targets(facts, cluster, records)) if records else False


def _is_of_workspace(chain: tuple[Link, ...]) -> bool:
    """Whether a namespace goes with a Workspace that is gone or being deleted by now."""
    deleted = {link.object for link in chain if link.deed == Effect.DELETES}
    causes = {link.cause for link in chain if link.object.startswith(f"{NAMESPACE_KEY} ")}
    return any(cause.startswith(f"{WORKSPACE_KEY} ") and cause not in deleted for cause in causes)


def _is_brought(title: str) -> bool:
    """Whether an object is of a type KubeSphere brings, or of a group of its own."""
    key = title.partition(" ")[0]
    return catalogue.is_own_group(key.partition(".")[2]) or key in {e.key for e in catalogue.load_catalogue().crds}


def _cure(facts: FleetFacts, dangers: list[Danger]) -> str:
    books = defusing_playbooks(facts, dangers)
    commands = [f"ks-reset plan {book} --out plan.json" for book in books]
    causes = {(link.cause, link.cluster) for _, _, loss in dangers for link in loss.chain if _is_release(link.cause)}
    for title, name in sorted(causes):
        key, _, release = title.partition(" ")
        cluster = next(each for each in facts.clusters if each.name == name)
        kind = cluster.kinds.get(key) or facts.host.kinds[key]
        patch = '[{"op":"remove","path":"/metadata/finalizers"}]'
        commands.append(
            f"kubectl --context {facts.host.context} patch {kind.resource} {release} --type=json -p '{patch}'"
        )
    return f"Before the controllers act: {'; '.join(commands)}" if commands else _by_hand(facts, dangers)


def _by_hand(facts: FleetFacts, dangers: list[Danger]) -> str:
    """No playbook prevents the loss: the controllers that lead to it are stopped, and one loss is explained."""
    actors = {link.actor for _, _, loss in dangers for link in loss.chain}
    names = actors | ({KUBEFED_CONTROLLER_MANAGER} if kubefed.ACTOR in actors else set())
    stops = [
        f"kubectl --context {cluster.context} -n {each.namespace} scale deployment {each.name} --replicas=0"
        for cluster in facts.clusters
        for each in filter(replica_count, reacting_controllers(cluster))
        if catalogue.controller_name(each) in names
    ]
    explain = _explain_command(facts, dangers[0][1])
    if stops:
        return f"Stop what leads there: {'; '.join(stops)}. What happens to one of them, and why: {explain}"
    return f"Do not start the controllers. What happens to one of them, and why: {explain}"


def _explain_command(facts: FleetFacts, subject: SimObject) -> str:
    inside = f" -n {subject.id.namespace}" if subject.id.namespace else ""
    home = next(each for each in facts.clusters if each.identity == subject.id.cluster)
    there = "" if home is facts.host else f" --cluster {shlex.quote(home.name)}"
    return f"ks-reset explain {subject.kind.resource}/{subject.id.name}{inside}{there}"


def _is_release(title: str) -> bool:
    return title.partition(" ")[0] in RELEASES

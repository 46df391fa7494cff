"""Objects of unknown origin are in a namespace deleted by an uninstall."""

import shlex
from collections.abc import Iterable
from itertools import groupby

from ks_reset.facts.contents import unaccounted_objects
from ks_reset.facts.given_up import discard_key
from ks_reset.facts.inhabitants import users_objects_in_system_namespaces
from ks_reset.facts.kept import Kept
from ks_reset.facts.volume_snapshots import contents_going_with
from ks_reset.findings.about import About, Group
from ks_reset.findings.reads import ANY_LIST, EVERYTHING, SERVED, Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency

ABOUT = About(Group.CONTENTS, "Every object in KubeSphere's namespaces is known", Urgency.KNOW)
READS = Reads(decided_by=each(SERVED, EVERYTHING, ANY_LIST))


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        kept = Kept(cluster, options.request).namespaces
        known = {o.uid for o in users_objects_in_system_namespaces(cluster, options.request.data)}
        unknown = unaccounted_objects(cluster, options.request, options.material.joins)
        objects = [o for o in unknown if o.uid not in known and o.namespace not in kept]
        if objects:
            yield Finding(
                id="unknown-contents",
                severity=Severity.WARNING,
                title=f"{len(objects)} object(s) of unknown origin in KubeSphere's namespaces on {cluster.name}",
                evidence=tuple(Evidence(cluster.name, o.title, "metadata.namespace", o.namespace) for o in objects),
                next="Nothing proves that KubeSphere or a controller made them; deleting the namespace deletes them.",
                cure=_way_on(cluster, objects),
                certainty="no entry of the catalogue, no helm release of KubeSphere's, no owner, no controller",
            )


def _way_on(cluster: ClusterFacts, objects: list[Obj]) -> str:
    flags = " ".join(f"--discard {shlex.quote(discard_key(obj))}" for obj in objects)
    copies = "; ".join(_copy_commands(cluster, objects))
    if contents := contents_going_with(cluster, objects):
        keep = "; ".join(_retain_command(cluster, content) for content in contents)
        return (
            f"A copy of a VolumeSnapshot keeps no data: its snapshot in the storage goes with it. To keep that: "
            f"{keep}. Keep a copy: {copies}. To use them further, apply the copy in another namespace. Then: "
            f"ks-reset plan uninstall {flags} --out plan.json"
        )
    return (
        f"Keep a copy: {copies}. To use them further, apply the copy in another namespace. Then: "
        f"ks-reset plan uninstall {flags} --out plan.json"
    )


def _retain_command(cluster: ClusterFacts, content: Obj) -> str:
    patch = """'{"spec":{"deletionPolicy":"Retain"}}'"""
    return f"kubectl --context {cluster.context} patch {content.kind.resource}/{content.name} --type=merge -p {patch}"


def _copy_commands(cluster: ClusterFacts, objects: list[Obj]) -> Iterable[str]:
    """One command of kubectl for each namespace; it reads Secrets with their contents."""
    for namespace, inside in groupby(sorted(objects, key=lambda o: o.namespace), lambda o: o.namespace):
        names = [f"{obj.kind.resource}/{obj.name}" for obj in inside]
        command = shlex.join(["kubectl", "--context", cluster.context, "-n", namespace, "get", *names, "-o", "yaml"])
        file = f"{cluster.name}-{namespace}.yaml".replace("/", "-")
        yield f"(umask 077; {command} > {shlex.quote(file)})"

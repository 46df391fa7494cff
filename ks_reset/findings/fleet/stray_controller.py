"""A controller runs without a Deployment: it reacts to every change, and no scaling of a Deployment stops it.

A plan scales its ReplicaSet or StatefulSet. A Pod by itself, or one started again by its owner, is for a person
to stop. A lock renewed while nothing here runs the controller has its holder elsewhere; a plan waits until it
is not renewed any more.
"""

import shlex
from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.facts.controllers import replica_count
from ks_reset.facts.leader_locks import LOCK_KEYS, renewed_locks
from ks_reset.facts.stray_controllers import RUNNERS, stray_controllers
from ks_reset.findings.about import About, Group
from ks_reset.findings.mend import command_to_see
from ks_reset.findings.reads import Reads, each
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity, Urgency

ABOUT = About(Group.PROGRAMS, "Controllers run by their Deployments alone", Urgency.STOPS)
READS = Reads(found_in=each(*RUNNERS, *LOCK_KEYS), decided_by=each(*RUNNERS))
BY_HAND = "runs by itself"
"""The field of the evidence of what no plan stops."""


def check(facts: FleetFacts, _: Options) -> Iterable[Finding]:
    for cluster in facts.clusters:
        strays, locks = stray_controllers(cluster), renewed_locks(facts, cluster)
        programs = [catalogue.controller_name(obj) for obj in strays.running] + [lock.program for lock in locks]
        if programs:
            yield Finding(
                id="stray-controller",
                severity=Severity.WARNING,
                title=f"{', '.join(dict.fromkeys(programs))} of {cluster.name} runs without a Deployment",
                evidence=(
                    *(_evidence(cluster, obj, obj in strays.stoppable) for obj in strays.running),
                    *(Evidence(cluster.name, lock.obj.title, "holderIdentity", lock.holder) for lock in locks),
                ),
                next="It restores removed marks, and kubefed deletes what it does not place, as any other does.",
                cure=" ".join(
                    (
                        *(_stop_sentence(cluster, obj, obj in strays.stoppable) for obj in strays.running),
                        *(f"Find the holder, and stop it: {command_to_see(cluster, lock.obj)}." for lock in locks),
                        "ks-reset doctor does not name it any more once it is stopped.",
                    )
                ),
            )


def _evidence(cluster: ClusterFacts, obj: Obj, stoppable: bool) -> Evidence:
    if stoppable:
        return Evidence(cluster.name, obj.title, "spec.replicas", str(replica_count(obj)))
    return Evidence(cluster.name, obj.title, BY_HAND, catalogue.controller_name(obj))


def _stop_sentence(cluster: ClusterFacts, obj: Obj, stoppable: bool) -> str:
    """The command to end a controller: its workload is scaled to 0, as a plan does; anything else is deleted."""
    name, kubectl = shlex.quote(f"{obj.kind.resource}/{obj.name}"), f"kubectl --context {shlex.quote(cluster.context)}"
    if stoppable:
        return f"A plan scales it to 0; by hand: {kubectl} -n {obj.namespace} scale {name} --replicas=0."
    return f"Stop it: {kubectl} -n {obj.namespace} delete {name}."

"""Stop the controllers of KubeSphere and kubefed, and prove it.

ks-installer is stopped first, since its shell-operator would start the others again (ks-installer v3.3.1); then the
controllers of finalizers, labels, ownerReferences and deletions, since they react within seconds. The earlier number of
replicas is kept in an annotation of the Deployment. One without a Deployment is stopped by its ReplicaSet.
"""

from collections.abc import Iterable

from ks_reset import catalogue
from ks_reset.catalogue.names import REPLICAS_ANNOTATION
from ks_reset.facts.component_choice import ComponentChoice
from ks_reset.facts.controllers import replica_count
from ks_reset.facts.leader_locks import lone_locks
from ks_reset.facts.stray_controllers import stoppable_controllers
from ks_reset.model import Action
from ks_reset.steps.actions import scale_to, wait_for_lock, wait_quiet
from ks_reset.steps.step import Step, StepContext


def stop_controllers(context: StepContext) -> Iterable[Action]:
    for cluster in context.facts.clusters:
        for deployment in stoppable_controllers(cluster):
            if count := replica_count(deployment):
                why = f"it reacts to changes; it has {count} replica(s) now"
                yield scale_to(STOP_CONTROLLERS.name, cluster, deployment, 0, why)


def prove_quiet(context: StepContext) -> Iterable[Action]:
    for cluster in context.facts.clusters:
        yield from wait_quiet(PROVE_QUIET.name, cluster, stoppable_controllers(cluster))
        for program in dict.fromkeys(lock.program for lock in lone_locks(cluster)):
            yield wait_for_lock(PROVE_QUIET.name, cluster, program)


def quiet_federation(context: StepContext) -> Iterable[Action]:
    host = context.facts.host
    for deployment in filter(catalogue.is_kubefed_controller, stoppable_controllers(host)):
        if replica_count(deployment):
            yield scale_to(QUIET_FEDERATION.name, host, deployment, 0, "it recreates Workspaces")


def resume_controllers(context: StepContext) -> Iterable[Action]:
    """Where single components go, the core stays: start the controllers that stay again, as many as there were.

    kubefed and ks-controller-manager before ks-installer, which installs what its ClusterConfiguration asks for.
    """
    for cluster in context.facts.clusters if context.request.only else ():
        choice = ComponentChoice(cluster, context.request)
        for deployment in reversed([d for d in stoppable_controllers(cluster) if not choice.may_go(d)]):
            if earlier := int(deployment.annotations.get(REPLICAS_ANNOTATION, 0)) or replica_count(deployment):
                why = f"it stays, and it had {earlier} replica(s)"
                yield scale_to(RESUME_CONTROLLERS.name, cluster, deployment, earlier, why)


STOP_CONTROLLERS = Step(
    "stop-controllers",
    "Controllers restore removed marks and act on deletions, so nothing is changed while one runs.",
    after=("fasten-seatbelt",),
    actions=stop_controllers,
)
PROVE_QUIET = Step(
    "prove-quiet",
    "A Deployment with zero replicas is no proof: a second copy elsewhere would still renew its lock, and react.",
    after=("stop-controllers",),
    actions=prove_quiet,
)
RESUME_CONTROLLERS = Step(
    "resume-controllers",
    "They act on what is left, so they start once everything of the chosen components is gone.",
    after=("prove-quiet", "remove-parts"),
    actions=resume_controllers,
)
QUIET_FEDERATION = Step(
    "quiet-federation",
    "kubefed deletes a Workspace through one record and creates it through another.",
    after=("fasten-seatbelt",),
    actions=quiet_federation,
)

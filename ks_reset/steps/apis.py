"""Make KubeSphere's own lists readable again: without their conversion webhook, or without the API that is gone."""

from collections.abc import Iterable

from ks_reset.catalogue.names import REPLICAS_ANNOTATION
from ks_reset.facts import dead_backends as backends
from ks_reset.facts.kept import Kept
from ks_reset.facts.webhooks import backing_deployments
from ks_reset.model import Action, ClusterFacts, Delete, StopConversion
from ks_reset.steps.step import Step, StepContext


def mend_apis(context: StepContext) -> Iterable[Action]:
    """Dead conversions and APIs of KubeSphere's. Those of a kept type or operator stay: it may come back.

    The vendor's receivers and configs are converted by notification-manager (ks-installer v3.3.1,
    roles/ks-monitor/files/notification-manager/crds); with its namespace gone nobody can read, delete or convert them.
    """
    for cluster in context.facts.clusters:
        kept = Kept(cluster, context.request)
        for each in backends.dead_conversions(cluster):
            if not kept.names_type(each.crd):
                gone = f"{'/'.join(each.service)} has no endpoints, so nobody converts its objects"
                why = f"{gone}; {each.proof}; restore does not give the conversion back"
                yield StopConversion.on(each.crd, MEND_APIS.name, cluster.identity, why)
        for api, proof in backends.own_dead_apis(cluster):
            stopped = _is_stopped_by_a_playbook(cluster, backends.api_service(api))
            if not (stopped or backends.is_kept_api(kept, api)):
                why = f"nobody answers for it, and every discovery reports it; {proof}"
                yield Delete.on(api, MEND_APIS.name, cluster.identity, why)


def _is_stopped_by_a_playbook(cluster: ClusterFacts, service: tuple[str, str] | None) -> bool:
    """Whether the backend is one that an earlier step stopped: the step remove-webhooks takes its API."""
    deployments = backing_deployments(cluster, *service) if service else []
    return any(REPLICAS_ANNOTATION in deployment.annotations for deployment in deployments)


MEND_APIS = Step(
    "mend-apis",
    "A list that fails for want of a backend hides its objects, and no deletion of its type or of a namespace ends.",
    after=("fasten-seatbelt",),
    actions=mend_apis,
)

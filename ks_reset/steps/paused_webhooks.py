"""Webhooks of controllers that a playbook pauses itself: without their backend they refuse its own requests.

ks-controller-manager answers the webhooks of KubeSphere's own types in its own process, that of Clusters among them
(kubesphere v3.3.1, cmd/controller-manager/app/server.go, /validate-cluster-kubesphere-io-v1alpha1). The playbook
deletes them while the controllers are paused, and creates them again once they run. Nothing else names them in
between, so the plan keeps them.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import REPLICAS_ANNOTATION, WEBHOOK_KEYS
from ks_reset.credentials.recorded import as_manifest
from ks_reset.facts.webhooks import backing_deployments, called_services, has_endpoints
from ks_reset.model import Action, BeforeImage, ClusterFacts, Obj
from ks_reset.steps.actions import create_recorded, is_absent
from ks_reset.steps.federation import pausable_controllers
from ks_reset.steps.step import Step, StepContext


def is_answered(cluster: ClusterFacts, context: StepContext, service: tuple[str, str]) -> bool:
    """Whether a Service has a backend once the playbook has paused its controllers."""
    return has_endpoints(cluster, *service) and not _is_paused(cluster, context, service)


def with_paused_webhooks(context: StepContext) -> StepContext:
    """The same context, with the webhooks to be deleted that had a backend before the pause in its material.

    Those of an approved plan stay: once the controllers are paused, facts do not tell any more.
    """
    if context.material.webhooks is not None:
        return context
    host = context.facts.host
    doomed = (o for key in WEBHOOK_KEYS for o in host.of(key) if o.uid in context.doomed)
    paused = [obj for obj in doomed if _is_returning(host, context, obj)]
    images = (BeforeImage(host.identity, obj.kind, as_manifest(obj.body)) for obj in paused)
    return context.with_material(webhooks=tuple(images))


def return_webhooks(context: StepContext) -> Iterable[Action]:
    """The webhooks deleted for the time of the pause, as they were."""
    for image in context.material.webhooks or ():
        cluster = context.facts.cluster(image.cluster)
        now = cluster.get(image.kind.key, image.obj.name) if cluster else None
        if cluster and (is_absent(cluster, image) or (now and now.uid in context.doomed)):
            yield create_recorded(RETURN_WEBHOOKS.name, image, "its backend runs again")


def _is_paused(cluster: ClusterFacts, context: StepContext, service: tuple[str, str]) -> bool:
    """Whether every Deployment behind a Service is one that this playbook pauses."""
    paused = (
        {deployment.uid for deployment in pausable_controllers(context)} if cluster is context.facts.host else set()
    )
    backends = backing_deployments(cluster, *service)
    return bool(backends) and all(deployment.uid in paused for deployment in backends)


def _is_returning(host: ClusterFacts, context: StepContext, configuration: Obj) -> bool:
    """Whether each backend runs now, or was paused by an earlier run and is started again."""
    return "return-webhooks" in context.steps and all(
        has_endpoints(host, *service)
        or any(REPLICAS_ANNOTATION in d.annotations for d in backing_deployments(host, *service))
        for service in called_services(configuration)
    )


RETURN_WEBHOOKS = Step(
    "return-webhooks",
    "The webhook was deleted because its backend was paused; it protects the host's records again.",
    after=("remove-dead-webhooks", "resume-federation"),
    actions=return_webhooks,
)

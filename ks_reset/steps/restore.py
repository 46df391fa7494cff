"""Make again what a run deleted: here everything but what has to come before or after the rest."""

from collections.abc import Callable, Iterable

from msgspec import structs

from ks_reset import catalogue
from ks_reset.facts import webhooks
from ks_reset.facts.crds import CRD
from ks_reset.model import Action, BeforeImage, ClusterFacts, Skipped, Verb
from ks_reset.steps.actions import absent, create
from ks_reset.steps.step import Step, StepContext

WHY = "An object of a type that is not served, or in a namespace that is not there, cannot be made."
FIRST = (CRD, "Namespace")
LAST = (*webhooks.CONFIGURATIONS, "APIService.apiregistration.k8s.io")


def actions(ground: StepContext) -> Iterable[Action | Skipped]:
    yield from again(STEP.name, ground, lambda past: past.kind.key not in (*FIRST, *LAST))


def again(step: str, ground: StepContext, chosen: Callable[[BeforeImage], bool]) -> Iterable[Action | Skipped]:
    """Make the chosen ones that are not there; a controller without replicas, since others are still missing."""
    for past in ground.options.past:
        world = ground.facts.world(past.cluster)
        if past.deed is Verb.DELETE and world and chosen(past) and absent(world, past):
            if why := past.why or _homeless(ground, world, past):
                yield Skipped(world.name, past.obj.title, f"is not given back: {why}")
            else:
                yield create(step, still(past), "the run deleted it, or it went along")


def _homeless(ground: StepContext, world: ClusterFacts, past: BeforeImage) -> str:
    """Why there is no place for it: its namespace is gone, and was not deleted by the run."""
    home = past.obj.namespace
    made = any(p.kind.key == "Namespace" and p.obj.name == home for p in ground.options.past if p.deed is Verb.DELETE)
    return "" if not home or made or world.get("Namespace", home) else f"its namespace {home} is gone"


def still(past: BeforeImage) -> BeforeImage:
    """A controller of KubeSphere's or kubefed's asks for no pods yet."""
    if not (past.kind.key == "Deployment.apps" and catalogue.reacts(past.obj)):
        return past
    return structs.replace(past, body={**past.body, "spec": {**past.obj.spec, "replicas": 0}})


STEP = Step("restore-objects", WHY, after=("restore-namespaces",), actions=actions)

"""Make users, roles, their bindings and quotas again that are not there. Passwords are not remembered."""

from collections.abc import Iterable

from ks_reset.credentials.recorded import unrecorded
from ks_reset.model import Action, BeforeImage, Skipped
from ks_reset.steps.actions import absent, create, served
from ks_reset.steps.step import Step, StepContext
from ks_reset.tenancy.memory import ACCESS, NAMESPACED, USER

WHY = "Who could work in a Workspace can do so again; what KubeSphere has made by itself meanwhile is left as it is."
ORDER = (*ACCESS, *NAMESPACED)


def actions(ground: StepContext) -> Iterable[Action | Skipped]:
    memory = ground.options.memory
    yield from memory.left if memory else ()
    pasts = [past for past in memory.objects if past.kind.key in ORDER] if memory else []
    for past in sorted(pasts, key=lambda p: ORDER.index(p.kind.key)):
        world = ground.facts.world(past.cluster)
        if world is None or not absent(world, past) or _homeless(ground, past):
            continue
        if why := _against(ground, past):
            yield Skipped(world.name, past.obj.title, why)
            continue
        yield create(STEP.name, past, "it was there before")
        if past.kind.key == USER and not past.sealed:
            yield Skipped(
                world.name, past.obj.title, "comes back without its password: an administrator sets a new one"
            )


def _against(ground: StepContext, past: BeforeImage) -> str:
    world = ground.facts.world(past.cluster)
    if world is None or not served(world, past):
        return f"is not given back: {past.kind.api_version} is not served here"
    missing = "" if past.sealed else ", ".join(unrecorded(past.body))
    return f"is not given back: of {missing} only a digest was recorded" if missing else ""


def _homeless(ground: StepContext, past: BeforeImage) -> bool:
    """Whether the namespace that it was in is gone."""
    world, home = ground.facts.world(past.cluster), past.obj.namespace
    return bool(home) and (world is None or world.get("Namespace", home) is None)


STEP = Step("give-access", WHY, after=("rebind-namespaces",), actions=actions)

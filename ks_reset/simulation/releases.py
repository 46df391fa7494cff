"""Whether a finalizer of KubeSphere's is taken off by a program that runs."""

from functools import cache

from ks_reset.catalogue.finalizers import finalizer_programs
from ks_reset.catalogue.names import DEPLOYMENT_KEY, KS_CONTROLLER_MANAGER
from ks_reset.simulation.objects import SimObject
from ks_reset.simulation.state import State

_programs = cache(finalizer_programs)


def is_released(state: State, subject: SimObject, finalizer: str, managed: bool) -> bool:
    """Whether a running program takes this finalizer off. `managed`: ks-controller-manager runs on its cluster."""
    programs = _programs(subject.id.key, finalizer)
    if KS_CONTROLLER_MANAGER in programs:
        return managed
    deployments = state.by_kind.get(DEPLOYMENT_KEY, ()) if programs else ()
    return any(d.id.cluster == subject.id.cluster and d.id.name in programs and d.replicas > 0 for d in deployments)


def releaser_name(subject: SimObject, finalizer: str) -> str:
    """The program that takes this finalizer off; "nobody" if none is known."""
    return next(iter(_programs(subject.id.key, finalizer)), "nobody")

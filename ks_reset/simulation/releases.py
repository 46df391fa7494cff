"""Whether a finalizer of KubeSphere's is taken off by a program that runs."""

from ks_reset import catalogue
from ks_reset.catalogue.finalizers import finalizer_programs
from ks_reset.catalogue.names import DEPLOYMENT_KEY, KS_CONTROLLER_MANAGER
from ks_reset.simulation.memo import remembered
from ks_reset.simulation.objects import SimObject
from ks_reset.simulation.state import State


def is_released(state: State, subject: SimObject, finalizer: str, managed: bool) -> bool:
    """Whether a running program takes this finalizer off. `managed`: ks-controller-manager runs on its cluster."""
    programs = finalizer_programs(subject.id.key, finalizer)
    if KS_CONTROLLER_MANAGER in programs:
        return managed
    return any((subject.id.cluster, program) in _scaled_programs(state) for program in programs)


@remembered(DEPLOYMENT_KEY)
def _scaled_programs(state: State) -> frozenset[tuple[str, str]]:
    """The cluster and the program of each Deployment with replicas, by image and by name (facts/controllers.py)."""
    scaled = (d for d in state.of_kind(DEPLOYMENT_KEY) if d.replicas > 0)
    return frozenset((d.id.cluster, name) for d in scaled for name in (catalogue.program_name(d.obj), d.obj.name))


def releaser_name(subject: SimObject, finalizer: str) -> str:
    """The program that takes this finalizer off; "nobody" if none is known."""
    return next(iter(finalizer_programs(subject.id.key, finalizer)), "nobody")

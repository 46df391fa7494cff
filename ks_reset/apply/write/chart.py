"""Have helm put a chart on: guards first, as before any write, then the journal, then helm, with the eyes open."""

from collections.abc import Callable

from ks_reset.apply.context import RunContext
from ks_reset.apply.write.action import SENT, act
from ks_reset.external import helm
from ks_reset.facts import helm_releases
from ks_reset.guards import GUARDS
from ks_reset.model import Action, Obj, Verb

LEFT = "helm's own record of a run that was cut off; with it there, helm refuses to begin again"


def install(run: RunContext, action: Action, tell: Callable[[str], None]) -> None:
    """Install the chart of an action, whole with its credentials; a record that helm left half-written goes first.

    Raises Refused or Stale from a guard, Stopped with helm's own words if it fails.
    """
    cluster, world = run.fleet.cluster(action.cluster), run.world(action.cluster)
    for left in helm_releases.pending(world.of(action.kind.key)):
        gone = Action.on(left, action.step, action.cluster, Verb.DELETE, LEFT)
        if act(cluster, gone, run.site, run.journal, min(run.timeout, 60)) == SENT:
            run.count(action.cluster)
    site = run.site(action)
    for guard in GUARDS:
        guard(action, Obj(action.kind, {}), site)
    run.journal.begin(action, {})
    helm.install(run.keys.chart, run.keys.fill(action), cluster.way, run.timeout, tell)
    run.count(action.cluster)
    run.journal.end(action, "done")

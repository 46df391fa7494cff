"""install-chart: install a chart with helm, after the guards and the journal, as for any write."""

from collections.abc import Sequence

from ks_reset.apply.context import RunContext
from ks_reset.apply.write.delete import deletion_request
from ks_reset.apply.write.request import write_object
from ks_reset.external import helm
from ks_reset.facts import helm_releases
from ks_reset.guards import GUARDS
from ks_reset.model import Delete, InstallChart, Obj

WHY_PENDING = "helm's own record of a run that was cut off; with it there, helm refuses to begin again"


def install_charts(run: RunContext, actions: Sequence[InstallChart]) -> None:
    """Install each chart with its credentials filled in; a half-written record of helm is deleted first.

    Raises Refused or Stale from a guard, Stopped with helm's own words if it fails.
    """
    for action in actions:
        cluster, secrets = run.fleet.cluster(action.cluster), run.cluster_facts(action.cluster).of(action.kind.key)
        for record in helm_releases.revisions_to_remove(secrets):
            write_object(run, Delete.on(record, action.step, action.cluster, WHY_PENDING), deletion_request)
        context = run.guard_context(action)
        for guard in GUARDS:
            guard(action, Obj(action.kind, {}), context)
        run.journal.begin_action(action, {})
        tell = run.teller_of(action.cluster)
        helm.install_chart(run.keys.chart, run.keys.fill(action), cluster.way, run.timeout, tell)
        run.count_writes(action.cluster)
        run.end_actions([action], "done")

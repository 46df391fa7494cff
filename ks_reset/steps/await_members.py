"""Wait until each member is joined, and see by its identity that the record leads where it was meant to."""

from collections.abc import Iterable

from ks_reset.facts.join_status import lacking, leads
from ks_reset.model import Action, Verb
from ks_reset.steps.step import Step, StepContext

WHY = "A record is known by the cluster that answers behind it, and by nothing else."


def actions(ground: StepContext) -> Iterable[Action]:
    host = ground.facts.host
    for joining in ground.options.joining:
        past, reaches = joining.cluster, joining.reaches
        if any(lacking(host, past.obj.name)) or not leads(host, past.obj.name, reaches):
            why = f"it has to lead to {reaches}"
            yield Action(STEP.name, past.cluster, Verb.READY, past.kind, past.obj.name, why=why, reaches=reaches)


STEP = Step("await-members", WHY, after=("join-members",), actions=actions)

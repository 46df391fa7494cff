"""A plan as it is shown and saved: nothing blocks it, and nothing that follows from it touches what is protected."""

from ks_reset import plan as planning
from ks_reset.errors import Unknown
from ks_reset.facts import federation
from ks_reset.findings import blocking
from ks_reset.model import Facts, Foreseen, Options, Plan
from ks_reset.playbook import Playbook
from ks_reset.world import Consequence, foresee, harmless


def planned(playbook: Playbook, facts: Facts, options: Options) -> Plan:
    """Raises Refused or Unknown with the finding, or the chain of consequences, that stands against it."""
    blocking(playbook, facts, options)
    plan = planning.make(playbook, facts, options)
    if (silent := federation.unknown(facts.host)) and not any(action.writes for action in plan.actions):
        raise Unknown(
            f"{playbook.name} finds nothing to do, but what the record {silent[0].record} reaches is not known "
            f"({silent[0].reach}: {silent[0].detail or silent[0].endpoint}). kubefed may reach it from inside. Run "
            "this where that address answers, or mend the record."
        )
    found = foresee(plan, facts)
    harmless(plan, found)
    return planning.foreseen(plan, tuple(_short(each) for each in found))


def _short(each: Consequence) -> Foreseen:
    last = each.effect.chain[-1]
    why = f"{last.actor} {last.deed} it: {last.why}" + (f"; {each.effect.detail}" if each.effect.detail else "")
    return Foreseen(each.step, each.effect.cluster, each.effect.object, each.effect.fate, why)

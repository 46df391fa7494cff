"""A plan to be shown: the commands in its texts get the flags of the call, or the contexts in the plan."""

import shlex
from collections.abc import Callable

from msgspec import structs

from ks_reset.cli.way_on import complete_commands, complete_sentence, current_call
from ks_reset.model import Plan
from ks_reset.plan.again import connection_flags


def complete_kept(plan: Plan) -> Plan:
    """The plan with complete commands in the reasons of what stays, to be shown; a saved plan keeps its own."""
    complete = complete_for(plan) if current_call().command == "show" else complete_sentence
    return structs.replace(plan, kept=tuple(structs.replace(each, why=complete(each.why)) for each in plan.kept))


def complete_for(plan: Plan) -> Callable[[str], str]:
    """Completes commands for the clusters of a plan: by the flags of the call, or by the contexts in the plan.

    A snapshot names no way to its clusters, and neither does `show`.
    """
    call = current_call()
    words = shlex.split(connection_flags(plan))
    if all(name != "--context" for name, _ in call.given):
        of_plan: dict[str, tuple[str, ...]] = {}
        for flag, value in zip(words[::2], words[1::2], strict=True):
            of_plan[flag] = (*of_plan.get(flag, ()), value)
        others = tuple((name, values) for name, values in call.given if name not in (*of_plan, "--snapshot"))
        call = structs.replace(call, given=(*of_plan.items(), *others))
    return lambda text: complete_commands(text, call)

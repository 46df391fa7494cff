"""The command that makes a plan again, with the choices that are in it."""

import shlex
from collections.abc import Iterable

from ks_reset.model import Plan, Request

FLAGS = {
    "records": "--record",
    "data": "--delete-data",
    "members": "--members",
    "later": "--later",
    "shared": "--shared",
    "gone": "--gone-host",
    "accepted": "--accept-loss",
    "discard": "--discard",
    "kept_operators": "--keep-operator",
    "forgone_operators": "--without-operator",
    "kept_types": "--keep-type",
    "only": "--only",
    "kept_components": "--keep",
    "leave": "--leave",
}
"""The flag of each field of Request."""


def command_again(plan: Plan, *more: str, out: str = "plan.json") -> str:
    """`ks-reset plan PLAYBOOK … --out FILE` with the plan's own choices, and `more` words."""
    return f"ks-reset plan {words_again(plan, *more)} --out {shlex.quote(out)}"


def words_again(plan: Plan, *more: str) -> str:
    """The playbook of the plan and the flags of its choices, quoted for a shell, and `more` words."""
    return shlex.join([plan.playbook, *request_flags(plan.request), *more])


def connection_flags(plan: Plan) -> str:
    """`--context HOST --member NAME=CONTEXT …`, quoted; "" for a plan made inside its cluster."""
    *members, host = plan.clusters
    words = ["--context", host.context] if host.context else []
    for member in members:
        words += ["--member", f"{member.name}={member.context}"]
    return shlex.join(words)


def request_flags(request: Request) -> list[str]:
    """The words of the command line for the choices of a request; none for the defaults."""
    default = Request()
    chosen = [(flag, getattr(request, name)) for name, flag in FLAGS.items()]
    usual = [getattr(default, name) for name in FLAGS]
    changed = [(flag, values) for (flag, values), known in zip(chosen, usual, strict=True) if values != known]
    return [word for flag, values in changed for word in _words(flag, values)]


def _words(flag: str, values: bool | Iterable[str]) -> list[str]:
    """The flag alone for a choice without a value, else once for each value."""
    return [flag] if isinstance(values, bool) else [word for value in values for word in (flag, value)]

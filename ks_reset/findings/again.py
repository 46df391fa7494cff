"""The command that makes a plan again, with the clusters and the choices of the request and with more flags."""

import shlex
from collections.abc import Iterable

from ks_reset.model import FleetFacts, Request

FLAGS = {
    "--record": "records",
    "--later": "later",
    "--shared": "shared",
    "--gone-host": "gone",
    "--accept-loss": "accepted",
    "--delete-data": "data",
    "--discard": "discard",
    "--keep-operator": "kept_operators",
    "--without-operator": "forgone_operators",
    "--keep-type": "kept_types",
}
"""The flag of each choice in a request, but for the members."""


def plan_command(playbook: str, facts: FleetFacts, request: Request, *more: str) -> str:
    """`ks-reset plan PLAYBOOK ... -o PLAYBOOK.json`, quoted for a shell; the files of the call are not in it."""
    members = [f"{member.name}={member.context}" for member in facts.members]
    members += [f"{member.name}={member.context}" for member in facts.missing]
    words = ["ks-reset", "plan", playbook, "--context", facts.host.context, *_flags("--member", members)]
    words += [] if request.members == ("all",) else _flags("--members", request.members)
    words += [word for flag, field in FLAGS.items() for word in _flags(flag, getattr(request, field))]
    return shlex.join([*words, *more, "-o", f"{playbook}.json"])


def _flags(flag: str, values: Iterable[str]) -> list[str]:
    return [word for value in values for word in (flag, value)]

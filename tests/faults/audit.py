"""The writes of a command, checked as they arrive: each is in the journal before, and on an object of the plan."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from ks_reset.model import Body
from tests.faults.fake_api import Request

Target = tuple[str, str, str, str, str]
"""Cluster, group, plural, namespace and name."""


class Audit:
    """Of one command. `found` says what was wrong with its writes; leases are no part of a plan, and not checked.

    `runs` is the folder of journals, `plan` the file to be applied, None for a command that may not write. `made` are
    the clusters and UIDs of objects that commands made before; it is added to.
    """

    def __init__(self, runs: Path, plan: Path | None, made: set[tuple[str, str]]) -> None:
        self._runs, self._made = runs, made
        self._before, self._sent = self._begun(), Counter[tuple[str, Target]]()
        actions = json.loads(plan.read_bytes())["actions"] if plan else []
        self._planned = {_target_of(action) for action in actions}
        self._uids = {(action["cluster"], action.get("uid")) for action in actions}
        self.found: list[str] = []

    def check(self, cluster: str, request: Request, now: Body | None) -> None:
        """Before a write on `now`, which is None if there is no such object.

        One entry covers a patch and a deletion of the same object: a type is marked for the seatbelt, then deleted.
        """
        name = request.name or request.body["metadata"]["name"]
        target = (cluster, request.group, request.plural, request.namespace, name)
        self._sent[request.method, target] += 1
        what = f"{request.method} {'/'.join(target)}"
        if self._begun()[target] - self._before[target] < self._sent[request.method, target]:
            self.found.append(f"{what} was sent and is not in the journal")
        uid = now["metadata"]["uid"] if now else ""
        if target not in self._planned or (uid and not {(cluster, uid)} & (self._uids | self._made)):
            self.found.append(f"{what} {uid} is not in the plan")

    @property
    def sent(self) -> int:
        """How many writes arrived."""
        return self._sent.total()

    def note_made(self, cluster: str, body: Body) -> None:
        """An object that the command has created."""
        self._made.add((cluster, body["metadata"]["uid"]))

    def _begun(self) -> Counter[Target]:
        """How often each target is begun in the journals; a line cut short is none."""
        lines = [line for path in self._runs.glob("*/journal.jsonl") for line in path.read_bytes().splitlines()]
        entries = [entry for line in lines if (entry := _entry_of(line)).get("event") == "begin"]
        return Counter(_target_of(entry["action"]) for entry in entries)


def _entry_of(line: bytes) -> dict[str, Any]:
    try:
        entry: dict[str, Any] = json.loads(line)
    except ValueError:
        return {}
    return entry


def _target_of(action: Body) -> Target:
    kind = action["kind"]
    return action["cluster"], kind["group"], kind["plural"], action.get("namespace", ""), action["name"]

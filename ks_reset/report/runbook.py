"""A runbook in Markdown: for a window where nobody may run a tool they have not read."""

import shlex
from functools import cache
from pathlib import Path

import msgspec
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ks_reset.credentials.fill import DIGEST
from ks_reset.findings.blocking import blockers_of
from ks_reset.model import Action, Gift, Marks, Plan, Verb
from ks_reset.plan.playbook import Playbook, names
from ks_reset.steps import STEPS


def of_playbook(playbook: Playbook) -> str:
    """What stops it, and why; the steps in order, why each exists and why it stands where it stands."""
    return (
        _environment()
        .get_template("playbook.md")
        .render(playbook=playbook, steps=STEPS, blockers=blockers_of(playbook.name, playbook.name not in names()))
    )


def of_plan(plan: Plan, playbook: Playbook) -> str:
    """The same, with each action of the plan as the kubectl command that comes closest."""
    return (
        _environment()
        .get_template("plan.md")
        .render(plan=plan, playbook=playbook, steps=STEPS, commands=_commands(plan))
    )


def _commands(plan: Plan) -> dict[str, list[str]]:
    contexts = {c.identity: c.context for c in plan.clusters}
    found: dict[str, list[str]] = {}
    for action in plan.actions:
        found.setdefault(action.step, []).append(kubectl(action, contexts[action.cluster]))
    return found


def kubectl(action: Action, context: str) -> str:
    """The command that comes closest; kubectl cannot bind a deletion to a UID, so that check is on whoever types it."""
    where = f"kubectl --context {context}" + (f" -n {action.namespace}" if action.namespace else "")
    target = f"{action.kind.resource}/{action.name}"
    match action.verb:
        case Verb.DELETE:
            return f"{where} delete {target}  # UID {action.uid}"
        case Verb.SCALE:
            return f"{where} scale {target} --replicas={action.replicas}"
        case Verb.STRIP:
            return "\n".join(_strip(where, target, action.marks))
        case Verb.FASTEN | Verb.LOOSEN:
            return f"ks-reset protect {'on' if action.verb is Verb.FASTEN else 'off'} --context {context}"
        case Verb.CREATE:
            return _create(action, where)
        case Verb.MARK:
            return "\n".join(_mark(where, target, action.gift))
        case Verb.INSTALL:
            helm = f"helm --kube-context {context} -n {action.namespace} upgrade --install --create-namespace"
            return f"{helm} {action.name} CHART -f VALUES  # the chart with SHA-256 {action.chart}"
    return _look(action, where, target)


def _create(action: Action, where: str) -> str:
    """A digest is no credential: each is left to be filled in."""
    text = DIGEST.sub("FILL-IN", yaml.safe_dump(action.body, sort_keys=False))
    sealed = "# what the plan does not hold is to be added from your own files or the vault\n" if action.sealed else ""
    return f"{sealed}{where} create -f - <<'EOF'\n{text}EOF"


def _look(action: Action, where: str, target: str) -> str:
    """What is only read and waited for."""
    match action.verb:
        case Verb.QUIET:
            return f"{where} get pods  # none of {action.name}'s; its lock unchanged for {action.seconds} s"
        case Verb.READY if action.reaches:
            return f"{where} get {target} -o yaml  # ready, and its kubeconfig leads to {action.reaches}"
        case Verb.READY:
            return f"{where} rollout status {target}"
        case Verb.STEADY:
            return f"{where} get {target} -w  # there, and no new UID for {action.seconds} s"
        case Verb.WATCH:
            every = where.partition(" -n ")[0]
            return f"{every} get workspaces.tenant.kubesphere.io -w  # no new UID for {action.seconds} s"
    return f"{where} get {target}"


def _strip(where: str, target: str, marks: Marks) -> list[str]:
    lines = []
    if marks.labels:
        lines.append(f"{where} label {target} " + " ".join(f"{key}-" for key in marks.labels))
    if marks.annotations:
        lines.append(f"{where} annotate {target} " + " ".join(f"{key}-" for key in marks.annotations))
    for field, entries in (("finalizers", marks.finalizers), ("ownerReferences", [o.name for o in marks.owners])):
        if entries:
            test = msgspec.json.encode(
                [
                    {"op": "test", "path": f"/metadata/{field}/N", "value": "…"},
                    {"op": "remove", "path": f"/metadata/{field}/N"},
                ]
            ).decode()
            lines.append(f"{where} patch {target} --type=json -p '{test}'  # N: {', '.join(entries)}")
    return lines


def _mark(where: str, target: str, gift: Gift) -> list[str]:
    lines = []
    for verb, entries in (("label", gift.labels), ("annotate", gift.annotations)):
        if entries:
            lines.append(f"{where} {verb} {target} " + " ".join(shlex.quote(f"{k}={v}") for k, v in entries.items()))
    for field, added in (("finalizers", gift.finalizers), ("ownerReferences", gift.owners)):
        if added:
            patch = msgspec.json.encode({"metadata": {field: added}}).decode()
            lines.append(f"{where} patch {target} --type=merge -p '{patch}'  # with those that are there")
    return lines


@cache
def _environment() -> Environment:
    folder = Path(__file__).parent / "templates"
    return Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Markdown, not HTML
    )

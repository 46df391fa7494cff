"""A runbook in Markdown, for maintenance windows with nothing but known commands."""

import shlex
from functools import cache
from pathlib import Path
from typing import assert_never

import msgspec
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ks_reset.credentials.fill import DIGEST
from ks_reset.facts.crds import PATCH_TO_STOP_CONVERSION
from ks_reset.findings.blocking import INSTALL, blockers_of
from ks_reset.model import Action, Marks, Plan
from ks_reset.model import actions as verbs
from ks_reset.plan.playbook import Playbook, playbook_names
from ks_reset.simulation.finalizer_patch import finalize_command
from ks_reset.steps import STEPS


def render_playbook(playbook: Playbook) -> str:
    """What stops the playbook, and why; the steps in order, why each exists and why it has its place."""
    blockers = blockers_of(playbook.name, playbook.name not in playbook_names())
    of_fleet = {finding: why for finding, why in blockers.items() if finding not in INSTALL}
    of_installation = {finding: why for finding, why in blockers.items() if finding in INSTALL}
    template = _template_environment().get_template("playbook.md")
    return template.render(playbook=playbook, steps=STEPS, of_fleet=of_fleet, of_installation=of_installation)


def render_plan(plan: Plan, playbook: Playbook) -> str:
    """The same, with the closest command of kubectl or helm for each action of the plan."""
    return (
        _template_environment()
        .get_template("plan.md")
        .render(plan=plan, playbook=playbook, steps=STEPS, commands=_commands_by_step(plan))
    )


def _commands_by_step(plan: Plan) -> dict[str, list[str]]:
    contexts = {c.identity: c.context for c in plan.clusters}
    commands: dict[str, list[str]] = {}
    for action in plan.actions:
        commands.setdefault(action.step, []).append(command_of(action, contexts[action.cluster]))
    return commands


def command_of(action: Action, context: str) -> str:  # noqa: C901, PLR0912 - one case a verb
    """The closest command, with a comment on checks by hand: kubectl cannot bind a deletion to a UID."""
    match action:
        case verbs.Scale():
            return f"{_kubectl_prefix(action, context)} scale {_resource_name(action)} --replicas={action.replicas}"
        case verbs.RemoveMarks():
            return removal_commands(action, context)
        case verbs.AddMarks():
            return add_commands(_kubectl_prefix(action, context), _resource_name(action), action.marks)
        case verbs.Delete():
            return f"{_kubectl_prefix(action, context)} delete {_resource_name(action)}  # UID {action.uid}"
        case verbs.Create():
            return create_command(action, context)
        case verbs.InstallChart():
            return install_command(action, context)
        case verbs.StopConversion():
            return conversion_command(action, context)
        case verbs.RestoreFinalizer():
            return finalize_command(context, action.name)
        case verbs.SeatbeltOn():
            return f"ks-reset protect on --context {context}"
        case verbs.SeatbeltOff():
            return f"ks-reset protect off --context {context}"
        case verbs.WaitQuiet():
            pods = f"{_kubectl_prefix(action, context)} get pods"
            return f"{pods}  # none of {action.name}'s; its lock unchanged for {action.seconds} s"
        case verbs.WaitReady():
            return ready_command(action, context)
        case verbs.WaitStable():
            watch = f"{_kubectl_prefix(action, context)} get {_resource_name(action)} -w"
            return f"{watch}  # there, and no new UID for {action.seconds} s"
        case verbs.WatchWorkspaces():
            watch = f"kubectl --context {context} get workspaces.tenant.kubesphere.io -w"
            others = "".join(f"; the same on the cluster behind the record {name}" for name in action.through)
            return f"{watch}  # no new UID for {action.seconds} s{others}"
        case unknown:
            assert_never(unknown)


def create_command(action: verbs.Create, context: str) -> str:
    """`kubectl create` with the object; FILL-IN stands in place of each digest of a credential."""
    text = DIGEST.sub("FILL-IN", yaml.safe_dump(action.body, sort_keys=False))
    sealed = "# what the plan does not hold is to be added from your own files or the vault\n" if action.sealed else ""
    return f"{sealed}{_kubectl_prefix(action, context)} create -f - <<'EOF'\n{text}EOF"


def install_command(action: verbs.InstallChart, context: str) -> str:
    """`helm upgrade --install`."""
    helm = f"helm --kube-context {context} -n {action.namespace} upgrade --install --create-namespace"
    return f"{helm} {action.name} CHART -f VALUES  # the chart with SHA-256 {action.chart}"


def conversion_command(action: verbs.StopConversion, context: str) -> str:
    """A merge patch: kubectl cannot bind it to the strategy as read."""
    kubectl = _kubectl_prefix(action, context)
    return f"{kubectl} patch {_resource_name(action)} --type=merge -p '{PATCH_TO_STOP_CONVERSION}'"


def ready_command(action: verbs.WaitReady, context: str) -> str:
    """A look at the Cluster, or `kubectl rollout status` of the Deployment."""
    kubectl, resource = _kubectl_prefix(action, context), _resource_name(action)
    if action.reaches:
        return f"{kubectl} get {resource} -o yaml  # ready, and its kubeconfig leads to {action.reaches}"
    return f"{kubectl} rollout status {resource}"


def removal_commands(action: verbs.RemoveMarks, context: str) -> str:
    """The commands for the marks, then for those a controller may have added by then."""
    kubectl, resource = _kubectl_prefix(action, context), _resource_name(action)
    commands = [remove_commands(kubectl, resource, action.marks)] if action.marks else []
    if action.possible:
        commands += ["# where they are there by now:", remove_commands(kubectl, resource, action.possible)]
    return "\n".join(commands)


def remove_commands(kubectl: str, resource: str, marks: Marks) -> str:
    """Commands to remove labels, annotations, and entries of lists by index."""
    lines = []
    if marks.labels:
        lines.append(f"{kubectl} label {resource} " + " ".join(f"{key}-" for key in marks.labels))
    if marks.annotations:
        lines.append(f"{kubectl} annotate {resource} " + " ".join(f"{key}-" for key in marks.annotations))
    owners = [owner["name"] for owner in marks.owners]
    for field, entries in (("finalizers", marks.finalizers), ("ownerReferences", owners)):
        if entries:
            operations = [
                {"op": "test", "path": f"/metadata/{field}/N", "value": "…"},
                {"op": "remove", "path": f"/metadata/{field}/N"},
            ]
            patch = msgspec.json.encode(operations).decode()
            lines.append(f"{kubectl} patch {resource} --type=json -p '{patch}'  # N: {', '.join(entries)}")
    return "\n".join(lines)


def add_commands(kubectl: str, resource: str, marks: Marks) -> str:
    """Commands to add labels and annotations, and patches for the lists."""
    lines = []
    for verb, entries in (("label", marks.labels), ("annotate", marks.annotations)):
        if entries:
            pairs = " ".join(shlex.quote(f"{key}={value}") for key, value in entries.items())
            lines.append(f"{kubectl} {verb} {resource} {pairs}")
    for field, added in (("finalizers", marks.finalizers), ("ownerReferences", marks.owners)):
        if added:
            patch = msgspec.json.encode({"metadata": {field: added}}).decode()
            lines.append(f"{kubectl} patch {resource} --type=merge -p '{patch}'  # with those that are there")
    return "\n".join(lines)


def _kubectl_prefix(action: Action, context: str) -> str:
    return f"kubectl --context {context}" + (f" -n {action.namespace}" if action.namespace else "")


def _resource_name(action: Action) -> str:
    return f"{action.kind.resource}/{action.name}"


@cache
def _template_environment() -> Environment:
    folder = Path(__file__).parent / "templates"
    return Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Markdown, not HTML
    )

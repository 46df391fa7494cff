"""The commands of kubectl or helm for each action of a plan. Each works as pasted, in the folder of the runbook."""

from typing import assert_never

from ks_reset import catalogue
from ks_reset.catalogue.names import CRD_KEY, NAMESPACE_KEY, REPLICAS_ANNOTATION
from ks_reset.facts.crds import PATCH_TO_STOP_CONVERSION
from ks_reset.language import translate, translate_phrase
from ks_reset.model import Action, Kind
from ks_reset.model import actions as verbs
from ks_reset.report.runbook.marks import addition_commands, as_json, removal_commands
from ks_reset.report.runbook.shell import Site, as_comment, quote_word, request_path, resource_word
from ks_reset.seatbelt import REMOVABLE
from ks_reset.simulation.by_hand import finalize_command


def command_of(action: Action, site: Site) -> str:  # noqa: C901, PLR0912 - one case a verb
    """The commands for an action, one a line."""
    match action:
        case verbs.Scale():
            return "\n".join(scale_commands(action, site))
        case verbs.RemoveMarks():
            return "\n".join(removal_commands(action, site))
        case verbs.AddMarks():
            return "\n".join(addition_commands(action, site, action.marks))
        case verbs.Delete():
            return "\n".join(deletion_commands(action, site))
        case verbs.Create():
            return create_command(action, site)
        case verbs.InstallChart():
            return install_command(action, site)
        case verbs.StopConversion():
            patch = quote_word(PATCH_TO_STOP_CONVERSION)
            return f"{site.kubectl()} patch {resource_word(action.kind, action.name)} --type=merge -p {patch}"
        case verbs.RestoreFinalizer():
            return finalize_command(quote_word(site.context), quote_word(action.name))
        case verbs.SeatbeltOn():
            return f"{site.kubectl()} create -f {quote_word(seatbelt_file(site))}"
        case verbs.SeatbeltOff():
            return f"{site.kubectl()} delete -f {quote_word(seatbelt_file(site))}"
        case verbs.WaitQuiet():
            return quiet_command(action, site)
        case verbs.WaitReady():
            return ready_command(action, site)
        case verbs.WaitStable():
            get = f"{site.kubectl(action.namespace)} get {resource_word(action.kind, action.name)}"
            still = unchanged_command(f"{get} -o jsonpath='{{.metadata.uid}}'", action.seconds)
            said = translate_phrase("there, and no new UID for {0} s", action.seconds)
            return f"{still}  {as_comment(said)}"
        case verbs.WatchWorkspaces():
            return watch_command(action, site)
        case unknown:
            assert_never(unknown)


def seatbelt_file(site: Site) -> str:
    """The file with the objects of a cluster's seatbelt, in the folder of the runbook."""
    return f"seatbelt/{file_word(site.context)}.yaml"


def file_word(text: str) -> str:
    """A context or a name as part of a file name; other characters than letters, digits, dots and dashes become `_`."""
    return "".join(c if c.isascii() and (c.isalnum() or c in ".-") else "_" for c in text).lstrip(".-") or "_"


def scale_commands(action: verbs.Scale, site: Site) -> list[str]:
    """The number of replicas goes to an annotation while the Deployment is stopped, as with `ks-reset apply`."""
    kubectl, resource = site.kubectl(action.namespace), resource_word(action.kind, action.name)
    patch = quote_word(as_json({"metadata": {"uid": action.uid}, "spec": {"replicas": action.replicas}}))
    scale = f"{kubectl} patch {resource} --type=merge -p {patch}"
    if action.replicas:
        return [scale, f"{kubectl} annotate {resource} {REPLICAS_ANNOTATION}-"]
    now = f"\"$({kubectl} get {resource} -o jsonpath='{{.spec.replicas}}')\""
    return [f"{kubectl} annotate {resource} {REPLICAS_ANNOTATION}={now}", scale]


def deletion_commands(action: verbs.Delete, site: Site) -> list[str]:
    """A deletion of this UID alone; before it the label by which a seatbelt that is a webhook admits it."""
    options = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"}
    body = quote_word(as_json(options | ({"preconditions": {"uid": action.uid}} if action.uid else {})))
    delete = f"echo {body} | {site.kubectl()} delete --raw {request_path(action)} -f - >/dev/null"
    labelled = {CRD_KEY: site.webhook, NAMESPACE_KEY: site.by_marks}
    if not labelled.get(action.kind.key):
        return [delete]
    label = quote_word(as_json({"metadata": {"uid": action.uid, "labels": {REMOVABLE: "true"}}}))
    return [f"{site.kubectl()} patch {resource_word(action.kind, action.name)} --type=merge -p {label}", delete]


def create_command(action: verbs.Create, site: Site) -> str:
    """`kubectl create` with the object; what holds credentials is left to `ks-reset apply`."""
    if action.sealed:
        said = "the plan holds no credentials. Only ks-reset apply creates it, with --vault, --values or --join."
        return as_comment(f"{action.target}: {translate(said)}")
    return f"{site.kubectl()} create -f - <<< {quote_word(as_json(action.body))}"


def install_command(action: verbs.InstallChart, site: Site) -> str:
    """`helm upgrade --install` with the chart in the variable CHART, checked by its SHA-256."""
    check = f"""echo {quote_word(action.chart)}"  $CHART" | sha256sum -c"""
    helm = f"helm --kube-context {quote_word(site.context)} -n {quote_word(action.namespace)} upgrade --install"
    if action.sealed:
        said = "the plan holds no credentials. Only ks-reset apply installs it, with --values."
        return as_comment(f"{action.target}: {translate(said)}")
    values = quote_word(as_json(action.values))
    return f'{check} && {helm} --create-namespace {quote_word(action.name)} "$CHART" -f - <<< {values}'


def quiet_command(action: verbs.WaitQuiet, site: Site) -> str:
    """No pod of the Deployment, then its leader-election lock unchanged for longer than its lease."""
    pods = f"pods=$({site.kubectl(action.namespace)} get pods -o name)"
    none = f'{pods} && ! grep -F {quote_word(f"pod/{action.name}-")} <<< "$pods"'
    reads = lock_reads(action, site)
    return f"{none} && {unchanged_command(' && '.join(reads), action.seconds, may_be_empty=True)}" if reads else none


def lock_reads(action: verbs.WaitQuiet | verbs.WatchWorkspaces, site: Site) -> list[str]:
    """The commands that print the versions of a controller's leader-election lock; none for one without a lock."""
    lock = catalogue.leader_election_of(action.runs)
    names = [(kind, lock.name) for kind in lock.kinds] if lock else []
    get = f"{site.kubectl(action.namespace)} get"
    version = "--ignore-not-found -o jsonpath='{.metadata.resourceVersion}'"
    return [f"{get} {resource_word(kind, name)} {version}" for kind, name in names]


def unchanged_command(read: str, seconds: int, *, may_be_empty: bool = False) -> str:
    """True if what the command prints is the same after so many seconds."""
    there = "" if may_be_empty else '[ -n "$a" ] && '
    return f'a=$({read}) && {there}sleep {seconds + 1} && [ "$a" = "$({read})" ]'


def ready_command(action: verbs.WaitReady, site: Site) -> str:
    """A Cluster is ready, or the Deployment is rolled out."""
    kubectl, resource = site.kubectl(action.namespace), resource_word(action.kind, action.name)
    if action.reaches:
        return f"{kubectl} wait {resource} --for=condition=Ready --timeout=300s"
    return f"{kubectl} rollout status {resource} --timeout=300s"


def watch_command(action: verbs.WatchWorkspaces, site: Site) -> str:
    """No Workspace gets another UID; the same on the clusters known by a record alone."""
    kind = Kind("tenant.kubesphere.io", "v1alpha1", "Workspace", "workspaces", namespaced=False)
    read = f"{site.kubectl()} get {kind.resource} -o jsonpath='{{.items[*].metadata.uid}}'"
    others = "".join(translate_phrase("; the same on the cluster behind the record {0}", n) for n in action.through)
    said = as_comment(translate_phrase("no new UID for {0} s", action.seconds) + others)
    return f"{unchanged_command(read, action.seconds)}  {said}"

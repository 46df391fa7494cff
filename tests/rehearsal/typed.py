"""Type the kubectl commands that a message names, word by word, without kubectl: delete, patch, and rights."""

import json
import re
import shlex
import subprocess

from ks_reset.cluster import Client
from ks_reset.model import Body, Kind
from tests.rehearsal.command import Command

RBAC = "rbac.authorization.k8s.io"
KUBECTL = re.compile(r"kubectl (?:'[^']*'|\.(?![\s]|$)|[^'.;&\n])*")
OWN = re.compile(r"ks-reset (?:plan|protect|doctor|apply) (?:'[^']*'|\.(?![\s]|$)|[^'.,;&()\n])*")


def kubectl_in(message: str, verb: str) -> str:
    """The first kubectl command with this verb in a message. An assertion error without one."""
    whole = " ".join(message.split())
    found = [text for text in KUBECTL.findall(whole) if f" {verb} " in text]
    assert found, whole
    return found[0].strip()


def own_in(message: str, has: str) -> list[str]:
    """The words after `ks-reset` of the first of its commands in a message that has these words."""
    found = [text for line in message.splitlines() for text in OWN.findall(" ".join(line.split())) if has in text]
    assert found, message
    words = shlex.split(found[0])[1:]
    return words[: words.index("--out") + 2] if "--out" in words else words


def type_kubectl(clusters: dict[str, Client], command: str) -> None:
    """Send what the command says to the cluster of its context. An assertion error for another verb."""
    words = shlex.split(command)[1:]
    given = {flag: _value(words, flag) for flag in ("--context", "-n", "--type", "-p")}
    verb, *named = words
    cluster = clusters[given["--context"]]
    if verb == "create":
        _create_right(cluster, *named)
        return
    resource, _, name = named[0].partition("/")
    name, kind = name or named[1], _kind(cluster, resource)
    if verb == "delete":
        cluster.delete(kind, name, given["-n"])
    else:
        assert verb == "patch", command
        send = cluster.json_patch if given["--type"] == "json" else cluster.merge_patch
        send(kind, name, given["-n"], json.loads(given["-p"]))


def _create_right(cluster: Client, what: str, name: str, *flags: str) -> None:
    """A ClusterRole, or its binding to a user, as kubectl writes it."""
    given = dict(flag.removeprefix("--").split("=", 1) for flag in flags)
    body: Body = {"apiVersion": f"{RBAC}/v1", "metadata": {"name": name}}
    if what == "clusterrole":
        parts = [resource.partition(".")[::2] for resource in given["resource"].split(",")]
        verbs = given["verb"].split(",")
        rules = [{"apiGroups": [group], "resources": [plural], "verbs": verbs} for plural, group in parts]
        cluster.create(_kind(cluster, "clusterroles"), body | {"kind": "ClusterRole", "rules": rules})
        return
    assert what == "clusterrolebinding", what
    role = {"apiGroup": RBAC, "kind": "ClusterRole", "name": given["clusterrole"]}
    subject = {"apiGroup": RBAC, "kind": "User", "name": given["user"]}
    bound = body | {"kind": "ClusterRoleBinding", "roleRef": role, "subjects": [subject]}
    cluster.create(_kind(cluster, "clusterrolebindings"), bound)


def _value(words: list[str], flag: str) -> str:
    """The value of a flag, taken out of the words; "" without it."""
    for at, word in enumerate(words):
        if word == flag:
            value = words[at + 1]
            del words[at : at + 2]
            return value
        if word.startswith(f"{flag}="):
            del words[at]
            return word.partition("=")[2]
    return ""


def _kind(cluster: Client, resource: str) -> Kind:
    known = cluster.kinds().values()
    names = {"crd": "customresourcedefinitions", "apiservice": "apiservices"}
    wanted = names.get(resource, resource)
    return next(kind for kind in known if wanted in (kind.resource, kind.plural, kind.kind.lower()))


def planned(run: Command, *words: str, code: int) -> "subprocess.CompletedProcess[str]":
    """A plan with this exit code: 0 for no changes, 3 for some."""
    done = run("plan", *words, "--detailed-exitcode")
    assert done.returncode == code, done.stdout + done.stderr
    return done

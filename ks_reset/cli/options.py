"""The flags that every command shares, named as kubectl names them, each with a KS_RESET_* twin."""

import enum
import re
from pathlib import Path
from typing import Annotated

import typer

from ks_reset.cluster import Target, connect
from ks_reset.credentials.vault import Vault, unseal
from ks_reset.errors import Usage
from ks_reset.facts import Clients
from ks_reset.model import Options, Request

DNS = re.compile(r"[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?")


class Output(enum.StrEnum):
    """How a result is written to stdout."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"
    NAME = "name"


Kubeconfig = Annotated[
    str, typer.Option("--kubeconfig", envvar="KS_RESET_KUBECONFIG", help="Kubeconfig file. [default: as kubectl]")
]
Context = Annotated[
    str,
    typer.Option(
        "--context", envvar="KS_RESET_CONTEXT", help="Context of the host cluster. [default: the current one]"
    ),
]
Members = Annotated[
    list[str],
    typer.Option(
        "--member", envvar="KS_RESET_MEMBER", metavar="NAME=CONTEXT", help="A member cluster; may be repeated."
    ),
]
User = Annotated[str, typer.Option("--as", envvar="KS_RESET_AS", help="User to impersonate.")]
Groups = Annotated[list[str], typer.Option("--as-group", envvar="KS_RESET_AS_GROUP", help="Group to impersonate.")]
Timeout = Annotated[
    int,
    typer.Option(
        "--timeout",
        envvar="KS_RESET_TIMEOUT",
        min=1,
        help="Seconds that one step may wait; a proof of quiet may take two leases.",
    ),
]
RequestTimeout = Annotated[
    int,
    typer.Option(
        "--request-timeout", envvar="KS_RESET_REQUEST_TIMEOUT", min=1, help="Seconds that one request may take."
    ),
]
Format = Annotated[Output, typer.Option("--output", "-o", envvar="KS_RESET_OUTPUT", help="Format of the result.")]
LongFormat = Annotated[Output, typer.Option("--output", envvar="KS_RESET_OUTPUT", help="Format of the result.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", envvar="KS_RESET_VERBOSE", help="Say more: every object.")]
Snapshot = Annotated[
    Path | None, typer.Option("--snapshot", envvar="KS_RESET_SNAPSHOT", help="Work offline, on this saved snapshot.")
]
Record = Annotated[
    list[str],
    typer.Option(
        "--record",
        envvar="KS_RESET_RECORD",
        help="A stale KubeFedCluster, where facts cannot tell which of two it is; may be repeated.",
    ),
]
Chosen = Annotated[
    list[str],
    typer.Option(
        "--members", envvar="KS_RESET_MEMBERS", metavar="all|none|NAME", help="Which members to work on. [default: all]"
    ),
]
Later = Annotated[
    list[str],
    typer.Option(
        "--later",
        envvar="KS_RESET_LATER",
        metavar="NAME",
        help="A member to leave for another day, since it does not answer; may be repeated.",
    ),
]
Shared = Annotated[
    list[str],
    typer.Option(
        "--shared",
        envvar="KS_RESET_SHARED",
        metavar="NAME",
        help="A member that another host manages too: only this host's traces go there; may be repeated.",
    ),
]
Gone = Annotated[
    list[str],
    typer.Option(
        "--gone-host",
        envvar="KS_RESET_GONE_HOST",
        metavar="ACCOUNT",
        help="An account, <cluster>-<host>, of a host that is gone for good; may be repeated.",
    ),
]
Data = Annotated[
    list[str],
    typer.Option(
        "--delete-data",
        envvar="KS_RESET_DELETE_DATA",
        metavar="NAMESPACE",
        help="Let the PersistentVolumeClaims of this KubeSphere namespace go with it; may be repeated.",
    ),
]


Memory = Annotated[
    Path | None,
    typer.Option(
        "--memory",
        envvar="KS_RESET_MEMORY",
        help="A snapshot from before KubeSphere went: what rebind gives back. [ks-reset snapshot -o]",
    ),
]
Plain = Annotated[
    list[str],
    typer.Option(
        "--plain-http",
        envvar="KS_RESET_PLAIN_HTTP",
        metavar="HOST",
        help="A registry that speaks HTTP without TLS; may be repeated.",
    ),
]
InstallValues = Annotated[
    Path | None,
    typer.Option(
        "--values",
        envvar="KS_RESET_VALUES",
        help="A values file of what is to be put on, now or afterwards: refused if that could not succeed.",
    ),
]
Joins = Annotated[
    list[str],
    typer.Option(
        "--join",
        envvar="KS_RESET_JOIN",
        metavar="NAME=FILE",
        help="The kubeconfig by which the host is to reach this member, for rejoin; may be repeated.",
    ),
]
UninstallOnly = Annotated[
    bool,
    typer.Option("--uninstall-only", envvar="KS_RESET_UNINSTALL_ONLY", help="Plan also if it could not be put back."),
]
VaultFile = Annotated[
    Path | None,
    typer.Option("--vault", envvar="KS_RESET_VAULT", help="A vault: what snapshots do not hold. Needs --identity."),
]
Identity = Annotated[
    Path | None,
    typer.Option("--identity", envvar="KS_RESET_IDENTITY", help="The file with the age or SSH key that opens it."),
]
Run = Annotated[
    str,
    typer.Option(
        "--run",
        envvar="KS_RESET_RUN",
        metavar="NAME",
        help="A run in the state directory, or its folder: what restore gives back.",
    ),
]
Watch = Annotated[
    int,
    typer.Option(
        "--watch",
        envvar="KS_RESET_WATCH",
        min=0,
        help="Seconds that a canary has to live. [default: 660, longer than any controller waits]",
    ),
]


def options(
    record: list[str], data: list[str], chosen: list[str], later: list[str], shared: list[str], gone: list[str]
) -> Options:
    """What was asked for beyond the playbook. Raises Usage for members that exclude each other."""
    for name in (*chosen, *later, *shared):
        if not DNS.fullmatch(name):
            raise Usage(f"'{name}' is not the name of a cluster.")
    if len(chosen) > 1 and {"all", "none"} & set(chosen):
        raise Usage("--members all and --members none stand alone.")
    if both := set(chosen) & set(later):
        raise Usage(f"{min(both)} cannot be worked on with --members and left with --later at once.")
    members = tuple(chosen) or ("all",)
    return Options(Request(tuple(record), tuple(data), members, tuple(later), tuple(shared), tuple(gone)))


def fleet(
    kubeconfig: str, context: str, members: list[str], user: str, groups: list[str], request_timeout: int
) -> Clients:
    """Connections to the host and its members. Raises Usage for a malformed --member or an unknown context."""

    def one(name: str) -> Target:
        return Target(kubeconfig, name, user, tuple(groups), float(request_timeout))

    pairs = [member.partition("=") for member in members]
    for name, sign, chosen in pairs:
        if not (name and sign and chosen):
            raise Usage(f"--member {name}{sign}{chosen} is not NAME=CONTEXT, such as --member test=test-admin.")
    host = connect(one(context))
    connected = {name: connect(one(chosen)) for name, _, chosen in pairs}
    if len(connected) != len(pairs):
        raise Usage("A member is named twice with --member.")
    return Clients(host, connected)


def join(pairs: list[str]) -> dict[str, Path]:
    """Kubeconfig files by member. Raises Usage for what is not NAME=FILE."""
    found = {}
    for name, sign, file in (pair.partition("=") for pair in pairs):
        if not (name and sign and file):
            raise Usage(f"--join {name}{sign}{file} is not NAME=FILE, such as --join test=test.kubeconfig.")
        found[name] = Path(file)
    return found


def vault(file: Path | None, identity: Path | None) -> Vault | None:
    """The vault, opened; None without one. Raises Usage if one of the two is missing, or it cannot be opened."""
    if (file is None) != (identity is None):
        raise Usage("--vault and --identity go together: the file, and the key that opens it.")
    return unseal(file, identity) if file and identity else None

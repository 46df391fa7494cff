"""The flags of several commands, each declared once; named as in kubectl, nearly each with a KS_RESET_* twin."""

import enum
import re
from pathlib import Path
from typing import Annotated

from msgspec import structs

from ks_reset import facts as reading
from ks_reset.catalogue import load_catalogue
from ks_reset.cli.flags import FlagGroup, flag
from ks_reset.cli.terminal import Terminal
from ks_reset.cluster import Target, connect_client
from ks_reset.errors import Usage
from ks_reset.facts import Clients
from ks_reset.model import FleetFacts, Options, Request
from ks_reset.workflows.inputs import InputPaths
from ks_reset.workflows.interaction import gather_facts

DNS = re.compile(r"[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?")


class Output(enum.StrEnum):
    """How a result is written to stdout."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"
    NAME = "name"


Timeout = Annotated[
    int, flag("--timeout", min=1, text="Seconds that one step may wait; a proof of quiet may take two leases.")
]
Format = Annotated[Output, flag("--output", "-o", text="Format of the result.")]
LongFormat = Annotated[Output, flag("--output", text="Format of the result.")]
Verbose = Annotated[bool, flag("--verbose", "-v", text="Say more: every object.")]
Snapshot = Annotated[Path | None, flag("--snapshot", text="Work offline, on this saved snapshot.")]
Record = Annotated[
    list[str],
    flag("--record", text="A stale KubeFedCluster, where facts cannot tell which of two it is; may be repeated."),
]
AcceptLoss = Annotated[
    list[str],
    flag(
        "--accept-loss",
        metavar="NAMESPACE",
        text="Take a seatbelt off although this namespace, or cluster-wide object, is lost then; may be repeated.",
    ),
]
Memory = Annotated[
    Path | None,
    flag(
        "--memory",
        text="A snapshot from before KubeSphere went: what rebind gives back. [ks-reset snapshot -o]",
    ),
]
PlainHttp = Annotated[
    list[str],
    flag("--plain-http", metavar="HOST", text="A registry that speaks HTTP without TLS; may be repeated."),
]


class Connection(FlagGroup, frozen=True):
    """The clusters: a host and its members."""

    kubeconfig: Annotated[str, flag("--kubeconfig", text="Kubeconfig file. [default: as kubectl]")] = ""
    context: Annotated[str, flag("--context", text="Context of the host cluster. [default: the current one]")] = ""
    member: Annotated[
        list[str], flag("--member", metavar="NAME=CONTEXT", text="A member cluster; may be repeated.")
    ] = []
    as_: Annotated[str, flag("--as", text="User to impersonate.")] = ""
    as_group: Annotated[list[str], flag("--as-group", text="Group to impersonate.")] = []
    request_timeout: Annotated[int, flag("--request-timeout", min=1, text="Seconds that one request may take.")] = 30

    def open_clients(self) -> Clients:
        """Connections to all clusters. Raises Usage for a malformed --member or an unknown context."""
        pairs = [member.partition("=") for member in self.member]
        for name, sign, context in pairs:
            if not (name and sign and context):
                raise Usage(f"--member {name}{sign}{context} is not NAME=CONTEXT, such as --member test=test-admin.")
        host = connect_client(self._target_of(self.context))
        members = {name: connect_client(self._target_of(context)) for name, _, context in pairs}
        if len(members) != len(pairs):
            raise Usage("A member is named twice with --member.")
        return Clients(host, members)

    def read_facts(self, snapshot: Path | None = None) -> FleetFacts:
        """The facts in a snapshot if there is one, else the facts of all clusters, with progress on stderr."""
        return reading.load_snapshot(snapshot) if snapshot else gather_facts(self.open_clients(), Terminal())

    def _target_of(self, context: str) -> Target:
        return Target(self.kubeconfig, context, self.as_, tuple(self.as_group), float(self.request_timeout))


class Selection(FlagGroup, frozen=True):
    """The members to work on, and limits of the work."""

    delete_data: Annotated[
        list[str],
        flag(
            "--delete-data",
            metavar="NAMESPACE",
            text="Let the PersistentVolumeClaims of this KubeSphere namespace go with it; may be repeated.",
        ),
    ] = []
    discard: Annotated[
        list[str],
        flag(
            "--discard",
            metavar="KIND/NAMESPACE/NAME",
            text="Let this object of unknown origin go with KubeSphere's namespace, or with NAMESPACE alone all such "
            "objects in it; may be repeated.",
        ),
    ] = []
    members: Annotated[
        list[str],
        flag("--members", metavar="all|none|NAME", text="Which members to work on. [default: all]"),
    ] = []
    later: Annotated[
        list[str],
        flag(
            "--later",
            metavar="NAME",
            text="A member left for later: it must not be touched today, or does not answer; may be repeated.",
        ),
    ] = []
    shared: Annotated[
        list[str],
        flag(
            "--shared",
            metavar="NAME",
            text="A member that another host manages too: only this host's traces go there; may be repeated.",
        ),
    ] = []
    gone_host: Annotated[
        list[str],
        flag(
            "--gone-host",
            metavar="ACCOUNT",
            text="An account, <cluster>-<host>, of a host that is gone for good; may be repeated.",
        ),
    ] = []
    accept_loss: AcceptLoss = []

    keep_operator: Annotated[
        list[str],
        flag(
            "--keep-operator",
            metavar="NAME",
            text="An operator of KubeSphere's that stays, with its namespace: users' objects need it; may be repeated.",
        ),
    ] = []
    without_operator: Annotated[
        list[str],
        flag(
            "--without-operator",
            metavar="NAME",
            text="An operator of KubeSphere's that goes although users' objects need it; may be repeated.",
        ),
    ] = []

    def as_options(self, record: list[str] = []) -> Options:
        """The options of these flags. Raises Usage if two flags exclude each other."""
        for name in (*self.members, *self.later, *self.shared):
            if not DNS.fullmatch(name):
                raise Usage(f"'{name}' is not the name of a cluster.")
        for key in self.discard:
            if key.count("/") not in (0, 2) or not all(key.split("/")):
                raise Usage(
                    f"--discard {key} is neither KIND/NAMESPACE/NAME, such as ConfigMap/kubesphere-system/notes or "
                    "Deployment.apps/kubesphere-system/web, nor a namespace."
                )
        if len(self.members) > 1 and {"all", "none"} & set(self.members):
            raise Usage("--members all and --members none stand alone.")
        if both := set(self.members) & set(self.later):
            raise Usage(f"{min(both)} cannot be worked on with --members and left with --later at once.")
        _require_operators(self.keep_operator, self.without_operator)
        return Options(
            Request(
                records=tuple(record),
                data=tuple(self.delete_data),
                members=tuple(self.members) or ("all",),
                later=tuple(self.later),
                shared=tuple(self.shared),
                gone=tuple(self.gone_host),
                accepted=tuple(self.accept_loss),
                discard=tuple(self.discard),
                operators=tuple(self.keep_operator),
                forgone=tuple(self.without_operator),
            )
        )


def _require_operators(kept: list[str], forgone: list[str]) -> None:
    """Raises Usage for an unknown operator, or one that is to stay and to go."""
    known = [entry.name for entry in load_catalogue().operators]
    for name in (*kept, *forgone):
        if name not in known:
            raise Usage(f"'{name}' is no operator of KubeSphere's; these are: {', '.join(known)}.")
    if both := set(kept) & set(forgone):
        raise Usage(f"{min(both)} cannot stay (--keep-operator) and go (--without-operator) at once.")


class CredentialFlags(FlagGroup, frozen=True):
    """The files with the credentials of a plan; the plan has digests of them."""

    vault: Annotated[Path | None, flag("--vault", text="A vault: what snapshots do not hold. Needs --identity.")] = None
    identity: Annotated[Path | None, flag("--identity", text="The file with the age or SSH key that opens it.")] = None
    values: Annotated[
        Path | None,
        flag(
            "--values",
            text="A values file of what is to be put on, now or afterwards: refused if that could not succeed.",
        ),
    ] = None
    join: Annotated[
        list[str],
        flag(
            "--join",
            metavar="NAME=FILE",
            text="The kubeconfig by which the host is to reach this member, for rejoin; may be repeated.",
        ),
    ] = []

    def as_paths(self) -> InputPaths:
        """The paths of these flags. Raises Usage for a --join without NAME=FILE."""
        pairs = [pair.partition("=") for pair in self.join]
        for name, sign, file in pairs:
            if not (name and sign and file):
                raise Usage(f"--join {name}{sign}{file} is not NAME=FILE, such as --join test=test.kubeconfig.")
        return InputPaths(**structs.asdict(self) | {"join": {name: Path(file) for name, _, file in pairs}})


class InputFlags(CredentialFlags, frozen=True):
    """The files and numbers needed to make a plan."""

    memory: Memory = None
    watch: Annotated[
        int,
        flag(
            "--watch",
            min=0,
            text="Seconds that a canary has to live. [default: 660, longer than any controller waits]",
        ),
    ] = 0
    plain_http: PlainHttp = []


class PlanInputFlags(InputFlags, frozen=True):
    """InputFlags, and those of single playbooks."""

    run: Annotated[
        str,
        flag("--run", metavar="NAME", text="A run in the state directory, or its folder: what restore gives back."),
    ] = ""
    uninstall_only: Annotated[bool, flag("--uninstall-only", text="Plan also if it could not be put back.")] = False

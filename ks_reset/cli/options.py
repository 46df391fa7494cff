"""The flags of several commands, each declared once; named as in kubectl, nearly each with a KS_RESET_* twin."""

import enum
from pathlib import Path
from typing import Annotated, ClassVar

from msgspec import structs

from ks_reset import facts as reading
from ks_reset.cli.completion import context_names, member_words, run_names
from ks_reset.cli.durations import seconds_of
from ks_reset.cli.flags import FlagGroup, flag
from ks_reset.cli.terminal import Terminal
from ks_reset.cli.way_on import remember_context
from ks_reset.cluster import Target, connect_client
from ks_reset.errors import FILE, NAME, Correction, Usage, left_out
from ks_reset.facts import Clients
from ks_reset.model import FleetFacts
from ks_reset.workflows.inputs import InputPaths
from ks_reset.workflows.interaction import gather_facts


class Output(enum.StrEnum):
    """How a result is written to stdout."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"
    NAME = "name"


Timeout = Annotated[
    int,
    flag(
        "--timeout",
        parser=seconds_of,
        metavar="DURATION",
        text="How long one step may wait, such as 300, 90s, 5m or 1h30m; a proof of quiet may take two leases.",
    ),
]
Parallelism = Annotated[
    int, flag("--parallelism", min=1, max=64, text="Writes that one cluster gets at once; fewer while it is slow.")
]
Format = Annotated[Output, flag("--output", "-o", text="Format of the result.")]
Verbose = Annotated[bool, flag("--verbose", "-v", text="Say more: every object.")]
Snapshot = Annotated[Path | None, flag("--snapshot", text="Work offline, on this saved snapshot.")]
Record = Annotated[
    list[str],
    flag(
        "--record",
        metavar="NAME",
        text="A stale KubeFedCluster, where facts cannot tell which of two it is; may be repeated.",
    ),
]
Memory = Annotated[
    Path | None,
    flag(
        "--memory",
        text="A snapshot from before KubeSphere went: what rebind gives back. (ks-reset snapshot --out FILE)",
    ),
]
PlainHttp = Annotated[
    list[str],
    flag("--plain-http", metavar="HOST", text="A registry that speaks HTTP without TLS; may be repeated."),
]


class Connection(FlagGroup, frozen=True):
    """The clusters: a host and its members."""

    panel: ClassVar[str] = "Clusters"

    kubeconfig: Annotated[str, flag("--kubeconfig", metavar="FILE", text="Kubeconfig file. (default: as kubectl)")] = ""
    context: Annotated[
        str,
        flag(
            "--context",
            metavar="NAME",
            autocompletion=context_names,
            text="Context of the host cluster. (default: the current one)",
        ),
    ] = ""
    member: Annotated[
        list[str],
        flag(
            "--member", metavar="NAME=CONTEXT", autocompletion=member_words, text="A member cluster; may be repeated."
        ),
    ] = []
    as_: Annotated[str, flag("--as", metavar="USER", text="User to impersonate.")] = ""
    as_group: Annotated[
        list[str], flag("--as-group", metavar="GROUP", text="Group to impersonate; may be repeated.")
    ] = []
    request_timeout: Annotated[
        int, flag("--request-timeout", parser=seconds_of, metavar="DURATION", text="How long one request may take.")
    ] = 30

    @property
    def member_names(self) -> tuple[str, ...]:
        """The names given with --member."""
        return tuple(member.partition("=")[0] for member in self.member)

    @property
    def is_given(self) -> bool:
        """Whether a cluster was named, and not just the current context is there."""
        return bool(self.kubeconfig or self.context or self.member)

    def open_clients(self) -> Clients:
        """Connections to all clusters. Raises Usage for a malformed --member or an unknown context."""
        pairs = [member.partition("=") for member in self.member]
        for name, sign, context in pairs:
            if not (name and sign and context):
                given = f"--member {name}{sign}{context}"
                instead = Correction(given, f"--member {name or NAME}=CONTEXT")
                raise Usage(f"{given} is not NAME=CONTEXT, such as --member test=test-admin.", instead)
        host = connect_client(self._target_of(self.context))
        members = {name: connect_client(self._target_of(context)) for name, _, context in pairs}
        if len(members) != len(pairs):
            names = [name for name, _, _ in pairs]
            twice = [given for given, name in zip(self.member, names, strict=True) if names.count(name) > 1]
            raise Usage("A member is named twice with --member.", *left_out(*(f"--member {given}" for given in twice)))
        clients = Clients(host, members)
        remember_context(host.context)
        return clients

    def read_facts(self, snapshot: Path | None = None) -> FleetFacts:
        """The facts in a snapshot if there is one, else the facts of all clusters, with progress on stderr."""
        return reading.load_snapshot(snapshot) if snapshot else gather_facts(self.open_clients(), Terminal())

    def _target_of(self, context: str) -> Target:
        return Target(self.kubeconfig, context, self.as_, tuple(self.as_group), float(self.request_timeout))


class CredentialFlags(FlagGroup, frozen=True):
    """The files with the credentials of a plan; the plan has digests of them."""

    panel: ClassVar[str] = "Files and material"

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
                given = f"--join {name}{sign}{file}"
                instead = Correction(given, f"--join {name or NAME}={file or FILE}")
                raise Usage(f"{given} is not NAME=FILE, such as --join test=test.kubeconfig.", instead)
        return InputPaths(**structs.asdict(self) | {"join": {name: Path(file) for name, _, file in pairs}})


class InputFlags(CredentialFlags, frozen=True):
    """The files and numbers needed to make a plan."""

    memory: Memory = None
    watch: Annotated[
        int,
        flag(
            "--watch",
            parser=seconds_of,
            metavar="DURATION",
            show_default=False,
            text="How long a canary has to live. (default: 660, longer than any controller waits)",
        ),
    ] = 0
    plain_http: PlainHttp = []


class PlanInputFlags(InputFlags, frozen=True):
    """InputFlags, and those of single playbooks."""

    run: Annotated[
        str,
        flag(
            "--run",
            metavar="NAME",
            autocompletion=run_names,
            text="A run in the state directory, or its folder: what restore gives back.",
        ),
    ] = ""
    accept_changed_journal: Annotated[
        bool,
        flag("--accept-changed-journal", text="Plan restore also by the readable lines of a journal that was changed."),
    ] = False
    uninstall_only: Annotated[bool, flag("--uninstall-only", text="Plan also if it could not be put back.")] = False

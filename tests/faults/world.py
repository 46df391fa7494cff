"""A host and a member in memory, and commands as child processes of the test that can be killed anywhere."""

import base64
import faulthandler
import gc
import os
import shutil
import signal
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct
from typer.main import get_command
from typer.testing import CliRunner

from ks_reset.apply.watch import run_lock
from ks_reset.apply.write import request
from ks_reset.cli import app, main, way_on
from ks_reset.cluster.transport import Transport
from ks_reset.credentials import digests
from ks_reset.journal.chain import chain_of
from ks_reset.journal.entries import is_done
from ks_reset.steps import federation
from tests import DIGEST_KEY
from tests.build import Rows, cluster
from tests.faults.audit import Audit
from tests.faults.fake_server import FakeServer, Trouble
from tests.faults.fake_store import FakeStore, Place
from tests.interleavings.small import FED, Small

CALM = ("--yes", "--request-timeout", "30", "--timeout", "60", "--parallelism", "1")
HASTY = ("--yes", "--request-timeout", "1", "--timeout", "10", "--parallelism", "1")
"""Flags of `apply`, without a fault and with one: an answer that never comes is given up soon."""
DEADLINE = 600.0
"""Seconds after which a command counts as hanging."""
USERS = ("shop", "catalog")
TYPES = """
- {apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: other, namespace: kube-system}}
- {kind: Pod, metadata: {name: web, namespace: shop, finalizers: [], labels: {app: web}}}
- {kind: ConfigMap, metadata: {name: settings, namespace: shop}, data: {a: "1"}}
- {kind: PersistentVolumeClaim, metadata: {name: data, namespace: shop}}
- {kind: Namespace, metadata: {name: kube-node-lease}}
- {kind: Endpoints, metadata: {name: web, namespace: shop}}
"""
Hook = Callable[[], None]
_WARM: list[Path] = []


class Ended(Struct, frozen=True):
    """How a command ended: its exit code, negative for a signal, and what it said on stderr and stdout.

    `writes` are those it sent, without leases; `bad` what was wrong with them.
    """

    code: int
    said: str
    out: str = ""
    writes: int = 0
    bad: tuple[str, ...] = ()


class World:
    """Stores of host and member behind servers; the state directory and the plan are in `folder`."""

    def __init__(self, folder: Path, trouble: Trouble, host: FakeServer, test: FakeServer) -> None:
        self.folder, self.trouble, self.host, self.test = folder, trouble, host, test
        self.made: set[tuple[str, str]] = set()
        self.usual: dict[str, Ended] = {}
        self.state.mkdir(mode=0o700)
        (self.state / digests.FILE).write_bytes(DIGEST_KEY)
        self.keep()

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def keep(self) -> None:
        """Take the present objects and the present state directory as the beginning."""
        self.first = [server.store.copy() for server in (self.host, self.test)]
        shutil.rmtree(self.folder / "first", ignore_errors=True)
        shutil.copytree(self.state, self.folder / "first")

    def begin_again(self) -> None:
        """The objects and the state directory of the beginning, and no trouble."""
        for server, mine in zip((self.host, self.test), self.first, strict=True):
            server.store.restore(mine)
        self.trouble.clear()
        self.made.clear()
        shutil.rmtree(self.state, ignore_errors=True)
        shutil.copytree(self.folder / "first", self.state)

    def dump(self) -> dict[tuple[str, Place], Any]:
        pairs = (("host", self.host.store), ("test", self.test.store))
        return {(name, place): body for name, store in pairs for place, body in store.dump().items()}

    def unfinished_runs(self) -> list[str]:
        """The runs that are not done by their journals."""
        return [folder.name for folder in (self.state / "runs").glob("*/") if not is_done(folder)]

    def broken_journals(self) -> list[str]:
        """What is wrong with the chains of all journals."""
        return [broken for folder in (self.state / "runs").glob("*/") if (broken := chain_of(folder).broken)]

    def journal(self, playbook: str) -> Path | None:
        """The journal of the only run of a playbook; None before there is one."""
        return next((self.state / "runs").glob(f"{playbook}-*/journal.jsonl"), None)

    def lost(self) -> list[str]:
        """What users had at the beginning, and is gone, going or another object."""
        stores, gone = (self.host.store, self.test.store), list[str]()
        for store, (_, objects, _) in zip(stores, self.first, strict=True):
            for place, body in objects.items():
                if place[1] in USERS or (place[0] == "Namespace" and place[2] in USERS):
                    now = (store.objects.get(place) or {}).get("metadata") or {}
                    if not place[0].startswith("Federated") and (
                        now.get("uid") != body["metadata"]["uid"] or now.get("deletionTimestamp")
                    ):
                        gone.append("/".join(place))
        return gone

    def run(self, *words: str, hook: Hook = lambda: None) -> Ended:
        """One command in a child process, with `hook` called there before it."""
        told, printed = self.folder / "stderr", self.folder / "stdout"
        plan = self.folder / words[1] if words[0] == "apply" else None
        self.trouble.audit = audit = Audit(self.state / "runs", plan, self.made)
        child = os.fork()
        if not child:
            _be_command(self, words, hook, told, printed)
        self.trouble.child = child
        try:
            code = _wait(child, told)
        finally:
            self.trouble.child = 0
        said, out = (path.read_text(errors="replace") for path in (told, printed))
        return Ended(code, said, out, audit.sent, tuple(audit.found))


def _wait(child: int, told: Path) -> int:
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        found, ended = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(ended)
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    raise AssertionError(f"no end after {DEADLINE:.0f} s: {told.read_text(errors='replace')[-6000:]}")


def _be_command(world: World, words: tuple[str, ...], hook: Hook, told: Path, printed: Path) -> None:
    """The child: ks-reset with its waits shortened, never to return."""
    code = 99
    try:
        files = [os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) for path in (printed, told)]
        os.dup2(files[0], 1)
        os.dup2(files[1], 2)
        sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
        os.environ.update(KUBECONFIG=str(world.folder / "kubeconfig"), KS_RESET_STATE=str(world.state), COLUMNS="4000")
        os.environ.update(KS_RESET_CONTEXT="host", KS_RESET_MEMBER="test=test")
        os.chdir(world.folder)
        sys.argv = ["ks-reset", *words]
        faulthandler.dump_traceback_later(DEADLINE - 5, file=2)
        gc.freeze()
        _shorten_waits()
        hook()
        main()
        code = 0
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else int(bool(left.code))
    finally:
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _shorten_waits() -> None:
    """Patience with temporary failures, the lease of the run lock and the watch: seconds instead of minutes.

    The lock is not renewed: how often that is due depends on the machine, and writes are counted. Left out is what no
    fault touches: the tree of commands, the certificates of this machine for servers without TLS, YAML without libyaml.
    """
    tree = way_on.flags_by_command(get_command(app))
    way_on.flags_by_command = lambda *_: tree
    ssl.SSLContext.load_default_certs = lambda *_: None  # type: ignore[method-assign,assignment]
    yaml.SafeLoader = yaml.CSafeLoader  # type: ignore[misc,assignment]
    defaults = Transport.__init__.__kwdefaults__
    assert defaults
    defaults["patience"] = 1.5
    request.PATIENCE = 3.0
    run_lock.SECONDS, run_lock.RENEW = 1, DEADLINE
    federation.WATCHED_SECONDS = 1


@contextmanager
def memory_world(folder: Path, small: Small = Small(kubefed=True)) -> Iterator[World]:  # noqa: B008
    """The small fleet of the interleavings, with records that can be dialled and users' objects."""
    host, member = small.rows()
    trouble = Trouble()
    servers = {name: FakeServer(FakeStore(cluster(name, [])), trouble) for name in ("host", "test")}
    reached = {"host": "host", "test": "test", "produce-trt": "host"}
    for record in [row for row in host if row["kind"] == "KubeFedCluster"]:
        name = record["metadata"]["name"]
        record["spec"] = {"apiEndpoint": servers[reached[name]].url, "secretRef": {"name": f"{name}-secret"}}
        token = base64.b64encode(f"token-of-{name}".encode()).decode()
        host.append(
            {"kind": "Secret", "metadata": {"name": f"{name}-secret", "namespace": FED}, "data": {"token": token}}
        )
    for name, rows in (("host", host), ("test", member)):
        servers[name].store.__init__(cluster(name, [*_system(name), *rows]))  # type: ignore[misc]
    (folder / "kubeconfig").write_text(yaml.safe_dump(_kubeconfig(servers)))
    try:
        _warm_up(folder)
        yield World(folder, trouble, servers["host"], servers["test"])
    finally:
        for server in servers.values():
            server.shutdown()
            server.server_close()


def _warm_up(folder: Path) -> None:
    """Run a command in this process once: its imports and tables are then there in every child."""
    if _WARM:
        return
    way_on.flags_by_command(get_command(app))
    warm = {"KUBECONFIG": str(folder / "kubeconfig"), "KS_RESET_STATE": str(folder / "warm")}
    done = CliRunner().invoke(app, ["plan", "stale-record", "--context", "host", "--member", "test=test"], env=warm)
    assert done.exit_code == 0, done.output
    _WARM.append(folder)


def _system(name: str) -> Rows:
    """What every cluster has; the member has no namespace shop."""
    rows: Rows = yaml.safe_load(TYPES if name == "host" else TYPES.replace("namespace: shop", "namespace: catalog"))
    return [{"kind": "Namespace", "metadata": {"name": "kube-system", "uid": f"uid-of-{name}"}}, *rows]


def _kubeconfig(servers: dict[str, FakeServer]) -> dict[str, Any]:
    return {
        "current-context": "host",
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}} for name in servers],
        "clusters": [{"name": name, "cluster": {"server": server.url}} for name, server in servers.items()],
        "users": [{"name": name, "user": {"token": "sesame"}} for name in servers],
    }

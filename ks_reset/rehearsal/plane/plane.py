"""One throwaway control plane on loopback: the real etcd, kube-apiserver and kube-controller-manager.

The controller manager is not optional: the incident *is* the garbage collector and the namespace deleter.
There is no kubelet and no scheduler; see `ks_reset.rehearsal.plane.kubelet`.
"""

import json
import secrets
import ssl
import time
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from msgspec import Struct

from ks_reset.catalogue.names import SERVICE_ACCOUNT_KIND
from ks_reset.cluster import Client, Target, connect_client
from ks_reset.errors import ResetError
from ks_reset.rehearsal.plane.certs import make_certificates, write_private
from ks_reset.rehearsal.plane.ports import reserve_ports
from ks_reset.rehearsal.plane.process import Process, interrupt_on_sigterm

ATTEMPTS = 3
READY_SECONDS = 90.0
TAKEN = "address already in use"
AUDIT = """\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules: [{level: Metadata}]
"""
"""Log every request in `audit.log`, so that tests can count a command's requests."""


class Ports(Struct, frozen=True):
    """The ports of one plane: etcd's two, the API server's and the controller manager's."""

    etcd: int
    peer: int
    api: int
    manager: int


class Plane(Struct, frozen=True):
    """A running control plane; `kubeconfig` has one context, named as the plane, with full rights."""

    name: str
    server: str
    kubeconfig: Path
    folder: Path

    @property
    def cluster(self) -> Client:
        """A new connection as administrator."""
        return connect_administrator(self.kubeconfig, self.name)

    @classmethod
    @contextmanager
    def start(cls, name: str, binaries: Path, workdir: Path) -> Iterator["Plane"]:
        """Run a plane in `workdir/name` inside the block; it is ready (RBAC and controllers too) when entered.

        `binaries` has etcd, kube-apiserver and kube-controller-manager of one Kubernetes version. All are stopped
        on a failed start, Ctrl-C and SIGTERM. Raises ResetError with the last log lines of a program that failed.
        """
        with interrupt_on_sigterm(), ExitStack() as stack:
            yield _start_retried(stack, name, binaries, workdir)


def connect_administrator(kubeconfig: Path, context: str, agent: str = "ks-reset-rehearsal") -> Client:
    """A connection with full rights. `agent` is its user agent in audit logs; commands under test are `ks-reset`."""
    return connect_client(Target(str(kubeconfig), context, agent=agent))


def write_merged_kubeconfig(planes: Sequence[Plane], path: Path) -> Path:
    """Write one kubeconfig (0600) with the contexts of all planes; the first is the current one."""
    parts = [json.loads(plane.kubeconfig.read_text()) for plane in planes]
    merged = parts[0] | {
        key: [item for part in parts for item in part[key]] for key in ("clusters", "users", "contexts")
    }
    return write_private(path, json.dumps(merged, indent=1).encode())


def _start_retried(stack: ExitStack, name: str, binaries: Path, workdir: Path) -> Plane:
    for attempt in range(1, ATTEMPTS + 1):
        with ExitStack() as trial:
            folder = workdir / name
            folder.mkdir(parents=True, exist_ok=True)
            ports = Ports(*trial.enter_context(reserve_ports(4)))
            try:
                plane = _launch_programs(trial, name, binaries, folder, ports)
            except ResetError as error:
                if TAKEN in str(error) and attempt < ATTEMPTS:
                    continue
                raise
            stack.push(trial.pop_all())
            return plane
    raise AssertionError("the last attempt returns or raises")


def _launch_programs(stack: ExitStack, name: str, binaries: Path, folder: Path, ports: Ports) -> Plane:
    server = f"https://127.0.0.1:{ports.api}"
    token = secrets.token_urlsafe(32)
    make_certificates(folder)
    write_private(folder / "tokens.csv", f"{token},rehearsal-admin,rehearsal-admin,system:masters\n".encode())
    (folder / "audit-policy.yaml").write_text(AUDIT)
    plane = Plane(name, server, _write_kubeconfig(folder, name, server, token), folder)

    def run_program(program: str, flags: Sequence[str], ready: Callable[[], bool]) -> None:
        process = Process(f"{program} of {name}", [str(binaries / program), *flags], folder / f"{program}.log")
        stack.callback(process.stop)
        await_ready(process, ready)

    run_program("etcd", _etcd_flags(folder, ports), lambda: True)
    ca = folder / "ca.crt"
    run_program("kube-apiserver", _apiserver_flags(folder, ports), lambda: _answers_readyz(server, ca, token))
    run_program("kube-controller-manager", _manager_flags(folder, ports), lambda: _controllers_run(plane))
    return plane


def await_ready(process: Process, ready: Callable[[], bool], seconds: float = READY_SECONDS) -> None:
    """Return once `ready` holds.

    Raises ResetError with the last lines of its log if the process ends first, or takes longer than `seconds`.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.code is not None:
            raise ResetError(f"{process.name} ended with code {process.code}. Its last lines:\n{process.tail()}")
        if ready():
            return
        time.sleep(0.05)
    raise ResetError(f"{process.name} was not ready after {seconds:.0f} s. Its last lines:\n{process.tail()}")


def _answers_readyz(server: str, ca: Path, token: str) -> bool:
    request = urllib.request.Request(f"{server}/readyz", headers={"Authorization": f"Bearer {token}"})  # noqa: S310
    try:
        context = ssl.create_default_context(cafile=str(ca))
        with urllib.request.urlopen(request, context=context, timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False


def _controllers_run(plane: Plane) -> bool:
    return plane.cluster.get(SERVICE_ACCOUNT_KIND, "default", "default") is not None


def _write_kubeconfig(folder: Path, name: str, server: str, token: str) -> Path:
    user = f"{name}-admin"
    ca = b64encode((folder / "ca.crt").read_bytes()).decode()
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": name, "cluster": {"server": server, "certificate-authority-data": ca}}],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": user}}],
    }
    return write_private(folder / "kubeconfig", json.dumps(config, indent=1).encode())


def _etcd_flags(folder: Path, ports: Ports) -> list[str]:
    client, peer = f"http://127.0.0.1:{ports.etcd}", f"http://127.0.0.1:{ports.peer}"
    return [
        f"--data-dir={folder / 'etcd'}",
        "--unsafe-no-fsync",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        "--log-level=error",
    ]


def _apiserver_flags(folder: Path, ports: Ports) -> list[str]:
    return [
        f"--etcd-servers=http://127.0.0.1:{ports.etcd}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        f"--secure-port={ports.api}",
        f"--tls-cert-file={folder / 'server.crt'}",
        f"--tls-private-key-file={folder / 'server.key'}",
        f"--client-ca-file={folder / 'ca.crt'}",
        f"--token-auth-file={folder / 'tokens.csv'}",
        "--authorization-mode=RBAC",
        f"--service-account-key-file={folder / 'sa.key'}",
        f"--service-account-signing-key-file={folder / 'sa.key'}",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--endpoint-reconciler-type=none",
        f"--audit-policy-file={folder / 'audit-policy.yaml'}",
        f"--audit-log-path={folder / 'audit.log'}",
        "--max-requests-inflight=2000",
        "--max-mutating-requests-inflight=1000",
    ]


def _manager_flags(folder: Path, ports: Ports) -> list[str]:
    return [
        f"--kubeconfig={folder / 'kubeconfig'}",
        f"--service-account-private-key-file={folder / 'sa.key'}",
        f"--root-ca-file={folder / 'ca.crt'}",
        f"--cluster-signing-cert-file={folder / 'ca.crt'}",
        f"--cluster-signing-key-file={folder / 'ca.key'}",
        "--use-service-account-credentials",
        "--leader-elect=false",
        "--bind-address=127.0.0.1",
        f"--secure-port={ports.manager}",
        "--kube-api-qps=300",
        "--kube-api-burst=600",
        "--pvclaimbinder-sync-period=1s",
        "--v=2",  # names what the garbage collector follows and deletes
    ]

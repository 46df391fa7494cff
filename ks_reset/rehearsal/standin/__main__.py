"""The stand-in as a process of its own; stopped by SIGTERM, ended by the loss of its lock as the real one."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from ks_reset.cluster import Cluster
from ks_reset.errors import ResetError
from ks_reset.rehearsal.plane import administrator
from ks_reset.rehearsal.standin import namespaces, workspaces
from ks_reset.rehearsal.standin.api import CORE_NAMESPACE, TEMPLATE, WORKSPACE, WORKSPACE_ROLE, log
from ks_reset.rehearsal.standin.informer import Access, Informer
from ks_reset.rehearsal.standin.lock import LEASE_SECONDS, RETRY_SECONDS, Lock


def main() -> int:
    """Wait for the lock, run the controllers, renew the lock; 1 if it was lost."""
    parser = argparse.ArgumentParser(description="Stand-in for KubeSphere 3.3.1's ks-controller-manager.")
    parser.add_argument("--kubeconfig", type=Path, required=True)
    parser.add_argument("--context", required=True)
    parser.add_argument("--multicluster", action="store_true", help="federate, as on a host")
    options = parser.parse_args()
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    cluster = administrator(options.kubeconfig, options.context)
    lock = Lock(cluster)
    while not _held(lock):
        if over.wait(RETRY_SECONDS / 10):
            return 0
    _start(Access.read(options.kubeconfig, options.context), cluster, options.multicluster)
    return _renew(lock, over)


def _start(access: Access, cluster: Cluster, multicluster: bool) -> None:
    handlers = {
        WORKSPACE: workspaces.workspace,
        CORE_NAMESPACE: namespaces.reconcile,
        TEMPLATE: workspaces.template(multicluster=multicluster),
        WORKSPACE_ROLE: workspaces.workspace_role(multicluster=multicluster),
    }
    for kind, handler in handlers.items():
        Informer(access, cluster, kind, handler).start()


def _renew(lock: Lock, over: threading.Event) -> int:
    misses = 0
    while not over.wait(RETRY_SECONDS):
        misses = 0 if _held(lock) else misses + 1
        if misses * RETRY_SECONDS >= LEASE_SECONDS:
            log.error("standin.lock", message="The leader-election lock was lost.")
            return 1
    return 0


def _held(lock: Lock) -> bool:
    try:
        return lock.held()
    except ResetError as error:
        log.warning("standin.unanswered", error=str(error))
        return False


if __name__ == "__main__":
    sys.exit(main())

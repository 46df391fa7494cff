"""The stand-in as a process: stopped by SIGTERM; it exits when it loses its lock, like the real one."""

import argparse
import logging
import signal
import sys
import threading
from pathlib import Path

from ks_reset.errors import ResetError
from ks_reset.model import Kind
from ks_reset.rehearsal.plane.plane import connect_administrator
from ks_reset.rehearsal.standin import namespaces, v4, workspaces
from ks_reset.rehearsal.standin.api import AGENT, CORE_NAMESPACE, TEMPLATE, WORKSPACE, WORKSPACE_ROLE, Handler, log
from ks_reset.rehearsal.standin.informer import Access, Informer
from ks_reset.rehearsal.standin.lock import LEASE_SECONDS, RETRY_SECONDS, Lock

RELEASES = ("3.3.1", "3.4.1", "4.1.3")


def main() -> int:
    """Wait for the lock, run the controllers, renew the lock; 1 if it was lost."""
    parser = argparse.ArgumentParser(description="Stand-in for KubeSphere's ks-controller-manager.")
    parser.add_argument("--kubeconfig", type=Path, required=True)
    parser.add_argument("--context", required=True)
    parser.add_argument("--multicluster", action="store_true", help="federate, as on a host")
    parser.add_argument("--release", choices=RELEASES, default="3.3.1", help="the release to imitate")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    cluster = connect_administrator(options.kubeconfig, options.context, AGENT)
    lock = Lock(cluster, config_map=options.release == "3.3.1")
    while not _holds_lock(lock):
        if over.wait(RETRY_SECONDS / 10):
            return 0
    handlers = v4.HANDLERS if options.release == "4.1.3" else _handlers_of_3(options.multicluster)
    for kind, handler in handlers.items():
        Informer(Access.read(options.kubeconfig, options.context), cluster, kind, handler).start()
    return _renew_lock(lock, over)


def _handlers_of_3(multicluster: bool) -> dict[Kind, Handler]:
    return {
        WORKSPACE: workspaces.reconcile_workspace,
        CORE_NAMESPACE: namespaces.reconcile_namespace,
        TEMPLATE: workspaces.template_handler(multicluster=multicluster),
        WORKSPACE_ROLE: workspaces.role_handler(multicluster=multicluster),
    }


def _renew_lock(lock: Lock, over: threading.Event) -> int:
    misses = 0
    while not over.wait(RETRY_SECONDS):
        misses = 0 if _holds_lock(lock) else misses + 1
        if misses * RETRY_SECONDS >= LEASE_SECONDS:
            log.error("The leader-election lock was lost.")
            return 1
    return 0


def _holds_lock(lock: Lock) -> bool:
    try:
        return lock.held()
    except ResetError as error:
        log.warning("The leader-election lock was not renewed: %s", error)
        return False


if __name__ == "__main__":
    sys.exit(main())

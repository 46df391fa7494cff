"""The stand-in as a process of its own; stopped by SIGTERM."""

import argparse
import itertools
import signal
import threading
from pathlib import Path

from ks_reset.errors import ResetError
from ks_reset.rehearsal.plane import administrator
from ks_reset.rehearsal.standin import namespaces, workspaces
from ks_reset.rehearsal.standin.api import CORE_NAMESPACE, TEMPLATE, WORKSPACE, WORKSPACE_ROLE, Events, log
from ks_reset.rehearsal.standin.lock import Lock

POLL = 0.05
SLOW = 6
"""Templates and roles are looked at in every sixth poll; they change seldom."""


def main() -> None:
    """Poll until told to stop; an API server that does not answer is asked again."""
    parser = argparse.ArgumentParser(description="Stand-in for KubeSphere 3.3.1's ks-controller-manager.")
    parser.add_argument("--kubeconfig", type=Path, required=True)
    parser.add_argument("--context", required=True)
    parser.add_argument("--multicluster", action="store_true", help="federate, as on a host")
    options = parser.parse_args()
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    _run(options.kubeconfig, options.context, options.multicluster, over)


def _run(kubeconfig: Path, context: str, multicluster: bool, over: threading.Event) -> None:
    cluster = administrator(kubeconfig, context)
    lock = Lock(cluster)
    quick = (Events(WORKSPACE, workspaces.workspace), Events(CORE_NAMESPACE, namespaces.reconcile))
    slow = (
        Events(TEMPLATE, workspaces.template(multicluster=multicluster)),
        Events(WORKSPACE_ROLE, workspaces.workspace_role(multicluster=multicluster)),
    )
    for turn in itertools.count():
        if over.wait(POLL):
            return
        try:
            if lock.held():
                for controller in quick if turn % SLOW else (*quick, *slow):
                    controller.handle(cluster)
        except ResetError as error:
            log.warning("standin.unanswered", error=str(error))


if __name__ == "__main__":
    main()

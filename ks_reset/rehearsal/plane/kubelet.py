"""The process kubelet: runs a real controller as a local process while a Pod of its Deployment exists.

A plane has no scheduler and no kubelet. Its real kube-controller-manager still creates ReplicaSets and Pods of every
Deployment; those Pods stay Pending, and an unscheduled Pod is deleted at once
(kubernetes v1.24.17, pkg/registry/core/pod/strategy.go, CheckGracefulDelete). So "no Pods" can be observed, and
scaling to 0 or deleting the Deployment stops the process as on a node: within a poll of 0.3 s.
"""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from msgspec import Struct

from ks_reset.catalogue.names import DEPLOYMENT_KIND, POD_KIND
from ks_reset.cluster import Client
from ks_reset.cluster.client import MERGE_PATCH
from ks_reset.errors import ResetError
from ks_reset.model import Body
from ks_reset.rehearsal.plane.process import Argv, Process

POLL = 0.3
CRASH_PAUSE = 1.0


log = logging.getLogger(__name__)


class Program(Struct, frozen=True):
    """The program of one Deployment's Pods. `argv` is called for every start, so that each gets new ports."""

    namespace: str
    deployment: str
    argv: Callable[[], Argv]
    log: Path


class Kubelet:
    """Runs one program for one Deployment. Use as a context manager; its end stops the process."""

    def __init__(self, cluster: Client, program: Program) -> None:
        self._cluster = cluster
        self._program = program
        self._selector = ""
        self._process: Process | None = None
        self._not_before = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run_loop, name=f"kubelet-{program.deployment}", daemon=True)

    def __enter__(self) -> "Kubelet":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        self._stop_process()

    @property
    def running(self) -> bool:
        """Whether the process is alive now."""
        process = self._process
        return process is not None and process.running

    def tail(self) -> str:
        """The last log lines of the program."""
        return self._process.tail() if self._process else "(never started)"

    def _run_loop(self) -> None:
        while not self._over.is_set():
            try:
                self._follow_pods(self._active_pods())
            except ResetError as error:  # the plane does not answer: change nothing, like a kubelet
                log.debug("The pods of %s are unknown: %s", self._program.deployment, error)
            self._over.wait(POLL)

    def _active_pods(self) -> list[Body]:
        namespace = self._program.namespace
        deployment = self._cluster.get(DEPLOYMENT_KIND, self._program.deployment, namespace)
        if deployment:
            labels = deployment["spec"]["selector"]["matchLabels"]
            self._selector = ",".join(f"{key}={value}" for key, value in labels.items())
        if not self._selector:
            return []
        pods = self._cluster.list(POD_KIND, namespace, self._selector)
        return [pod for pod in pods if not pod["metadata"].get("deletionTimestamp")]

    def _follow_pods(self, pods: list[Body]) -> None:
        if not pods:
            self._stop_process()
            return
        if not self.running and time.monotonic() >= self._not_before:
            self._not_before = time.monotonic() + CRASH_PAUSE
            self._process = Process(self._program.deployment, self._program.argv(), self._program.log)
        for pod in pods:
            self._report_status(pod)

    def _report_status(self, pod: Body) -> None:
        phase = "Running" if self.running else "Pending"
        if pod.get("status", {}).get("phase") == phase:
            return
        ready = [{"type": kind, "status": str(self.running)} for kind in ("Ready", "ContainersReady")]
        path = POD_KIND.path(pod["metadata"]["namespace"], pod["metadata"]["name"]) + "/status"
        body = {"status": {"phase": phase, "conditions": ready}}
        self._cluster.request("PATCH", path, body, MERGE_PATCH)

    def _stop_process(self) -> None:
        if self._process:
            self._process.stop()
            self._process = None

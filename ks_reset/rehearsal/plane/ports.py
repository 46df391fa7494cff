"""Loopback ports, never shared by parallel control planes.

A port found by binding to 0 is in the kernel's ephemeral range: any outgoing connection may take it before the server
binds it. So ports come from below that range (net.ipv4.ip_local_port_range starts at 32768), and a locked file per
port keeps other rehearsals on this machine from using it while the plane runs.
"""

import fcntl
import os
import random
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ks_reset.errors import ResetError

RANGE = range(20000, 32000)


@contextmanager
def reserve_ports(count: int) -> Iterator[list[int]]:
    """`count` free TCP ports on 127.0.0.1, reserved inside the block.

    Other programs can still take one: start a server again with other ports then. Raises ResetError if too few are
    free.
    """
    with ExitStack() as stack:
        ports: list[int] = []
        for port in random.sample(RANGE, len(RANGE)):
            if _lock_port(stack, port) and _is_free(port):
                ports.append(port)
            if len(ports) == count:
                yield ports
                return
        raise ResetError(f"There are no {count} free ports on 127.0.0.1 between {RANGE.start} and {RANGE.stop}.")


def _lock_port(stack: ExitStack, port: int) -> bool:
    folder = Path(tempfile.gettempdir()) / f"ks-reset-ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    file = (folder / str(port)).open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return False
    stack.callback(file.close)
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True

"""Loopback ports that parallel control planes never share.

A port found by binding to 0 is one of the kernel's ephemeral range: any outgoing connection may take it again before
the server binds it. So ports come from below that range (net.ipv4.ip_local_port_range starts at 32768), and a locked
file per port keeps other rehearsals of this machine away for as long as the plane lives.
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
def reserved(count: int) -> Iterator[list[int]]:
    """`count` free TCP ports on 127.0.0.1, ours until the block ends.

    A program that does not ask here can still take one: whoever starts a server tries again with others.
    Raises ResetError if there are none.
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

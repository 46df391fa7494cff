"""Tests reach this machine alone: a connection to any other one fails, as without a network."""

import errno
import ipaddress
import socket
from typing import Any

import hypothesis
import pytest
from typer import rich_utils

from ks_reset.language import use_language

hypothesis.settings.register_profile("ks-reset", deadline=None)  # a busy machine makes no example wrong
hypothesis.settings.load_profile("ks-reset")
TYPERS_WORDS = [name for name, value in vars(rich_utils).items() if name.isupper() and isinstance(value, str)]
"""The constants of typer that a command in another language replaces for its process."""
LOCAL = {"localhost", "", "None"}


class NoNetwork(OSError):
    """A test has tried to reach another machine."""


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins in English, also the words of typer's screens, whatever a test before it has chosen."""
    use_language("en")
    for name in TYPERS_WORDS:
        monkeypatch.setattr(rich_utils, name, getattr(rich_utils, name))


def pytest_configure(config: pytest.Config) -> None:
    """Close the way out for the whole process, also for threads that outlive a test."""
    connect, lookup = socket.socket.connect, socket.getaddrinfo

    def local_connect(sock: socket.socket, address: Any) -> None:
        if sock.family in (socket.AF_INET, socket.AF_INET6) and not _is_local(str(address[0])):
            raise NoNetwork(errno.ENETUNREACH, f"tests do not reach {address[0]}")
        connect(sock, address)

    def local_lookup(host: Any, *more: Any, **named: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else str(host)
        if name not in LOCAL and not _is_address(name):
            raise socket.gaierror(socket.EAI_NONAME, "tests look up no name")
        return lookup(host, *more, **named)

    socket.socket.connect = local_connect  # type: ignore[method-assign, assignment]
    socket.getaddrinfo = local_lookup


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _is_local(host: str) -> bool:
    return host in LOCAL or (_is_address(host) and ipaddress.ip_address(host.partition("%")[0]).is_loopback)

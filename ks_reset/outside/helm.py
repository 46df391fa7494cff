"""Stub."""

from typing import Any


def install(*_: Any) -> None: ...


def render(*_: Any) -> list[Any]:
    return []

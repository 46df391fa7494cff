"""Decode texts and plain values into Structs, also from several threads at once.

msgspec 0.22 describes a Struct when it is first decoded. A second thread that decodes it meanwhile reads the unfinished
description, and the process ends with a segmentation fault (msgspec, src/msgspec/_core.c, `StructInfo_Convert`). Here
one thread at a time describes a type, before anything is decoded as that type.
"""

from threading import Lock
from typing import Any, TypeVar, overload

import msgspec

T = TypeVar("T")
_described: set[Any] = set()
_describing = Lock()


def decode_json_as(data: bytes, kind: Any) -> Any:
    """The JSON in data. Raises msgspec.MsgspecError, UnicodeDecodeError or RecursionError."""
    _describe_type(kind)
    return msgspec.json.decode(data, type=kind)


def decode_json_lines(data: bytes, kind: Any) -> list[Any]:
    """One value of a type for each line of JSON. Raises as `decode_json_as`."""
    _describe_type(kind)
    return msgspec.json.Decoder(kind).decode_lines(data)


def decode_yaml_as(data: bytes, kind: type[T]) -> T:
    """The YAML of a file of this project. Raises msgspec.MsgspecError."""
    _describe_type(kind)
    return msgspec.yaml.decode(data, type=kind)


@overload
def convert_to(value: Any, kind: type[T]) -> T: ...


@overload
def convert_to(value: Any, kind: Any) -> Any: ...


def convert_to(value: Any, kind: Any) -> Any:
    """Mappings, lists and scalars as a value of a type. Raises msgspec.ValidationError."""
    _describe_type(kind)
    return msgspec.convert(value, kind)


def _describe_type(kind: Any) -> None:
    if kind not in _described:
        with _describing:
            msgspec.json.Decoder(kind)
            _described.add(kind)

"""The fields of objects that stay in clear: data/fields.yaml, compiled once into one tree for each type."""

from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from ks_reset.decoding import decode_yaml_as

FILE = Path(__file__).parent / "data" / "fields.yaml"
ITEM, ANY = "[]", "*"
Paths = list[str | list[str]]
Tree = dict[str, Any]
"""Field name, ITEM or ANY → the tree below it; an empty tree is a scalar that is kept."""


class KeptOfTypes(Struct, frozen=True, forbid_unknown_fields=True):
    """The fields of some types, by `Kind.key`; a `*` stands for any part of it."""

    types: tuple[str, ...]
    keep: Paths


class Fields(Struct, frozen=True, forbid_unknown_fields=True):
    """The content of fields.yaml; the lists of a list are one list."""

    shapes: dict[str, Paths]
    every: Paths
    annotations: Paths
    anywhere: Paths
    numbers: frozenset[str]
    types: tuple[KeptOfTypes, ...]


@cache
def load_fields() -> Fields:
    """Raises msgspec.ValidationError for a malformed file."""
    return decode_yaml_as(FILE.read_bytes(), Fields)


@cache
def names_kept_anywhere() -> frozenset[str]:
    """The fields whose values stay at any depth, if they have the shape of a name."""
    return frozenset(_flat(load_fields().anywhere))


@cache
def tree_of(key: str) -> Tree:
    """The fields of a type, by `Kind.key`, that stay in clear. Raises KeyError for a shape that the file lacks."""
    fields = load_fields()
    tree: Tree = {}
    _add_paths(tree, fields.every)
    for entry in fields.types:
        if any(fnmatchcase(key, pattern) for pattern in entry.types):
            _add_paths(tree, entry.keep)
    return tree


@cache
def is_known_type(key: str) -> bool:
    """Whether fields.yaml lists fields of a type, by `Kind.key`: only then is its shape known."""
    return any(fnmatchcase(key, pattern) for entry in load_fields().types for pattern in entry.types)


def _add_paths(tree: Tree, paths: Paths) -> None:
    for path in _flat(paths):
        where, _, shape = path.partition(": ")
        below = _descend(tree, where)
        if shape == "Annotations":
            below |= {key: {} for key in _flat(load_fields().annotations)}
        elif shape:
            _add_paths(below, load_fields().shapes[shape])


def _descend(tree: Tree, path: str) -> Tree:
    """The tree at a path, made if it is not there; `.` is the object itself."""
    for part in path.split(".") if path != "." else ():
        name = part.removesuffix(ITEM)
        tree = tree.setdefault(name, {})
        if part.endswith(ITEM):
            tree = tree.setdefault(ITEM, {})
    return tree


def _flat(paths: Paths) -> list[str]:
    return [path for entry in paths for path in ([entry] if isinstance(entry, str) else entry)]

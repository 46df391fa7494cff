"""What ks-installer's tasks say about a manifest: its helm release, its namespace, and objects made by a command."""

import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

KEY = r"\n\s*(?:- )?[a-z_]+:"
HELM = re.compile(rf"helm upgrade --install\s+(?P<rest>(?:(?!{KEY}|&&).)*)", re.S)
APPLY = re.compile(r"kubectl(?P<before>[^\n|&]*?) apply(?P<after>[^\n|&]*)")
SECRET = re.compile(
    rf"kubectl(?P<before>[^\n|]*?) create secret generic\s+(?P<name>[\w-]+)(?P<after>(?:(?!{KEY}).)*)", re.S
)
NAMESPACE = re.compile(r"(?:--namespace|-n)[ =]+([a-z][\w-]*)")
FILE = re.compile(r"-f\s+(?:\{\{ ?\w+ ?\}\})?\S*?([\w.-]+\.ya?ml)")
SET = re.compile(r"--set\s+([\w.\[\]]+=[\w.-]+)(?=\s|$)")
PATH = re.compile(r"\{\{ ?kubesphere_dir ?\}\}/(\S+)|\$([a-z_]*chart)\b")


class Release(Struct, frozen=True):
    """A helm release as a task installs it: the chart's path as far as known, and its files of values."""

    name: str
    namespace: str
    chart: str
    values: tuple[str, ...]
    sets: tuple[str, ...] = ()


class Made(Struct, frozen=True):
    """A Secret made by a command of a task."""

    name: str
    namespace: str
    source: Path


def find_releases(text: str) -> Iterator[Release]:
    """The releases installed by the text of a tasks file."""
    for match in HELM.finditer(text):
        rest = match["rest"]
        words = rest.split()
        namespace = NAMESPACE.search(rest)
        chart = PATH.search(rest)
        if words and namespace and re.fullmatch(r"[a-z][\w-]*", words[0]):
            where = (chart[1] or chart[2]) if chart else ""
            yield Release(words[0], namespace[1], where, tuple(FILE.findall(rest)), tuple(SET.findall(rest)))


def find_namespaces(text: str) -> dict[str, str]:
    """The namespace of each file or folder applied with one, by its last part."""
    found = {}
    for match in APPLY.finditer(text):
        path, namespace = FILE_OR_FOLDER.search(match["after"]), NAMESPACE.search(match["before"] + match["after"])
        if path and namespace:
            found[path[1].rsplit("/", 1)[-1]] = namespace[1]
    return found


FILE_OR_FOLDER = re.compile(r"-f\s+(?:\{\{ ?kubesphere_dir ?\}\}/)?(\S+|\{\{ ?item ?\}\})")


def find_secrets(path: Path) -> Iterator[Made]:
    """The Secrets made by commands of a tasks file; commented lines do not count."""
    lines = [line for line in path.read_text().splitlines() if not line.lstrip().startswith("#")]
    for match in SECRET.finditer("\n".join(lines)):
        if namespace := NAMESPACE.search(match["before"] + match["after"]):
            yield Made(match["name"], namespace[1], path)

"""Cases: one YAML file each, under tests/cases/FOLDER/SUBJECT/NAME.yaml, read by one loader.

See tests/README.md for how to add one, tests/shorthand.py for the shorthand.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import Struct, field

from ks_reset.model import FleetFacts, Options
from tests.build import Rows, asked, facts
from tests.shorthand import expand_case

FOLDER = Path(__file__).parent / "cases"
C = TypeVar("C", bound="Case")


class Case(Struct, kw_only=True, forbid_unknown_fields=True):
    """A test adds its own fields; unknown keys of a file fail. `subject` and `name` are the file's path."""

    why: str
    subject: str
    name: str

    def __str__(self) -> str:
        return f"{self.subject}/{self.name}"


class PlannedCase(Case, kw_only=True, forbid_unknown_fields=True):
    """A case with options of a plan: the fields of the request and of the material side by side."""

    asked: dict[str, Any] = field(default_factory=dict, name="options")

    @property
    def options(self) -> Options:
        return asked(**self.asked)


class FleetCase(PlannedCase, kw_only=True, forbid_unknown_fields=True):
    """A case about a fleet: the parameters of tests.build.facts."""

    host: Rows
    members: dict[str, Rows] = {}
    dials: Rows = []
    gaps: Rows = []
    read: dict[str, dict[str, Any]] = {}
    missing: Rows = []

    @property
    def facts(self) -> FleetFacts:
        return facts(self.host, self.members, self.dials, self.gaps, self.read, self.missing)


def load_cases(folder: str, kind: type[C]) -> list[C]:
    """Every case below tests/cases/FOLDER, sorted by path. An assertion error if there is none."""
    paths = sorted((FOLDER / folder).rglob("*.yaml"))
    assert paths, f"there is no case in {FOLDER / folder}"
    return [load_case(path, kind) for path in paths]


def load_case(path: Path, kind: type[C]) -> C:
    """Errors name the file."""
    document = msgspec.yaml.decode(path.read_bytes(), type=dict[str, Any])
    try:
        return msgspec.convert(expand_case(document) | {"subject": path.parent.name, "name": path.stem}, kind)
    except msgspec.ValidationError as error:
        raise AssertionError(f"{path}: {error}") from error


def subjects(folder: str) -> set[str]:
    """The names of the folders in tests/cases/FOLDER."""
    return {path.name for path in (FOLDER / folder).iterdir()}


def module_name(member: Callable[..., Any]) -> str:
    """The last part of the function's module: the name of its folder of cases."""
    return member.__module__.rpartition(".")[2]

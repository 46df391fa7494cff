"""The plan file: JSON, with a digest over its content. A plan with any other byte in it is refused."""

import hashlib
import shlex
from pathlib import Path

import msgspec
from msgspec import Struct, structs

from ks_reset import local
from ks_reset.errors import Stale, Usage, other_file
from ks_reset.limits import PLAN_BYTES, decode_json, read_file
from ks_reset.model import Plan
from ks_reset.plan.again import command_again, connection_flags

SCHEMA = 10


class Header(Struct):
    """The fields common to the plan files of all versions."""

    schema: int
    playbook: str


class OtherSchema(Stale):
    """Raised for a plan of another version of ks-reset; `schema` is its schema."""

    def __init__(self, message: str, schema: int) -> None:
        super().__init__(message)
        self.schema = schema


def digest_of(plan: Plan) -> str:
    """SHA-256 in hex over the canonical JSON of all fields but the digest itself."""
    return hashlib.sha256(msgspec.json.encode(structs.replace(plan, digest=""), order="sorted")).hexdigest()


def encode_plan(plan: Plan) -> bytes:
    """The bytes of a plan file; there is one way to write a plan."""
    return msgspec.json.format(msgspec.json.encode(plan, order="sorted"), indent=1) + b"\n"


PLAN_SUFFIX = ".json"


def save_plan(plan: Plan, path: Path) -> None:
    """Write a plan, mode 0600. Raises Usage if the file cannot be written."""
    try:
        local.write_private_file(path, encode_plan(plan))
    except OSError as error:
        raise Usage(f"The plan cannot be written to {path}: {error.strerror}.", other_file(path)) from error


def load_plan(path: Path) -> Plan:
    """Read a plan.

    Raises Usage if the file cannot be read, OtherSchema for a plan of another version, Stale for a changed
    plan or another file.
    """
    data = _file_content(path)
    header = _header_in(data, path)
    if header.schema != SCHEMA:
        raise OtherSchema(
            f"The plan {path} was made by another version of ks-reset: it has schema {header.schema}, and this version "
            f"reads schema {SCHEMA}. {_way_on(data, header, path)}",
            header.schema,
        )
    try:
        plan: Plan = decode_json(data, Plan)
    except ValueError as error:
        raise Stale(f"{path} is not a plan that ks-reset wrote: {error}. {_way_on(data, header, path)}") from error
    if plan.digest != digest_of(plan) or data != encode_plan(plan):
        raise Stale(
            f"The plan {path} was changed after it was made: its digest does not fit its content. "
            f"{_way_on(data, header, path)}"
        )
    return plan


def _way_on(data: bytes, header: Header, path: Path) -> str:
    """The command that makes a plan anew in the same file, with its choices and clusters if they are readable."""
    try:
        plan: Plan = decode_json(data, Plan)
        command = command_again(plan, *shlex.split(connection_flags(plan)), out=str(path))
    except ValueError:
        command = shlex.join(["ks-reset", "plan", header.playbook, "--out", str(path)])
    return f"Make a new one with the same flags, read it, and apply it: {command}."


def read_header(path: Path) -> Header:
    """Schema and playbook of a plan. Raises Usage if the file cannot be read, Stale if it is no plan."""
    return _header_in(_file_content(path), path)


def _file_content(path: Path) -> bytes:
    try:
        return read_file(path, PLAN_BYTES, "The plan")
    except OSError as error:
        raise Usage(f"The plan {path} cannot be read: {error.strerror or error}.", other_file(path)) from error


def _header_in(data: bytes, path: Path) -> Header:
    try:
        header: Header = decode_json(data, Header)
        return header
    except ValueError as error:
        new = path if path.suffix == PLAN_SUFFIX else Path("plan.json")  # no file of another program is overwritten
        raise Stale(
            f"{path} is not a plan that ks-reset wrote: {error}. Make a new one: ks-reset plan PLAYBOOK --out "
            f"{shlex.quote(str(new))}."
        ) from error

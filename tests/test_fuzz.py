"""Damaged inputs for every parser: each is read, or refused by an error of ours; none hangs."""

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import urllib3

from ks_reset import facts as reading
from ks_reset.cluster.access import NoAccess, kubeconfig_access
from ks_reset.cluster.connect import list_contexts
from ks_reset.cluster.listing import read_items
from ks_reset.cluster.transport import Transport
from ks_reset.credentials.vault import Vault
from ks_reset.errors import ResetError
from ks_reset.external.registry import Registries
from ks_reset.external.source import fetch_source
from ks_reset.facts.gather import _list_type
from ks_reset.journal import journal_entries
from ks_reset.limits import decode_json, load_yaml_documents
from ks_reset.model import Gap, Kind, Options
from ks_reset.plan.file import load_plan
from ks_reset.plan.make import make_plan
from ks_reset.plan.playbook import load_playbook
from ks_reset.workflows.inputs import read_values
from tests import fuzz
from tests.build import facts
from tests.cluster.answering import list_of

FAST, NIGHTLY = 1000, 50_000
SECONDS = 20.0
"""One input may take this long on a busy machine."""
DEPLOYMENT = Kind("apps", "v1", "Deployment", "deployments", True)
ITEM = fuzz.ROWS[2]
Parser = Callable[[bytes, Path], object]


class Answer:
    """An answer of a server, as urllib3 gives one."""

    reason, headers = "", urllib3.HTTPHeaderDict({"Date": "²", "Retry-After": "²"})

    def __init__(self, data: bytes, status: int) -> None:
        self.data, self.status = [data, b""], status

    def read1(self, _: int, *, decode_content: bool) -> bytes:
        return self.data.pop(0)

    def read(self, _: int, *, decode_content: bool) -> bytes:
        return self.data.pop(0)

    def close(self) -> None:
        self.data = []

    release_conn = close


class Pool:
    """A pool of connections whose every answer is this one."""

    def __init__(self, data: bytes, status: int = 200) -> None:
        self.data, self.status = data, status

    def request(self, *_: object, **__: object) -> Answer:
        return Answer(self.data, self.status)


class Listing:
    """A client whose every list is this answer."""

    def __init__(self, data: bytes) -> None:
        status = (200, 200, 200, 404, 422, 503)[len(data) % 6]
        self.transport = Transport(Pool(data, status), "https://host", urllib3.HTTPHeaderDict, patience=0)  # type: ignore[arg-type]

    def list(self, kind: Kind, *, metadata_only: bool) -> list[dict[str, Any]]:
        return read_items(self.transport, kind, "", "", metadata_only=metadata_only)


def answer_of_api(data: bytes, _: Path) -> object:
    """The list is a gap or a list of objects that a plan can be made with."""
    found = _list_type(Listing(data), DEPLOYMENT)  # type: ignore[arg-type]
    if isinstance(found, Gap) or not found:
        return None
    known = facts([])
    host = known.host.with_types({DEPLOYMENT.key: found}, kinds={DEPLOYMENT.key: DEPLOYMENT})
    return make_plan(load_playbook("uninstall"), type(known)(known.tool, known.taken, host), Options())


def written(data: bytes, folder: Path, name: str = "file") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def token_of_registry(data: bytes, _: Path) -> object:
    registries = Registries()
    registries._pool = Pool(data)  # type: ignore[assignment]
    return registries._read_token("https://host/token", {})


def journal_of_run(data: bytes, folder: Path) -> object:
    written(data, folder, "journal.jsonl")
    return [entry["event"] for entry in journal_entries(folder)]


def in_words(read: Callable[[], object]) -> None:
    """A reader whose callers expect ValueError, and no class of it."""
    try:
        read()
    except ValueError as error:
        if type(error) is not ValueError:
            raise


INSTALL = {"version": "v3.3.1", "source": {"path": "a.yaml", "sha256": "0"}, "components": {"devops": True}}
VAULT = {
    "taken": "",
    "kept": [{"cluster": "c", "kind": fuzz.snapshot_value()["host"]["kinds"]["Namespace"], "body": {}}],
}
PARSERS: dict[str, tuple[Any, Callable[[Any], bytes], Parser]] = {
    "answers": (list_of("Deployment", "apps/v1", ITEM), fuzz.json_bytes, answer_of_api),
    "kubeconfigs": (fuzz.KUBECONFIG, fuzz.yaml_bytes, lambda data, folder: list_contexts(str(written(data, folder)))),
    "records": (fuzz.KUBECONFIG, fuzz.record_text, lambda data, _: kubeconfig_access(data.decode("latin-1"))),
    "values": (INSTALL, fuzz.yaml_bytes, lambda data, folder: read_values(written(data, folder))),
    "plans": (fuzz.plan_value(), fuzz.json_bytes, lambda data, folder: load_plan(written(data, folder))),
    "snapshots": (fuzz.snapshot_value(), fuzz.json_bytes, lambda data, f: reading.load_snapshot(written(data, f))),
    "journals": ({"event": "begin", "at": "x", "action": {}}, fuzz.json_bytes, journal_of_run),
    "vaults": (VAULT, fuzz.json_bytes, lambda data, _: in_words(lambda: decode_json(data, Vault))),
    "charts": (
        {"appVersion": "v4.1.3", "name": "ks-core"},
        fuzz.chart_bytes,
        lambda d, f: fetch_source(str(written(d, f))),
    ),
    "manifests": (ITEM, fuzz.yaml_bytes, lambda data, _: in_words(lambda: load_yaml_documents(data))),
    "registries": ({"token": "t"}, fuzz.json_bytes, token_of_registry),
}


def feed(name: str, count: int, folder: Path) -> None:
    value, encode, parse = PARSERS[name]
    chance = random.Random(f"{name} 1")
    for number in range(count):
        data = fuzz.made_input(value, encode, chance)
        begun = time.monotonic()
        try:
            parse(data, folder)
        except (ResetError, NoAccess):
            pass
        except Exception as error:
            raise AssertionError(f"{name} {number}: {type(error).__name__}: {error}: {data[:300]!r}") from error
        assert time.monotonic() - begun < SECONDS, (number, data[:300])


@pytest.mark.parametrize("name", PARSERS)
def test_a_damaged_input_is_read_or_refused(name: str, tmp_path: Path) -> None:
    feed(name, FAST, tmp_path)


@pytest.mark.nightly
@pytest.mark.rehearsal
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("name", PARSERS)
def test_many_damaged_inputs_are_read_or_refused(name: str, tmp_path: Path) -> None:
    feed(name, NIGHTLY, tmp_path)

"""Inputs for the fuzz tests: sound documents of each parser, damaged by a seeded random generator."""

import base64
import gzip
import io
import json
import random
import tarfile
from collections.abc import Callable
from typing import Any

import msgspec
import yaml

from ks_reset.model import Options
from ks_reset.plan.file import encode_plan
from ks_reset.plan.make import make_plan
from ks_reset.plan.playbook import load_playbook
from tests.build import facts

ODD_TEXTS = ["", "\0", "\x1b[2J", "\u202e", "²", "$(id)", "../../x", "x" * 5000]
ODD_VALUES: list[Any] = [None, True, -1, 2**70, 1e308, *ODD_TEXTS, [], {}, [[]], {"": {}}]
ODD_BYTES = [
    b"\xff\xfe",
    b"\0",
    b"{" * 700,
    b"[" * 700,
    b"- " * 700,
    b"&a [*a]",
    b"\x1f\x8b",
    b"NaN",
    b"\xed\xa0",
    b"\n",
]
ROWS: list[dict[str, Any]] = [
    {"kind": "Namespace", "metadata": {"name": "shop", "labels": {"kubesphere.io/workspace": "ws1"}}},
    {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "metadata": {"name": "ws1"}},
    {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "a", "namespace": "shop", "uid": "u"},
        "spec": {"replicas": 1, "template": {"spec": {"containers": [{"name": "c", "image": "i", "args": ["--a=b"]}]}}},
        "status": {"conditions": [{"type": "Available", "status": "True"}]},
    },
]
KUBECONFIG = {
    "current-context": "host",
    "contexts": [{"name": "host", "context": {"cluster": "host", "user": "host"}}],
    "clusters": [{"name": "host", "cluster": {"server": "https://127.0.0.1:1"}}],
    "users": [{"name": "host", "user": {"token": "sesame"}}],
}


def damage_value(value: Any, chance: random.Random) -> Any:
    """The value with one part replaced, dropped or repeated."""
    if not isinstance(value, dict | list) or not value or chance.random() < 0.1:
        return chance.choice(ODD_VALUES)
    if isinstance(value, list):
        at = chance.randrange(len(value))
        return [*value[:at], damage_value(value[at], chance), *value[at + 1 :]]
    key = chance.choice(list(value))
    if chance.random() < 0.15:
        return {k: v for k, v in value.items() if k != key}
    return {**value, key: damage_value(value[key], chance)}


def damage_bytes(data: bytes, chance: random.Random) -> bytes:
    """The bytes with a part cut, changed or put in."""
    at = chance.randrange(len(data) + 1)
    match chance.randrange(4):
        case 0:
            return data[:at]
        case 1:
            return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
        case 2:
            return data[:at] + chance.choice(ODD_BYTES) + data[at:]
        case _:
            return data[at:] + data[:at]


def json_bytes(value: Any) -> bytes:
    return json.dumps(value).encode("utf-8", "surrogatepass")


def yaml_bytes(value: Any) -> bytes:
    return yaml.safe_dump(value).encode("utf-8", "surrogatepass")


def made_input(value: Any, encode: Callable[[Any], bytes], chance: random.Random) -> bytes:
    """An input: a damaged value, damaged bytes, or both."""
    kind = chance.randrange(3)
    data = encode(damage_value(value, chance)) if kind != 1 else encode(value)
    return damage_bytes(data, chance) if kind else data


def chart_bytes(value: Any) -> bytes:
    """A chart with this Chart.yaml, as an archive."""
    packed, about = io.BytesIO(), yaml_bytes(value)
    with tarfile.open(fileobj=packed, mode="w") as tar:
        entry = tarfile.TarInfo("ks-core/Chart.yaml")
        entry.size = len(about)
        tar.addfile(entry, io.BytesIO(about))
    return gzip.compress(packed.getvalue(), 1)


def record_text(value: Any) -> bytes:
    """A kubeconfig in base64, as a Cluster holds it."""
    return base64.b64encode(yaml_bytes(value))


def plan_value() -> Any:
    return json.loads(encode_plan(make_plan(load_playbook("uninstall"), facts(ROWS), Options())))


def snapshot_value() -> Any:
    return msgspec.to_builtins(facts(ROWS))

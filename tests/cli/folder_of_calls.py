"""A folder with good and spoilt files for calls of the command line, and a cluster that answers on loopback."""

import gzip
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pyrage
import yaml
from msgspec import structs
from typer.testing import CliRunner

from ks_reset import facts as reading
from ks_reset import limits
from ks_reset.cli import app
from ks_reset.credentials.vault import Vault, write_vault
from tests.build import facts
from tests.cluster.answering import ApiServer, answering
from tests.facts.test_permissions import KINDS
from tests.incident import incident_facts
from tests.report.runs import finished_run
from tests.shorthand import expand_case

VALUES_BYTES, SNAPSHOT_BYTES = 1 << 16, 1 << 22
"""The bounds of files in these tests."""
TWO = [
    *("Namespace kube-system", "Namespace a", "Namespace b", "ConfigMap a/x", "ConfigMap b/x"),
    *("Widget.v1.one.example.com a/w", "Widget.v1.two.example.com a/w"),
]
BOOK = {"name": "mine", "title": "Mine", "about": "A playbook.", "scope": "fleet"}
STEP, LATER = {"step": "fasten-seatbelt", "why": "First."}, {"step": "prove-quiet", "why": "Then."}
BOOKS = {
    "book": BOOK | {"steps": [STEP]},
    "uninstall": BOOK | {"name": "uninstall", "steps": [STEP]},
    "scope": BOOK | {"scope": "world", "steps": [STEP]},
    "nothing": BOOK,
    "step": BOOK | {"steps": [{"step": "no-such-step", "why": ""}]},
    "twice": BOOK | {"steps": [STEP, STEP]},
    "order": BOOK | {"steps": [LATER]},
}


@contextmanager
def prepared_folder() -> Iterator[None]:
    """The current folder with the files that the calls of corrected.yaml name, while the cluster answers."""
    _write_facts()
    _write_inputs()
    with answering(ApiServer(KINDS)) as server:
        config = yaml.safe_load(server.kubeconfig(Path("config")).read_text())
        config["contexts"].append(config["contexts"][0] | {"name": "twin"})
        _write_kubeconfigs(config)
        assert CliRunner().invoke(app, ["snapshot", "--kubeconfig", "config", "--out", "live.json"]).exit_code == 0
        yield


def _write_facts() -> None:
    whole, two = incident_facts(), facts(expand_case({"host": TWO})["host"])
    two = structs.replace(two, host=structs.replace(two.host, identity="uid-of-two"))
    reading.save_snapshot(whole, Path("s.json"))
    reading.save_snapshot(two, Path("two.json"))
    Path("cut.gz").write_bytes(gzip.compress(Path("s.json").read_bytes())[:200])
    Path("bomb.gz").write_bytes(gzip.compress(bytes(SNAPSHOT_BYTES + 1)))
    done, _, _ = finished_run()
    for name in ("unread", "torn-originals"):
        shutil.copytree(done, done.with_name(name))
    (done.with_name("unread") / "before.json.gz").unlink()
    Path("originals.json.gz").write_bytes(gzip.compress(b"{}"))
    (done.with_name("torn-originals") / "originals.json.gz").write_bytes(b"torn")
    done.rename(done.with_name("done"))
    reset = Path("state/resets/uid-of-k-1")
    reset.mkdir(parents=True)
    (reset / "reset.json").write_text("half of it")
    Path("progress.json").write_text('{"host": "another", "began": "2026-01-01T00:00:00+00:00"}')
    plan = json.loads(_planned("plan.json"))
    _planned("later.json", "--later", "test")
    _planned("other.json", "--members", "none")
    changed = json.loads((done.with_name("done") / "plan.json").read_text())
    changed["actions"] = changed["actions"][1:]
    kept = {field: getattr(whole, field) for field in structs.asdict(whole)}
    reading.save_snapshot(reading.Baseline(**kept), Path("changed.json"))
    Path("changed.json").write_text(
        json.dumps(json.loads(Path("changed.json").read_text()) | {"plans": [plan | changed]})
    )


def _planned(name: str, *flags: str) -> bytes:
    done = CliRunner().invoke(app, ["plan", "--snapshot", "s.json", "--out", name, *flags])
    assert done.exit_code == 0, done.output
    return Path(name).read_bytes()


def _write_inputs() -> None:
    manifest = b"apiVersion: v1\nkind: Namespace\nmetadata: {name: kubesphere-system}\n"
    Path("installer.yaml").write_bytes(manifest)
    source = f"source: {{path: installer.yaml, sha256: {sha256(manifest).hexdigest()}}}\n"
    Path("values.yaml").write_text(f"version: v3.3.1\n{source}")
    Path("odd.yaml").write_text(f"version: latest\n{source}")
    Path("bad.yaml").write_text("a: [")
    Path("large.yaml").write_bytes(bytes(VALUES_BYTES + 1))
    Path("deep.yaml").write_text("[" * (limits.DEPTH + 1) + "]" * (limits.DEPTH + 1))
    wide = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10 if n else ['x'] * 10)}]" for n in range(7))
    Path("wide.yaml").write_text(wide)
    for name, book in BOOKS.items():
        Path(f"{name}.yaml").write_text(yaml.safe_dump(book))
    Path("contexts.yaml").write_text("contexts: 5")
    Path("empty").touch()
    Path("folder").mkdir()
    os.mkfifo("pipe")
    key, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    Path("key.txt").write_text(f"{key}\n")
    Path("other.txt").write_text(f"{other}\n")
    Path("recipient").write_text(str(key.to_public()))
    write_vault(Vault("2026-01-01T00:00:00Z"), [str(key.to_public())], Path("vault.age"))


def _write_kubeconfigs(config: dict[str, object]) -> None:
    Path("config").write_text(yaml.safe_dump(config))
    Path("unset").write_text(yaml.safe_dump(config | {"current-context": ""}))
    Path("halfway").write_text(yaml.safe_dump(config | {"clusters": []}))
    torn = {"name": "host", "cluster": {"server": "https://127.0.0.1:9", "certificate-authority-data": "dG9ybg=="}}
    Path("torn").write_text(yaml.safe_dump(config | {"clusters": [torn]}))

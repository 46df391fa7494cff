"""Every file that the operator gives is opened once in a command, and before a cluster is asked."""

import builtins
import io
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyrage
import pytest
import yaml
from typer.testing import CliRunner

from ks_reset import external
from ks_reset import facts as reading
from ks_reset.cli import app, options
from ks_reset.cluster import Target
from ks_reset.credentials.vault import Vault, write_vault
from ks_reset.errors import ResetError, Usage
from ks_reset.model import Dial, ExternalAnswers, Options, Reach, Request, SourceContent
from ks_reset.plan import file as plan_file
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.workflows import joins
from ks_reset.workflows.inputs import InputPaths, Inputs
from tests.build import Rows, facts

ROWS: Rows = [
    {"apiVersion": "tenant.kubesphere.io/v1alpha1", "kind": "Workspace", "metadata": {"name": "ws1"}},
    {"apiVersion": "core.kubefed.io/v1beta1", "kind": "KubeFedCluster"},
]
FLEET = facts(ROWS, {"eu": []})
ASKED = "a cluster"


class Client:
    """A connection that allows nothing; it writes down that the cluster was asked."""

    def __init__(self, context: str, events: list[str]) -> None:
        self.context, self.known, self.events = context, f"uid-of-{context}", events
        self.way, self.transport = Target(), SimpleNamespace(run="")

    @property
    def identity(self) -> str:
        self.events.append(ASKED)
        return self.known

    def is_allowed(self, *_: Any) -> bool:
        self.events.append(ASKED)
        return False


@pytest.fixture
def events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What happened, in order: the name of each file that was opened for reading, and ASKED for each question."""
    happened: list[str] = []

    def counting(original: Callable[..., Any]) -> Callable[..., Any]:
        def opened(file: Any, mode: str | int = "r", *more: Any, **named: Any) -> Any:
            reads = "r" in mode if isinstance(mode, str) else not mode & (os.O_WRONLY | os.O_RDWR)
            if not isinstance(file, int) and Path(file).parent == tmp_path / "given" and reads:
                happened.append(Path(file).name)
            return original(file, mode, *more, **named)

        return opened

    def answered(answer: Any) -> Callable[..., Any]:
        def ask(*_: Any, **__: Any) -> Any:
            happened.append(ASKED)
            return answer

        return ask

    def connected(target: Target) -> Client:
        return Client(target.context or "host", happened)

    dial = Dial("eu", "", "https://eu", "", Reach.REACHED, "uid-of-eu")
    monkeypatch.setattr(io, "open", counting(io.open))
    monkeypatch.setattr(os, "open", counting(os.open))
    monkeypatch.setattr(builtins, "open", counting(builtins.open))
    monkeypatch.setattr(options, "connect_client", connected)
    monkeypatch.setattr(reading, "read_fleet", answered(FLEET))
    monkeypatch.setattr(joins, "dial_kubeconfig", answered(dial))
    monkeypatch.setattr(external, "ask_externals", answered(ExternalAnswers(SourceContent())))
    monkeypatch.setenv("KS_RESET_STATE", str(tmp_path / "state"))
    return happened


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """A folder with one file of each kind."""
    folder = tmp_path / "given"
    folder.mkdir()
    values = {"version": "v3.4.1", "source": {"path": "/nonexistent/installer.yaml"}}
    (folder / "values.yaml").write_text(yaml.safe_dump(values))
    (folder / "eu.kubeconfig").write_text("apiVersion: v1\nkind: Config\n")
    identity = pyrage.x25519.Identity.generate()
    (folder / "key.txt").write_text(f"{identity}\n")
    write_vault(Vault("2026-01-01"), [str(identity.to_public())], folder / "vault.age")
    reading.save_snapshot(FLEET, folder / "memory.json.gz")
    plan = planning.make_plan(playbooks.load_playbook("uninstall"), FLEET, Options())
    plan_file.save_plan(plan, folder / "plan.json")
    reading.save_snapshot(FLEET, folder / "before.json.gz")
    (folder / "journal.jsonl").write_text("")
    return folder


SECRETS = "--vault G/vault.age --identity G/key.txt --values G/values.yaml --join eu=G/eu.kubeconfig"
SECRET_FILES = ["eu.kubeconfig", "key.txt", "values.yaml", "vault.age"]


@pytest.mark.parametrize(
    ("line", "files"),
    [
        (f"plan uninstall {SECRETS} --memory G/memory.json.gz", [*SECRET_FILES, "memory.json.gz"]),
        (f"plan reinstall {SECRETS} --memory G/memory.json.gz", [*SECRET_FILES, "memory.json.gz"]),
        (f"plan rejoin {SECRETS} --memory G/memory.json.gz", [*SECRET_FILES, "memory.json.gz"]),
        (f"plan rebind {SECRETS} --memory G/memory.json.gz", [*SECRET_FILES, "memory.json.gz"]),
        ("plan restore --run G", ["before.json.gz", "journal.jsonl", "plan.json"]),
        (f"apply G/plan.json --yes {SECRETS}", [*SECRET_FILES, "plan.json"]),
        (f"reset {SECRETS} --memory G/memory.json.gz", [*SECRET_FILES, "memory.json.gz"]),
        ("feasible G/values.yaml --memory G/memory.json.gz", ["memory.json.gz", "values.yaml"]),
        ("render G/values.yaml --memory G/memory.json.gz", ["memory.json.gz", "values.yaml"]),
        ("verify --baseline G/memory.json.gz", ["memory.json.gz"]),
    ],
)
def test_each_file_is_opened_once_and_before_a_cluster_is_asked(
    line: str, files: list[str], given: Path, events: list[str]
) -> None:
    done = CliRunner().invoke(app, [*line.replace("G", str(given)).split(), "--member=eu=eu"])
    assert isinstance(done.exception, SystemExit | ResetError | None), done.exception
    first = events.index(ASKED)
    assert Counter(events[:first]) == Counter(files)
    assert set(events[first:]) == {ASKED}


def test_the_digest_stands_for_the_options_the_values_and_the_kubeconfigs(given: Path) -> None:
    def digest(options: Options = Options(), **paths: Any) -> str:  # noqa: B008
        return Inputs.read(InputPaths(**paths), options).digest

    config, values = given / "eu.kubeconfig", given / "values.yaml"
    digests = [
        digest(),
        digest(Options(Request(later=("eu",)))),
        digest(watch=20),
        digest(values=values),
        digest(join={"eu": config}),
        digest(join={"us": config}),
    ]
    assert len(set(digests)) == len(digests)
    assert digest(values=values, join={"eu": config}) == digest(values=values, join={"eu": config})
    before = digest(values=values)
    values.write_text(values.read_text() + "consolePort: 30881\n")
    assert digest(values=values) != before


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "none"
    with pytest.raises(Usage, match=r"The kubeconfig .*none cannot be read: No such file"):
        Inputs.read(InputPaths(join={"eu": missing}), Options())
    with pytest.raises(Usage, match=r"The values file .*none cannot be read: No such file"):
        Inputs.read(InputPaths(values=missing), Options())
    with pytest.raises(Usage, match=r"The snapshot .*none cannot be read"):
        Inputs.read(InputPaths(memory=missing), Options())

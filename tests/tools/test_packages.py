"""The packages of a release: what a wheel has to have, and krew's manifest."""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from ks_reset import __version__
from tools.packages import ROOT, krew_manifest, requirements_with


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], check=True, cwd=ROOT)
    (made,) = folder.glob("*.whl")
    return made


def test_the_wheel_has_every_module_playbook_example_and_template(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    package = [p for p in (ROOT / "ks_reset").rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    assert [str(p.relative_to(ROOT)) for p in package if str(p.relative_to(ROOT)) not in inside] == []
    shared = [
        p.relative_to(ROOT) for kind in ("playbooks", "examples") for p in (ROOT / kind).rglob("*") if p.is_file()
    ]
    assert [str(p) for p in shared if f"ks_reset/_share/{p}" not in inside] == []


def test_the_wheel_runs_away_from_the_repository_with_its_own_playbooks(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    call = [sys.executable, "-P", "-m", "ks_reset", "plan", "uninstal"]
    env = {"PYTHONPATH": str(tmp_path), "KUBECONFIG": "/nowhere", "HOME": str(tmp_path), "PATH": ""}
    done = subprocess.run(call, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert "stale-record, unbind, uninstall" in done.stderr


def test_the_wheel_has_the_programs_that_kubectl_looks_for(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (entries,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
    text = archive.read(entries).decode()
    assert [
        name for name in ("ks-reset", "kubectl-ks_reset", "kubectl_complete-ks_reset") if f"\n{name} = " not in text
    ] == []


def test_the_manifest_of_krew_names_version_digest_and_program(tmp_path: Path) -> None:
    archive = tmp_path / "ks-reset.tar.gz"
    archive.write_bytes(b"archive")
    manifest = yaml.safe_load(krew_manifest(archive, "https://example.com/it"))
    (platform,) = manifest["spec"]["platforms"]
    assert manifest["spec"]["version"] == f"v{__version__}"
    assert platform["sha256"] == hashlib.sha256(b"archive").hexdigest()
    assert platform["uri"].startswith(f"https://example.com/it/releases/download/v{__version__}/")
    assert {file["from"] for file in platform["files"]} == {"ks-reset", "LICENSE"}


def test_the_runtime_lock_has_every_dependency_and_is_part_of_the_lock_for_development() -> None:
    pins = [
        {line.split(" ")[0] for line in (ROOT / name).read_text().split("\n") if "==" in line and line[0].isalnum()}
        for name in ("requirements.lock", "requirements-dev.lock")
    ]
    assert pins[0] <= pins[1]
    assert {pin.partition("==")[0] for pin in pins[0]} >= {
        "kubernetes",
        "typer",
        "tenacity",
        "jinja2",
        "rich",
        "msgspec",
    }


def test_the_requirements_of_the_one_file_have_a_hash_for_every_package_and_for_the_wheel(wheel: Path) -> None:
    """pip takes no requirement without a hash beside one that has it: pex then made no file at all."""
    joined = requirements_with(wheel).replace("\\\n", " ")
    lines = [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert len(lines) > 10
    assert [line for line in lines if "--hash=sha256:" not in line] == []
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert lines[-1] == f"{wheel} --hash=sha256:{digest}"

"""Plans and runbooks for the tests: of the incident, and of objects with any name."""

import os
import stat
import subprocess
from pathlib import Path

from msgspec import structs

from ks_reset.model import Action, FleetFacts, Options, Plan
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from ks_reset.plan.file import digest_of
from ks_reset.report.runbook import Book, make_book
from tests.incident import incident_facts

UNINSTALL = playbooks.load_playbook("uninstall")


def plan_for(facts: FleetFacts) -> Plan:
    """The uninstall of a fleet, without its consequences."""
    return planning.make_plan(UNINSTALL, facts, Options())


def incident_book() -> Book:
    """The runbook of the incident's uninstall."""
    return make_book(plan_for(incident_facts()), UNINSTALL)


def book_with(*actions: Action) -> Book:
    """The incident's plan with these actions alone, on its host."""
    plan = structs.replace(plan_for(incident_facts()), actions=actions, digest="")
    return make_book(structs.replace(plan, digest=digest_of(plan)), UNINSTALL)


def write_book(book: Book, folder: Path) -> Path:
    """The files of a runbook in a folder."""
    for name, text in book.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def put_program(folder: Path, name: str, text: str) -> Path:
    """A program of the test's own in a folder for PATH."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return folder


def run_script(script: str, folder: Path, programs: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a script of a runbook with these programs before all others."""
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    env = {"PATH": path, "HOME": str(folder), "KS_WAIT": "0", **environment}
    line = ["bash", script]
    return subprocess.run(line, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=120)

"""What was given besides clusters: a memory, a run, a vault, values, kubeconfigs; and what a plan makes of it."""

from pathlib import Path

from msgspec import Struct, structs

from ks_reset import facts as reading
from ks_reset.cli.feasible import outside_of
from ks_reset.credentials.vault import Vault
from ks_reset.errors import Usage
from ks_reset.external import helm
from ks_reset.facts.installation import CONFIGURATION
from ks_reset.findings import check_install, require_feasible
from ks_reset.install import values as installing
from ks_reset.install.configuration import before, chart_values
from ks_reset.install.objects import of_chart, of_manifest
from ks_reset.model import FleetFacts, Install, Options, SourceContent, Values
from ks_reset.plan.playbook import Playbook
from ks_reset.report.install import diff
from ks_reset.tenancy.memberships import led
from ks_reset.tenancy.memory import recall
from ks_reset.tenancy.to_v4 import moved
from ks_reset.workflows.joins import joinings
from ks_reset.workflows.restore import past, with_vault

INSTALLS = ("uninstall", "reinstall")
"""The playbooks before which it is asked whether KubeSphere can be put on again."""


class Inputs(Struct, frozen=True):
    """What the command line names; `only` takes KubeSphere off whether or not it can be put back."""

    memory: Path | None = None
    run: str = ""
    vault: Vault | None = None
    watch: int = 0
    values: Path | None = None
    plain: tuple[str, ...] = ()
    only: bool = False
    join: dict[str, Path] = {}


def before_reading(given: Inputs, options: Options) -> Options:
    """The options with what needs no cluster. Raises Usage for a file or a run that cannot be read."""
    memory = with_vault(recall(reading.load(given.memory)), given.vault) if given.memory else None
    run = past(given.run, given.vault) if given.run else ()
    return options.with_request(watch=given.watch).with_material(memory=memory, past=run)


def after_reading(given: Inputs, playbook: Playbook, options: Options, facts: FleetFacts) -> Options:
    """The options with what is to be installed and joined, and a memory of 3.x in 4.1's form where that is served.

    Raises Refused or Unknown if KubeSphere could not be put on, or a kubeconfig does not lead to its member; Usage if
    what the playbook needs was not given, or helm is not there.
    """
    if options.material.memory:
        options = options.with_material(memory=led(facts, moved(options.material.memory, facts)))
    if playbook.needs == "install" and given.values is None:
        raise Usage(f"{playbook.name} needs to know what is to be put on: --values FILE, as for ks-reset feasible.")
    if playbook.needs == "joining":
        return options.with_material(joining=joinings(facts, options, given.join, given.vault))
    if given.values is None or given.only or playbook.name not in INSTALLS:
        return options
    ran = installing.remembered(facts, reading.load(given.memory)) if given.memory else facts
    values = installing.completed(installing.load(given.values), given.vault)
    return options.with_material(install=_install(values, ran, given, playbook))


def _install(values: Values, facts: FleetFacts, given: Inputs, playbook: Playbook) -> Install | None:
    if values.release >= (4,):
        helm.program()
    asked = outside_of(values, facts, given.plain)
    require_feasible(playbook.name, check_install(values, facts, asked))
    made = _made(values, facts, asked.source)
    return made if playbook.needs == "install" else None  # before an uninstall, to know that it can be made


def _made(values: Values, facts: FleetFacts, source: SourceContent) -> Install:
    if values.release < (4,):
        install = of_manifest(values, facts, source.data)
        return structs.replace(install, differs=_differs(install, facts))
    rendered = helm.render(source.data, chart_values(values, facts.host, facts), facts.host.version)
    return of_chart(values, facts, source.sha256, rendered)


def _differs(install: Install, ran: FleetFacts) -> str:
    made = {past.cluster: past.body["spec"] for past in install.objects if past.kind.key == CONFIGURATION}
    shown = [diff({"spec": before(w)}, {"spec": made[w.identity]}, w.name) for w in ran.clusters if before(w)]
    return "\n".join(text for text in shown if text)

"""An installation is there already, or under way, that is not the one that is asked for: nothing would change it.

A plan makes what is absent and overwrites nothing. ks-installer v3.3.1 leaves out what its status says is on
(playbooks/multicluster.yaml); controller/installRunner.py rewrites other parts of the spec to its own version's form,
so only what decides is compared.
"""

from collections.abc import Iterable

from ks_reset.facts import installation, installer
from ks_reset.facts.installation import CONFIGURATION, DEPLOYMENT, FEDERATION, KUBEFED, RELEASE, SYSTEM, configuration
from ks_reset.model import Body, ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity

DECIDE = (
    *(("multicluster", "hostClusterName"), ("authentication", "jwtSecret")),
    *(("persistence", "storageClass"), ("local_registry",)),
)
"""What of a ClusterConfiguration decides besides version, role and components, and stays as it was asked for."""
Difference = tuple[str, str, str]
"""What, as it is there, as it is asked for."""


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    install = options.material.install
    for past in install.objects if install else ():
        if past.kind.key == CONFIGURATION and (world := facts.world(past.cluster)):
            yield from _finding(world, _by_installer(world, past.obj))
    for chart in install.charts if install else ():
        if world := facts.world(chart.cluster):
            yield from _finding(world, _by_chart(world, install.version if install else ""))


def _finding(world: ClusterFacts, found: Iterable[Difference]) -> Iterable[Finding]:
    if found := list(found):
        what = f"ClusterConfiguration {SYSTEM}/ks-installer" if configuration(world) else f"Release {SYSTEM}/{RELEASE}"
        yield Finding(
            id="other-configuration",
            severity=Severity.WARNING,
            title=f"{world.name} has a KubeSphere already that is not the one that is asked for",
            evidence=tuple(Evidence(world.name, what, f, f"{is_}; asked for: {asked}") for f, is_, asked in found),
            next="What is there is not overwritten, so it would stay as it is, and the plan would wait in vain.",
            cure="Ask for what is there (the values file), change it with KubeSphere's own means, or take it off first "
            "with ks-reset plan uninstall.",
            blocks=("reinstall",),
        )


def _by_installer(world: ClusterFacts, asked: Obj) -> Iterable[Difference]:
    there = configuration(world)
    if there is None:
        if installation.released(world):
            yield "what put it on", "a release of helm's", "ks-installer"
        return
    wanted, said = asked.labels.get("version", ""), there.labels.get("version", "") or installer.version(there)
    if wanted and said and wanted != said:
        yield "metadata.labels[version]", said, wanted
    if installer.role(asked) != installer.role(there):
        yield "spec.multicluster.clusterRole", installer.role(there), installer.role(asked)
    for path in DECIDE:
        want, has = _at(asked.spec, path), _at(there.spec, path)
        if want not in (None, "", has):
            yield f"spec.{'.'.join(path)}", str(has or "nothing"), str(want)
    for name in installer.COMPONENTS:
        want, has = _at(asked.spec, (name, "enabled")), _at(there.spec, (name, "enabled"))
        if want is not None and bool(want) != bool(has):
            yield f"spec.{name}.enabled", str(bool(has)).lower(), str(bool(want)).lower()
    if installer.on(there, "multicluster") and world.get(DEPLOYMENT.key, KUBEFED, FEDERATION) is None:
        yield "status.multicluster", "enabled, so that it is left out", f"Deployment {FEDERATION}/{KUBEFED}"


def _by_chart(world: ClusterFacts, wanted: str) -> Iterable[Difference]:
    runs = installation.version(world)
    if configuration(world):
        yield "what put it on", "ks-installer", "helm"
    elif installation.released(world) and runs not in ("", wanted):
        yield "image of ks-apiserver", runs, wanted


def _at(spec: Body, path: tuple[str, ...]) -> object:
    value: object = spec
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value

"""What an earlier installation left behind, and the next one takes its settings from in place of what is asked for.

kubesphere v4.1.3, config/ks-core/templates/_helpers.tpl: role, name of the host and jwtSecret come from a ConfigMap
kubesphere-config where the values leave them empty. ks-installer v3.3.1, roles/ks-core/init-token: where no jwtSecret
is asked for, that of a Secret kubesphere-secret stays; roles/ks-core/config: of the ConfigMap, the index prefix and
SonarQube's token.
"""

from collections.abc import Iterable

from ks_reset.facts.installation import CONFIGURATION, SYSTEM
from ks_reset.findings.request.planned_install import fresh, installing
from ks_reset.model import ClusterFacts, Evidence, Finding, FleetFacts, Obj, Options, Severity


def check(facts: FleetFacts, options: Options) -> Iterable[Finding]:
    for world in installing(facts, options) if options.material.install else ():
        if fresh(world) and (left := list(_left(world, options))):
            names = " and ".join(each.title for each in left)
            yield Finding(
                id="leftover-config",
                severity=Severity.WARNING,
                title=f"{world.name} has {names} of an earlier installation",
                evidence=tuple(Evidence(world.name, o.title, "metadata.uid", o.uid) for o in left),
                next="The installation takes role and jwtSecret from there where nothing else is asked for; with "
                "another jwtSecret members trust no token of their host.",
                cure=f"Keep what you need of it (ks-reset vault), then kubectl -n {SYSTEM} delete "
                + " ".join(f"{each.kind.kind.lower()}/{each.name}" for each in left)
                + ".",
                blocks=("reinstall",),
            )


def _left(world: ClusterFacts, options: Options) -> Iterable[Obj]:
    config = world.get("ConfigMap", "kubesphere-config", SYSTEM)
    secret = world.get("Secret", "kubesphere-secret", SYSTEM)
    return (each for each in (config, None if _asked(world, options) else secret) if each)


def _asked(world: ClusterFacts, options: Options) -> bool:
    """Whether a jwtSecret is asked for, or nothing reads that Secret."""
    objects = options.material.install.objects if options.material.install else ()
    mine = [p.obj for p in objects if p.cluster == world.identity and p.kind.key == CONFIGURATION]
    return all((obj.spec.get("authentication") or {}).get("jwtSecret") for obj in mine)

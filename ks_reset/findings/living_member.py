"""A member that is to be forgotten, and that answers: its part can be done as well, and has to be."""

from collections.abc import Iterable

from ks_reset.facts import federation
from ks_reset.model import Evidence, Facts, Finding, Options, Reach, Severity


def check(facts: Facts, options: Options) -> Iterable[Finding]:
    for dial in facts.host.dials:
        cluster = facts.host.get(federation.CLUSTER, dial.record)
        was = str((cluster.body.get("status") or {}).get("uid", "")) if cluster else ""
        if dial.record in options.members and dial.reach is Reach.REACHED and was in ("", dial.identity):
            yield Finding(
                id="living-member",
                severity=Severity.INFO,
                title=f"The member {dial.record} answers",
                evidence=(Evidence(facts.host.name, f"KubeFedCluster {dial.record}", "reaches", dial.identity),),
                next="Forgotten, it keeps kubefed's labels and a full-rights account of this host.",
                cure=f"ks-reset plan detach-member --members {dial.record} --member {dial.record}=CONTEXT.",
                blocks=("forget-member",),
            )

"""Remove webhooks of KubeSphere's whose program is gone, the worst first: those that stop Pods from starting."""

from collections.abc import Iterable

from ks_reset.facts.dead_webhooks import Blast, own_dead_webhooks
from ks_reset.facts.kept import Kept
from ks_reset.model import ClusterFacts, Skipped
from ks_reset.steps.step import Removal, Step, StepContext

WORDS = {
    Blast.STOPS_PODS: "no Pod starts where it is asked",
    Blast.REFUSES: "the API server refuses each write that it covers",
    Blast.DELAYS: "each write that it covers waits for its timeout",
}


def mend_admission(cluster: ClusterFacts, context: StepContext) -> Iterable[Removal | Skipped]:
    """The configurations without a backend; those of a kept operator stay, and those whose program may come back.

    With failurePolicy Fail, a call that fails is a refusal (kubernetes v1.24.17, staging/src/k8s.io/apiserver/pkg/
    admission/plugin/webhook/validating/dispatcher.go). Whatever brought the program brings its webhook too; restore
    with the run gives it back.
    """
    kept = Kept(cluster, context.request).namespaces
    for own in own_dead_webhooks(cluster):
        names = ", ".join("/".join(service) for service in own.services)
        if own.stays:
            yield Skipped(cluster.name, own.configuration.title, f"{names} has no ready endpoints, but {own.stays}")
        elif not any(namespace in kept for namespace, _ in own.services):
            yield Removal(own.configuration, f"nobody is behind {names}: {WORDS[own.blast]}; {own.proof}")


MEND_ADMISSION = Step(
    "mend-admission",
    "Without an answer the API server refuses what a webhook covers, and no Pod starts if that is Pods.",
    after=("fasten-seatbelt",),
    removes=mend_admission,
)

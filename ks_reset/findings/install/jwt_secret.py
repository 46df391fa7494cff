"""Members would not trust the host: jwtSecret has to be the same on all of them.

kubesphere v3.3.1, pkg/kapis/cluster/v1alpha1/handler.go (validateMemberClusterConfiguration); a Cluster that is made
with kubectl is not even asked.
"""

from collections.abc import Iterable

from ks_reset.model import ExternalAnswers, FleetFacts, Obstacle, Values


def check(values: Values, facts: FleetFacts, _: ExternalAnswers) -> Iterable[Obstacle]:
    if facts.members and not values.jwt_secret:
        what = "jwtSecret is not given, so each cluster would draw its own, and members would not trust the host."
        cure = "Give one with jwtSecret; what the host had is in its ConfigMap kubesphere-system/kubesphere-config."
        yield Obstacle("jwt-secret", facts.host.name, what, cure)

"""From the values file to an installation: ask registries, check findings, render."""

from collections.abc import Iterable
from functools import partial

from msgspec import structs

from ks_reset import catalogue, external
from ks_reset.catalogue.names import CLUSTER_CONFIGURATION_KEY
from ks_reset.external import helm
from ks_reset.findings import check_install, require_feasible
from ks_reset.install import images
from ks_reset.install.configuration import chart_values, previous_spec
from ks_reset.install.difference import unified_diff
from ks_reset.install.images import WORKLOADS
from ks_reset.install.objects import install_from_chart, install_from_manifest
from ks_reset.model import ClusterFacts, ExternalAnswers, FleetFacts, Install, SourceContent, Values
from ks_reset.workflows.interaction import Interaction


def planned_install(
    playbook: str, values: Values, facts: FleetFacts, plain_http: Iterable[str], interaction: Interaction
) -> Install:
    """The installation with these values. `plain_http` are registries without TLS.

    Raises Refused or Unknown with all findings against the playbook; errors of helm where a chart cannot be rendered.
    """
    if values.release >= (4,):
        helm.find_helm()
    answers = ask_registries(values, facts, plain_http, interaction)
    require_feasible(playbook, check_install(values, facts, answers))
    return render_install(values, facts, answers.source)


def ask_registries(
    values: Values, facts: FleetFacts, plain_http: Iterable[str], interaction: Interaction
) -> ExternalAnswers:
    """Read the source, and ask for every image of the installation in its registry."""
    with interaction.progress() as progress:
        wanted = partial(images.needed_images, values, facts)
        return external.ask_externals(values.source, wanted, plain_http, lambda text: progress.beat(text, ""))


def with_former_installation(facts: FleetFacts, before: FleetFacts | None) -> FleetFacts:
    """The facts, with KubeSphere's workloads and ClusterConfiguration of `before` on each cluster without a
    ClusterConfiguration now."""
    if before is None:
        return facts
    host, *members = (_with_former(cluster, before) for cluster in (facts.host, *facts.members))
    return structs.replace(facts, host=host, members=tuple(members))


def _with_former(cluster: ClusterFacts, before: FleetFacts) -> ClusterFacts:
    former = before.cluster(cluster.identity)
    if former is None or cluster.of(CLUSTER_CONFIGURATION_KEY):
        return cluster
    ran = {key: [o for o in former.of(key) if catalogue.system_namespace(o.namespace)] for key in WORKLOADS}
    objects = {key: (*cluster.of(key), *workloads) for key, workloads in ran.items()}
    return structs.replace(
        cluster, objects=cluster.objects | objects | {CLUSTER_CONFIGURATION_KEY: former.of(CLUSTER_CONFIGURATION_KEY)}
    )


def render_install(values: Values, facts: FleetFacts, source: SourceContent) -> Install:
    """The objects to install, rendered from the manifest (3.x) or by helm from the chart (4.x)."""
    if values.release < (4,):
        install = install_from_manifest(values, facts, source.data)
        return structs.replace(install, differs=_configuration_diffs(install, facts))
    manifests = helm.render_chart(source.data, chart_values(values, facts.host, facts), facts.host.version)
    return install_from_chart(values, facts, source.sha256, manifests)


def _configuration_diffs(install: Install, ran: FleetFacts) -> str:
    """Unified diffs of each cluster's configuration, before and after, one after the other."""
    specs = {
        image.cluster: image.body["spec"] for image in install.objects if image.kind.key == CLUSTER_CONFIGURATION_KEY
    }
    changed = [cluster for cluster in ran.clusters if previous_spec(cluster)]
    diffs = [unified_diff({"spec": previous_spec(c)}, {"spec": specs[c.identity]}, c.name) for c in changed]
    return "\n".join(diff for diff in diffs if diff)

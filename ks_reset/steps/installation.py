"""Install KubeSphere and join its members, each with a wait until it works."""

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter

from ks_reset.catalogue.names import (
    CLUSTER_CONFIGURATION_KEY,
    DEPLOYMENT_KIND,
    KS_CORE_RELEASE,
    KUBESPHERE_NAMESPACE,
    SECRET_KIND,
)
from ks_reset.credentials.recorded import digest_fields
from ks_reset.facts import helm_releases
from ks_reset.facts.installation import expected_deployments, unfinished_parts
from ks_reset.facts.join_status import is_only_reaching, missing_for_join
from ks_reset.model import Action, InstallChart, WaitReady
from ks_reset.steps.actions import create_recorded, is_absent
from ks_reset.steps.step import Step, StepContext


def apply_installer(context: StepContext) -> Iterable[Action]:
    """The objects of the installer's manifest, as in the plan; existing ones are left as they are."""
    install = context.material.install
    for image in install.objects if install else ():
        cluster = context.facts.cluster(image.cluster)
        if cluster and image.kind.key != CLUSTER_CONFIGURATION_KEY and is_absent(cluster, image):
            yield create_recorded(APPLY_INSTALLER.name, image, "the installer's manifest brings it")


def configure_installer(context: StepContext) -> Iterable[Action]:
    """The ClusterConfiguration: from here on ks-installer installs.

    ks-installer v3.3.1, deploy/cluster-configuration.yaml.
    """
    install = context.material.install
    for image in install.objects if install else ():
        cluster = context.facts.cluster(image.cluster)
        if cluster and image.kind.key == CLUSTER_CONFIGURATION_KEY and is_absent(cluster, image):
            yield create_recorded(CONFIGURE_INSTALLER.name, image, "the installer acts on it")


def install_chart(context: StepContext) -> Iterable[Action]:
    """The chart ks-core, where it is not deployed; helm itself repeats an interrupted run."""
    install = context.material.install
    for chart in install.charts if install else ():
        cluster = context.facts.cluster(chart.cluster)
        if cluster and helm_releases.release_status(cluster.of(SECRET_KIND.key)) != helm_releases.DEPLOYED:
            yield InstallChart(
                INSTALL_CHART.name,
                chart.cluster,
                SECRET_KIND,
                KS_CORE_RELEASE,
                KUBESPHERE_NAMESPACE,
                why=f"it creates {len(chart.makes)} object(s)",
                chart=chart.sha256,
                values=chart.values,
                sealed=any(digest_fields(chart.values)),
            )


def await_kubesphere(context: StepContext) -> Iterable[Action]:
    step = AWAIT_KUBESPHERE.name
    for identity, wanted in groupby(expected_deployments(context.material.install), itemgetter(0)):
        names = [(namespace, name) for _, namespace, name in wanted]
        cluster = context.facts.cluster(identity)
        if cluster and unfinished_parts(cluster, names):
            for namespace, name in names:
                yield WaitReady(step, identity, DEPLOYMENT_KIND, name, namespace, why="it must run")


def join_members(context: StepContext) -> Iterable[Action]:
    """The Cluster of each member to be joined, on the host; its controllers do the rest.

    kubesphere v3.3.1, pkg/controller/cluster/cluster_controller.go; v4.1.3, the same path.
    """
    for joining in context.material.joining:
        if is_absent(context.facts.host, joining.cluster):
            yield create_recorded(JOIN_MEMBERS.name, joining.cluster, f"it reaches the cluster {joining.reaches}")


def await_members(context: StepContext) -> Iterable[Action]:
    """Wait until each member is joined and its record reaches the cluster with the right identity."""
    host = context.facts.host
    for joining in context.material.joining:
        image, reaches = joining.cluster, joining.reaches
        if any(missing_for_join(host, image.obj.name)) or not is_only_reaching(host, image.obj.name, reaches):
            why = f"it must reach {reaches}"
            yield WaitReady(AWAIT_MEMBERS.name, image.cluster, image.kind, image.obj.name, why=why, reaches=reaches)


APPLY_INSTALLER = Step(
    "apply-installer",
    "The installer comes before its configuration, which is refused while its type is not served.",
    after=("fasten-seatbelt",),
    actions=apply_installer,
)
CONFIGURE_INSTALLER = Step(
    "configure-installer",
    "It decides role, jwtSecret and components before the installer looks for them elsewhere.",
    after=("apply-installer",),
    actions=configure_installer,
)
INSTALL_CHART = Step(
    "install-chart",
    "helm records the objects of the release, so that it can uninstall them later.",
    after=("fasten-seatbelt",),
    actions=install_chart,
)
AWAIT_KUBESPHERE = Step(
    "await-kubesphere",
    "Running controllers join members and bind namespaces.",
    after=("configure-installer", "install-chart"),
    actions=await_kubesphere,
)
JOIN_MEMBERS = Step(
    "join-members",
    "A join with kubectl checks nothing; the findings that block this playbook are checked before.",
    after=("fasten-seatbelt",),
    actions=join_members,
)
AWAIT_MEMBERS = Step(
    "await-members",
    "A record is identified by the cluster that answers behind it, and by nothing else.",
    after=("join-members",),
    actions=await_members,
)

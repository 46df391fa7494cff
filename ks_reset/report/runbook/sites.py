"""The clusters of a plan as commands need them, and the seatbelts of a plan as manifests."""

import yaml

from ks_reset.catalogue.names import ADMISSION_POLICY_KIND, NAMESPACE_KEY
from ks_reset.model import Body, Create, Delete, Kind, Plan, PlanCluster, SeatbeltOff, SeatbeltOn
from ks_reset.report.runbook.shell import Site
from ks_reset.seatbelt import BY, EXCEPTED, NAME, RUN, own_namespaces, policy, webhook


def sites_of(plan: Plan) -> dict[str, Site]:
    """The clusters by identity. A plan without a seatbelt tells its kind by the version of Kubernetes alone."""
    belts = {a.cluster: a.kind for a in plan.actions if isinstance(a, SeatbeltOn | SeatbeltOff)}
    return {c.identity: _site_of(c, belts.get(c.identity)) for c in plan.clusters}


def _site_of(cluster: PlanCluster, belt: Kind | None) -> Site:
    is_webhook = belt is None or belt.key != ADMISSION_POLICY_KIND.key
    return Site(cluster.context, is_webhook, is_webhook and not webhook.are_namespaces_labelled(cluster.version))


def seatbelt_manifest(plan: Plan, identity: str, site: Site) -> str:
    """The seatbelt of a cluster as YAML. It lets go the namespaces that the plan deletes or creates, and no other."""
    named = {
        action.name
        for action in plan.actions
        if isinstance(action, Delete | Create) and action.kind.key == NAMESPACE_KEY and action.cluster == identity
    }
    excepted = tuple(sorted(named - {*own_namespaces()}))
    annotations = {RUN: plan.playbook, BY: "runbook", EXCEPTED: ",".join(excepted)}
    if site.webhook:
        parts = webhook.webhook_objects(NAME, annotations, excepted, labelled=not site.by_marks)
    else:
        parts = policy.policy_objects(NAME, annotations, excepted)
    bodies: list[Body] = [body for _, body in parts]
    return as_yaml(bodies)


def as_yaml(bodies: list[Body]) -> str:
    """Objects as documents of YAML, without anchors."""
    return str(yaml.dump_all(bodies, Dumper=_Plain, sort_keys=False, width=120))


class _Plain(yaml.SafeDumper):
    """YAML without anchors; kubectl reads them, people do not."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the name is PyYAML's
        return True

    def represent_tuple(self, data: tuple[object, ...]) -> yaml.Node:
        """A tuple as a list."""
        return self.represent_list(list(data))


_Plain.add_representer(tuple, _Plain.represent_tuple)

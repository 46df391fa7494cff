"""One table of the findings that stop a playbook, each with its condition and the reason; runbook prints it.

A rule reports a problem; this table alone says if a playbook must not run then. Left out of reinstall and rejoin are
problems such a plan repairs itself or does not touch: orphan-finalizer (ks-controller-manager returns), seatbelt-left
(the first step replaces it), unready-record (the plan waits for it), unknown-placement (somebody placed there by that
name, and wants it back), and unknown-reach, since the address of the host's own record may answer inside its
cluster alone (unknown-record tells this one apart).
"""

from msgspec import structs

from ks_reset.findings import conditions as when
from ks_reset.model import Finding, FleetFacts, Options

Blockers = dict[str, tuple[when.Condition, str]]
"""By finding id: the condition, and why the playbook must not run then."""
ANY = "*"
"""Stands for every playbook."""

LOSSES: dict[str, str] = {
    "old-owner": "The type Workspace is served again, and garbage collection deletes namespaces that name an old UID.",
    "terminating-workspace": "ks-controller-manager returns and lets the Workspace go; its namespaces follow.",
    "terminating-federated": "kubefed continues the deletion wherever it reaches a cluster again.",
    "two-records-one-cluster": "kubefed deletes through one record what it creates through the other.",
    "two-clusters-one-cluster": "A Workspace is deleted through one Cluster and made again through the other.",
    "template-takes-away": "Workspaces outside of the template's placement are deleted, and their namespaces follow.",
    "records-disagree": "KubeSphere and kubefed work on different clusters under one name.",
    "rebuilt-cluster": "kubefed creates in the new cluster what was meant for the old one, and deletes there.",
    "unplaced-target": "kubefed deletes users' objects where they are not placed.",
}
"""Losses once controllers run again, or reach a cluster they did not reach before."""
TWO_KUBEFEDS = "Two kubefeds would share CRDs, and each other's objects."
OTHER_NAMESPACE = "KubeSphere's kubefed watches every namespace; this one shares its CRDs and watches one."
HOST_ALONE = "A host cleaned alone leaves marks and a full-rights account on the member (unless --later names it)."
OTHER_HOST = "Another host joins the cluster again and deletes what it does not place there (unless --shared names it)."
WRONG_CLUSTER = "The plan would work on another cluster than the one that KubeSphere shows."
OWN_KUBEFED = "The kubefed outside of kube-federation-system uses the CRDs and records that the plan removes."

UNREAD: Blockers = {
    "unreadable": (when.puts_on_unread, "What is put on is of types that could not be read: repair comes first."),
    "unchecked": (when.puts_on_unread, "What is put on rests on a check that was not made: repair comes first."),
}
"""Where only lists of KubeSphere's own types are unread (facts/dead_backends.py)."""
STRAY = "No plan stops a controller that no Deployment, ReplicaSet or StatefulSet runs, and it reacts to every step."
IN_DELETION = "Nothing can be created in the namespace, so the playbook would end half-way, with the seatbelt on."
HIDDEN_LABEL = "Objects not read keep kubefed's label, and the next kubefed deletes them: repair comes first."

INSTALL: Blockers = {
    "admin-password": (when.always, "ks-installer refuses the password, or nobody would know it."),
    "console-port": (when.always, "The Service of the console would be refused."),
    "etcd-secret": (when.always, "etcd monitoring needs a Secret that nothing creates."),
    "images": (when.always, "Pods of KubeSphere would not start."),
    "jwt-secret": (when.always, "Members would refuse the tokens of their host."),
    "kubernetes-version": (when.always, "This KubeSphere is not known to run on this Kubernetes."),
    "nodes": (when.always, "Pods of KubeSphere would stay Pending."),
    "refusing-webhook": (when.always, "The API server refuses what the installation creates."),
    "source": (when.always, "There is no manifest or chart to install from."),
    "storage-class": (when.always, "ks-installer stops without a StorageClass."),
}
"""Asked where --values is given: KubeSphere could not be installed again. The values file may allow each by its id."""

BLOCKING: dict[str, Blockers] = {
    ANY: {
        "unreadable": (when.rests_on_unread, "An object that was not read is neither present nor absent."),
        "unchecked": (when.rests_on_unread, "A check that was not made has not found that all is well."),
        "missing-member": (when.always, "The state of the member is unknown (unless --later names it)."),
    },
    "uninstall": {
        "gitops-cascade": (when.always, "What such an object applied is deleted with it, in users' namespaces too."),
        "stray-controller": (when.runs_by_itself, STRAY),
        "unreadable": (when.stops_uninstall, "No namespace leaves Terminating while an API does not answer."),
        "foreign-kubefed": (when.always, OWN_KUBEFED),
        "records-disagree": (when.always, WRONG_CLUSTER),
        "two-hosts": (when.not_shared, OTHER_HOST),
        "other-host": (when.not_shared, OTHER_HOST),
        "unread-host": (when.not_shared, OTHER_HOST),
        "two-records-one-cluster": (when.kubefed_runs, "kubefed runs, and deletes and creates in a loop."),
        "namespaced-kubefed": (
            when.always,
            "That kubefed is somebody's own, and uses CRDs that the plan removes.",
        ),
        "network-policy": (when.whole, "Without KubeSphere's labels its namespaceSelector matches other namespaces."),
        "operator-of-users": (when.always, "Nobody would act on these objects any more, and no other operator does."),
        "unknown-type": (when.always, "Nobody knows what a deletion of these objects sets off."),
        "users-in-system-namespace": (when.always, "These objects would be deleted along with their namespace."),
        "unknown-contents": (when.not_shared, "These objects would be deleted along with their namespace, unseen."),
        "absent-target": (when.whole, "The content exists in the federated object alone, which the plan deletes."),
        "component-enabled": (when.always, "ks-installer would install the component again."),
        "component-in-use": (when.always, "Another component, which stays, does not work without it."),
        "unnamed-member": (when.member_goes_whole, HOST_ALONE),
        "unreached-record": (when.member_goes_whole, HOST_ALONE),
        "unrecorded-member": (when.member_goes_whole, HOST_ALONE),
        **INSTALL,
    },
    "detach-member": {
        "stray-controller": (when.on_host_by_itself, STRAY),
        "unreadable": (when.hides_marks, HIDDEN_LABEL),
        "foreign-kubefed": (when.always, OWN_KUBEFED),
        "records-disagree": (when.always, WRONG_CLUSTER),
        "other-host": (when.not_shared, "This host has no join on the cluster; the traces there are another host's."),
    },
    "adopt-member": {
        "stray-controller": (when.on_host_by_itself, STRAY),
        "unreadable": (when.hides_marks, HIDDEN_LABEL),
        "terminating-system-namespace": (when.adopts_this, IN_DELETION),
        "foreign-kubefed": (when.always, OWN_KUBEFED),
        "records-disagree": (when.always, WRONG_CLUSTER),
        "two-hosts": (when.not_shared, OTHER_HOST),
        "unread-host": (when.not_shared, OTHER_HOST),
        "other-host": (when.not_shared, OTHER_HOST),
    },
    "forget-member": {
        "stray-controller": (when.on_host_by_itself, STRAY),
        "foreign-kubefed": (when.always, OWN_KUBEFED),
        "living-member": (when.always, "The member answers, so detach-member can clean it as well."),
    },
    "defuse": {
        "stray-controller": (when.runs_by_itself, STRAY),
    },
    "repair": {
        "stray-controller": (when.runs_by_itself, STRAY),
    },
    "restore": {
        **UNREAD,
        "terminating-system-namespace": (when.restores_here, IN_DELETION),
    },
    "stale-record": {
        "stray-controller": (when.on_host_by_itself, STRAY),
        "two-records-one-cluster": (when.stale_record_unclear, "Facts do not tell which record is stale: --record."),
        "named-record": (when.always, "The named record is in use; its host would join it again."),
    },
    "rebind": {
        **UNREAD,
        "foreign-kubefed": (when.always, TWO_KUBEFEDS),
        "records-disagree": (when.always, WRONG_CLUSTER),
        "two-records-one-cluster": (when.always, LOSSES["two-records-one-cluster"]),
        "two-clusters-one-cluster": (when.always, LOSSES["two-clusters-one-cluster"]),
        "unknown-reach": (when.always, "The record may be a second one of a cluster, and Workspaces would flap."),
        "seatbelt-keeps-canaries": (when.always, "A canary that cannot be deleted proves nothing."),
        "nothing-to-bind-to": (when.always, "Workspaces are not served, so nobody acts on the label."),
    },
    "reinstall": {
        "terminating-system-namespace": (when.install_planned, IN_DELETION),
        **UNREAD,
        "install-would-destroy": (when.always, "Garbage collection deletes the objects once the type is served again."),
        "leftover-config": (
            when.always,
            "The installation would take role and jwtSecret from what is left.",
        ),
        "leftover-types": (when.always, "The installation keeps old CRDs, or is refused half-way."),
        "not-helms": (when.always, "helm does not take over objects of others, and stops half-way."),
        "other-configuration": (when.always, "The plan overwrites nothing, so the installation that is there stays."),
        **{name: (when.install_planned, why) for name, why in LOSSES.items()},
        "foreign-kubefed": (when.kubefed_installed, TWO_KUBEFEDS),
        "namespaced-kubefed": (when.kubefed_installed, OTHER_NAMESPACE),
        "managed-without-host": (when.host_joins_itself, "The host joins itself and deletes what it does not place."),
        "dead-webhook": (
            when.installation_not_begun,
            "Without a backend it refuses what the installation creates.",
        ),
        **INSTALL,
    },
    "rejoin": {
        "terminating-system-namespace": (when.joins_here, IN_DELETION),
        **UNREAD,
        "claimed-member": (when.always, "Two hosts would work on one member."),
        "install-would-destroy": (when.always, "Garbage collection deletes the objects once the type is served again."),
        "leftover-types": (when.always, "The host keeps old CRDs on the member, or is refused half-way."),
        "nothing-to-join-to": (when.always, "Nobody acts on the Cluster that the plan creates."),
        "record-of-another-name": (when.always, "Two records would lead to one cluster, or one to the wrong one."),
        "unknown-record": (when.always, "The record may lead to a member that is to be joined."),
        "token-kubeconfig": (when.always, "KubeSphere 3.3 never reports a member joined by token as ready."),
        "unfit-member": (when.always, "The join would end half-way, or take over another host."),
        "unread-member": (when.always, "Version or jwtSecret of the member is unknown."),
        "workspaces-of-another-host": (when.always, "The host deletes what it does not place on the member."),
        **{name: (when.join_planned, why) for name, why in LOSSES.items()},
        "foreign-kubefed": (when.join_to_kubefed, TWO_KUBEFEDS),
        "namespaced-kubefed": (when.join_to_kubefed, "It watches one namespace, and Workspaces are cluster-scoped."),
        "two-hosts": (when.joins_this_member_to_kubefed, "Each host deletes what it has marked and does not place."),
        "other-host": (when.joins_this_member_to_kubefed, "Each host deletes what it has marked and does not place."),
        "other-jwt-secret": (when.joins_this_member_to_kubefed, "The member refuses the tokens of its host."),
        "clock-skew": (when.joins_this_member, "The member refuses tokens as expired, or not valid yet."),
        "expired-certificate": (when.joins_by_this_record, "Nobody reaches the member through this record."),
    },
}


def with_blocks(finding: Finding, facts: FleetFacts, options: Options) -> Finding:
    """The finding with its `blocks`: the playbooks it stops, given these facts and options."""
    entries = [(playbook, blockers[finding.id]) for playbook, blockers in BLOCKING.items() if finding.id in blockers]
    blocks = tuple(playbook for playbook, (condition, _) in entries if condition(facts, options, finding))
    return structs.replace(finding, blocks=blocks)


def blockers_of(playbook: str, own: bool = False) -> dict[str, str]:
    """The findings able to stop a playbook, by id, each with the reason; those for every playbook come first.

    One of the operator's `own` is stopped by each finding listed for any playbook. It takes no values file.
    """
    tables = [b for name, b in BLOCKING.items() if own or name in (ANY, playbook)]
    reasons: dict[str, str] = {}
    for finding, (_, why) in (entry for table in tables for entry in table.items()):
        if not (own and finding in INSTALL):
            reasons.setdefault(finding, why)
    return reasons

"""Whether the losses without a seatbelt can be told: the reasons against, each with commands that lead on."""

import yaml

from ks_reset.findings.unknown_losses import unknown_for_losses
from tests.build import asked, facts
from tests.commands import commands_in, has_way_on
from tests.shorthand import expand_case

RECORDS = """
host:
  - Deployment kube-federation-system/kubefed-controller-manager: {replicas: 1}
  - FederatedTypeConfig workspaces -> Workspace
  - FederatedWorkspace ws1 -> host: {finalizers: [kubefed.io/sync-controller]}
  - Workspace ws1: {labels: {kubefed.io/managed: "true"}}
  - Namespace shop: {owners: [Workspace ws1]}
  - KubeFedCluster host
  - KubeFedCluster stale
  - Cluster host: {labels: {cluster-role.kubesphere.io/host: ""}}
dials:
  - host -> host
"""
JOINED = """
host:
  - Deployment kube-federation-system/kubefed-controller-manager: {replicas: 1}
  - KubeFedCluster m
members:
  m:
    - ClusterRoleBinding kubefed-controller-manager:m-kubesphere:
        subjects: [{kind: ServiceAccount, namespace: kube-federation-system, name: m-kubesphere}]
    - ClusterRoleBinding kubefed-controller-manager:m-old:
        subjects: [{kind: ServiceAccount, namespace: kube-federation-system, name: m-old}]
dials:
  - m -> m: {account: m-kubesphere}
"""
CLAIMED = """
host:
  - Namespace kubesphere-system:
      annotations: {cluster.kubesphere.io/host-cluster: prod, cluster.kubesphere.io/name: m}
"""


def reason(text: str, **request: object) -> str:
    """The reason for these facts; each has a way on."""
    case = expand_case(yaml.safe_load(text))
    why = unknown_for_losses(facts(case["host"], case.get("members"), case.get("dials")), asked(**request))
    assert not why or has_way_on(why)
    return why


def test_a_record_that_was_not_dialled_is_unknown_where_it_matters() -> None:
    why = reason(RECORDS + "  - stale: unreachable\n")
    assert why.startswith("What the record stale reaches is unknown (unreachable), and KubeSphere may reach it from")
    assert "1 object(s) of users would be lost as things stand, with the namespace(s) shop." in why
    commands = [" ".join(words) for words in commands_in(why)]
    assert "ks-reset plan forget-member --context host --members stale --out forget-member.json" in commands


def test_a_record_matters_to_nobody_where_nothing_more_is_lost() -> None:
    everywhere = RECORDS.replace("FederatedWorkspace ws1 -> host:", "FederatedWorkspace ws1 -> host, stale:")
    assert reason(everywhere + "  - stale: unreachable\n") == ""
    assert reason(RECORDS + "  - stale: no secret\n") == ""
    assert reason(RECORDS + "  - stale: unreachable\n", later=["stale"]) == ""
    assert reason(RECORDS + "  - stale: unreachable\n", accepted=["shop"]) == ""
    noted = "  - {record: stale, way: Cluster, reach: unreachable, endpoint: https://stale, recorded: elsewhere}\n"
    assert reason(RECORDS + "  - stale: unreachable\n" + noted) == ""


def test_the_hosts_own_address_may_answer_inside_alone() -> None:
    alone = RECORDS.replace("  - KubeFedCluster stale\n", "").replace("- host -> host\n", "- host: unreachable\n")
    assert reason(alone) == ""
    unplaced = reason(alone.replace("FederatedWorkspace ws1 -> host:", "FederatedWorkspace ws1 -> other:"))
    assert unplaced.startswith("What the record host reaches is unknown (unreachable)")


def test_a_join_of_this_host_tells_nothing_of_another_hosts() -> None:
    why = reason(JOINED)
    assert why.startswith("m was joined by another host (m-old), whose controllers were not read.")
    commands = [" ".join(words) for words in commands_in(why)]
    assert "ks-reset protect off --context host --member m=m --shared m" in commands
    assert "ks-reset protect off --context host --member m=m --gone-host m-old" in commands
    assert reason(JOINED, shared=["m"]) == reason(JOINED, gone=["m-old"]) == ""


def test_a_member_of_4_x_read_without_its_host_is_unknown() -> None:
    why = reason(CLAIMED)
    assert why.startswith("host is a member of the host prod (m-prod), whose controllers were not read.")
    assert "--member m=host" in why
    assert ["ks-reset", "protect", "off", "--context", "host", "--gone-host", "m-prod"] in commands_in(why)
    assert reason(CLAIMED, gone=["m-prod"]) == reason(CLAIMED, shared=["host"]) == ""


def test_the_host_that_names_itself_is_read() -> None:
    own = CLAIMED + '  - Cluster m: {labels: {cluster-role.kubesphere.io/host: ""}}\n'
    assert reason(own) == ""
    members = CLAIMED.replace("host:\n  -", "host: [Cluster m]\nmembers:\n  m:\n  -")
    with_host = members + "dials:\n  - m -> m: {way: Cluster}\n"
    assert reason(with_host) == ""
    assert reason(members, joins=["/m-kubesphere"]) == "", "its record is deleted, and the plan remembers it"
    assert "prod" in reason(members.replace("[Cluster m]", "[]"))


def test_a_lock_that_nothing_here_holds_is_unknown_while_it_is_renewed() -> None:
    lock = """
host:
  - Lease.v1.coordination.k8s.io kubesphere-system/ks-controller-manager-leader-election:
      spec: {holderIdentity: laptop_1, leaseDurationSeconds: 30, renewTime: "%s"}
"""
    why = reason(lock % "2025-12-31T23:59:50.000000Z")
    assert why.startswith("Nothing on host runs ks-controller-manager, and laptop_1 holds its lock")
    assert reason(lock % "2025-12-31T23:50:00.000000Z") == ""

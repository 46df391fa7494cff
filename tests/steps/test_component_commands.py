"""What a plan leaves of a component is named with the command that removes it later."""

from typing import Any

import pytest

from ks_reset.model import Options
from ks_reset.plan import make as planning
from ks_reset.plan import playbook as playbooks
from tests import weave
from tests.build import facts
from tests.commands import has_way_on
from tests.shorthand import expand_case

HELM = {
    "labels": {"app.kubernetes.io/managed-by": "Helm"},
    "annotations": {"meta.helm.sh/release-name": "cloudcore", "meta.helm.sh/release-namespace": "kubeedge"},
}
EDGE = {
    "selector": {"matchLabels": {"k8s-app": "edgeservice"}},
    "template": {
        "spec": {
            "serviceAccountName": "edgeservice-sa",
            "containers": [
                {"name": "edgeservice", "image": "x:1", "command": ["edgeservice"], "ports": [{"containerPort": 8081}]}
            ],
        }
    },
}
BINDING = {
    "ClusterRoleBinding my-edge-tool": {
        "roleRef": {"kind": "ClusterRole", "name": "cloudcore"},
        "subjects": [{"kind": "ServiceAccount", "namespace": "shop", "name": "tool"}],
    }
}
KUBEEDGE = (
    {"Namespace kubeedge": {"labels": {"kubesphere.io/workspace": "system-workspace"}}},
    "Secret kubeedge/sh.helm.release.v1.cloudcore.v1 -> deployed",
    {"Deployment kubeedge/edgeservice": {**HELM, "spec": EDGE}},
    {"ClusterRole cloudcore": HELM},
    BINDING,
)
BELT = {"ValidatingWebhookConfiguration ks-reset-seatbelt": {"annotations": {"ks-reset/run": "protect"}}}


def reasons(*rows: Any) -> list[str]:
    known = facts(expand_case({"host": list(rows)})["host"])
    plan = planning.make_plan(playbooks.load_playbook("uninstall"), known, Options())
    return [kept.why for kept in plan.kept]


@pytest.mark.parametrize(
    ("rows", "command"),
    [
        (KUBEEDGE, "kubectl --context host delete clusterroles.rbac.authorization.k8s.io cloudcore"),
        (
            (weave.NAMESPACE, "Service weave/mine-too", "Service weave/weave-scope-app"),
            "kubectl --context host delete namespace weave",
        ),
        ((BELT, *weave.SCOPE), "ks-reset protect off --context host, then plan again"),
    ],
)
def test_the_reason_names_a_command_that_can_be_typed(rows: Any, command: str) -> None:
    why = reasons(*rows)
    assert why
    assert all(has_way_on(each) for each in why)
    assert any(each.endswith(command) for each in why)

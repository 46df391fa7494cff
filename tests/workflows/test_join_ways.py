"""A kubeconfig that does not lead to its member is refused; with the file that the message asks for it goes on."""

from base64 import b64encode

import pytest
import yaml
from msgspec import structs

from ks_reset.errors import Refused
from ks_reset.workflows.joins import _require_same_member
from tests.build import cluster
from tests.cluster.answering import SYSTEM, ApiServer, answering


def config_for(server: str) -> str:
    entry = {"name": "eu", "context": {"cluster": "eu", "user": "eu"}}
    clusters, users = [{"name": "eu", "cluster": {"server": server}}], [{"name": "eu", "user": {"token": "t"}}]
    config = {"current-context": "eu", "contexts": [entry], "clusters": clusters, "users": users}
    return b64encode(yaml.safe_dump(config).encode()).decode()


def test_another_file_for_join_is_accepted_after_one_that_leads_elsewhere() -> None:
    member = structs.replace(cluster("eu", []), identity=SYSTEM["metadata"]["uid"])
    other = ApiServer([])
    other.objects["Namespace"] = [{"metadata": {"name": "kube-system", "uid": "uid-of-another"}}]
    with answering(ApiServer([])) as right, answering(other) as wrong:
        with pytest.raises(Refused, match=r"does not reach a cluster.*the same command again with --join eu=FILE"):
            _require_same_member(member, config_for("http://127.0.0.1:9"))
        with pytest.raises(Refused, match=r"leads to the cluster uid-of-another.*with the file of eu: --join eu=FILE"):
            _require_same_member(member, config_for(wrong.url))
        _require_same_member(member, config_for(right.url))

"""A client certificate in a kubeconfig works, and its key is in no file while it does."""

import base64
import json
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ks_reset.cluster import Target, connect_client
from ks_reset.errors import Usage
from ks_reset.rehearsal.plane.plane import Plane
from tests.rehearsal.certified import with_certificate

pytestmark = pytest.mark.rehearsal


def test_a_client_certificate_is_used_from_memory_alone(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Plane.start("alone", programs, tmp_path) as plane:
        kubeconfig = with_certificate(plane.folder)
        empty = tmp_path / "temporary"
        empty.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(empty))
        with ThreadPoolExecutor(16) as pool:
            clusters = list(pool.map(lambda _: connect_client(Target(str(kubeconfig), "alone")), range(64)))
        assert list(empty.iterdir()) == []
        assert {cluster.identity for cluster in clusters} == {plane.cluster.identity}
        assert list(empty.iterdir()) == []


def test_a_certificate_that_is_none_is_said_to_be_so(programs: Path, tmp_path: Path) -> None:
    with Plane.start("alone", programs, tmp_path) as plane:
        config = json.loads(with_certificate(plane.folder).read_text())
        config["users"][0]["user"]["client-key-data"] = base64.b64encode(b"no key").decode()
        broken = tmp_path / "broken"
        broken.write_text(json.dumps(config))
        with pytest.raises(Usage, match="The certificates of context 'alone'"):
            connect_client(Target(str(broken), "alone"))

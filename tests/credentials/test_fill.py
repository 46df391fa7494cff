"""Credentials are filled into a plan from the operator's files or the vault; an incomplete object is never sent."""

import hashlib
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec import structs

from ks_reset.apply import Credentials
from ks_reset.apply.write.create import creation_request
from ks_reset.credentials.fill import credentials_by_digest, fill_digests, hiding_credentials
from ks_reset.credentials.redact import digest_of, redact_object
from ks_reset.credentials.vault import Vault, VaultEntry
from ks_reset.errors import Conflict, Stale, Usage
from ks_reset.model import Body, Create, InstallChart, Kind, Options, Plan
from ks_reset.plan import playbook as playbooks
from ks_reset.plan.make import make_plan
from ks_reset.workflows.inputs import InputPaths, Inputs
from tests import build
from tests.build import facts

CONFIGURED = Kind("installer.kubesphere.io", "v1alpha1", "ClusterConfiguration", "clusterconfigurations", True)
WHOLE: Body = {
    "metadata": {"name": "ks-installer", "namespace": "kubesphere-system"},
    "spec": {
        "authentication": {"jwtSecret": "signs-tokens"},
        "es": {"url": "https://es:hidden@es.example:9200", "args": ["--password=hidden-too", "--token", "last"]},
    },
}


def action(body: Body, **more: Any) -> Create:
    where = {"name": "ks-installer", "namespace": "kubesphere-system", "sealed": True}
    return Create("s", "uid-of-host", kind=CONFIGURED, body=body, **(where | more))


def test_redacted_fields_are_filled_from_their_values() -> None:
    hidden = redact_object(WHOLE)
    by = credentials_by_digest(
        "signs-tokens", {"any": ["https://es:hidden@es.example:9200"]}, "--password=hidden-too", "last"
    )
    assert "hidden" not in str(hidden)
    assert fill_digests(hidden, by) == (WHOLE, [])


def test_an_unknown_credential_is_named() -> None:
    full, missing = fill_digests(redact_object(WHOLE), credentials_by_digest("last"))
    assert missing == ["spec.authentication.jwtSecret", "spec.es.url", "spec.es.args[0]"]
    assert full["spec"]["es"]["args"][2] == "last"


def test_an_image_by_digest_is_no_credential() -> None:
    image = f"ks@sha256:{'0' * 64}"
    assert fill_digests({"spec": {"image": image}}, credentials_by_digest("x")) == ({"spec": {"image": image}}, [])


def test_an_action_is_filled_from_files_else_from_the_vault_else_nothing_is_sent() -> None:
    planned, vault = action(redact_object(WHOLE)), Vault("", (VaultEntry("uid-of-host", CONFIGURED, WHOLE),))
    files = Credentials(known=credentials_by_digest(WHOLE))
    assert files.fill(planned) == WHOLE
    assert Credentials(vault).fill(planned)["spec"] == WHOLE["spec"]
    with pytest.raises(Usage, match=r"needs spec\.authentication\.jwtSecret.*--values, --join, or --vault"):
        Credentials().fill(planned)
    assert "signs" not in repr(files)


def test_given_files_take_precedence_over_the_vault() -> None:
    old = {**WHOLE, "spec": {"authentication": {"jwtSecret": "signed-then", "adminPassword": "then"}}}
    new = {**WHOLE, "spec": {"authentication": {"jwtSecret": "signs-tokens"}}}
    keys = Credentials(Vault("", (VaultEntry("uid-of-host", CONFIGURED, old),)), credentials_by_digest(new))
    assert keys.fill(action(redact_object(new))) == new
    assert keys.fill(action(redact_object(old)))["spec"] == old["spec"]


def test_filled_in_credentials_are_not_written_to_the_journal() -> None:
    planned, sent = action(redact_object(WHOLE)), action(WHOLE)
    recorded, plain = creation_request(sent, None), creation_request(action(WHOLE, sealed=False), None)
    assert recorded
    assert plain
    assert (recorded.action, recorded.obj.body) == (planned, WHOLE)
    assert plain.action == action(WHOLE, sealed=False)


def test_an_api_servers_error_is_reported_without_filled_in_credentials() -> None:
    planned, sent = action(redact_object(WHOLE)), action(WHOLE)
    with (
        pytest.raises(Conflict, match="jwtSecret: Invalid value: …, in ks-installer") as caught,
        hiding_credentials(planned, sent),
    ):
        raise Conflict("spec.authentication.jwtSecret: Invalid value: signs-tokens, in ks-installer", 3)
    assert caught.value.after == 3


def test_an_action_without_credentials_needs_nothing() -> None:
    assert Credentials().fill(action({"spec": {"a": 1}}, sealed=False)) == {"spec": {"a": 1}}


@pytest.fixture
def values(tmp_path: Path) -> Path:
    chart, path = tmp_path / "ks-core.tgz", tmp_path / "install.yaml"
    chart.write_bytes(b"\x1f\x8b not read here")
    path.write_text(yaml.safe_dump({"version": "v4.1.3", "source": {"path": str(chart)}, "jwtSecret": "signs-tokens"}))
    return path


def read(**paths: Any) -> Inputs:
    return Inputs.read(InputPaths(**paths), Options())


def plan(chart: str = "") -> Plan:
    made = make_plan(playbooks.load_playbook("uninstall"), facts([]), Options())
    install = build.action(InstallChart, "uid-of-host", CONFIGURED, "ks-core", chart=chart)
    return structs.replace(made, actions=(install,) if chart else ())


def test_keys_come_from_the_values_and_the_kubeconfigs(values: Path) -> None:
    keys = read(values=values, join={"eu": values}).keys(plan())
    config = b64encode(values.read_bytes()).decode()
    assert {digest_of(text) for text in ("signs-tokens", config)} <= set(keys.known)


def test_a_chart_that_is_not_the_planned_one_is_stale_and_one_that_is_not_given_is_asked_for(values: Path) -> None:
    planned = plan(chart="0" * 64)
    with pytest.raises(Stale, match="is not the one that was planned"):
        read(values=values).keys(planned)
    with pytest.raises(Usage, match="--values FILE"):
        read().keys(planned)
    chart = values.parent / "ks-core.tgz"
    data = chart.read_bytes()
    planned = plan(chart=hashlib.sha256(data).hexdigest())
    chart.write_bytes(b"\x1f\x8b another")
    with pytest.raises(Stale, match="Bring that file back, then run the same command again"):
        read(values=values).keys(planned)
    chart.write_bytes(data)
    assert read(values=values).keys(planned).chart == data


def test_a_chart_comes_with_its_bytes(values: Path) -> None:
    data = (values.parent / "ks-core.tgz").read_bytes()
    assert read(values=values).keys(plan(chart=hashlib.sha256(data).hexdigest())).chart == data

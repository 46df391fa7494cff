"""Titles lose their API groups, and commands lose nothing: they are copied as they are."""

from ks_reset.report.titles import without_api_groups

PLAN = "ks-reset plan defuse --snapshot /home/ann/Prod.json.gz --context Prod.example.com --out plan.json"
PATCH = "kubectl --context Prod.example.com -n shop patch deployments.apps/web --type=json -p '[]'"


def test_a_title_loses_its_api_group() -> None:
    assert without_api_groups("Workspace.tenant.kubesphere.io ws1 goes") == "Workspace ws1 goes"


def test_a_command_keeps_its_files_and_contexts_whatever_their_letters() -> None:
    text = f"{PLAN}: without the ties it stays. Deployment.apps web (held): {PATCH}."
    assert without_api_groups(text) == f"{PLAN}: without the ties it stays. Deployment web (held): {PATCH}."

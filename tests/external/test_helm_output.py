"""helm's stderr, as 3.19.5 and 4.2.4 write it: the current activity and the reason of a failure."""

from ks_reset.external.helm_output import failure_reason, hide_values, latest_activity

AT = "2026-01-01 10:00:00.1 +0000 UTC m=+0.04"
INSTALLS = f"""install.go:225: {AT} [debug] Original chart version: ""
WARNING: Kubernetes configuration file is group-readable.
client.go:820: {AT} [debug] ks-core-post-patch-user: Jobs active: 1, jobs failed: 0, jobs succeeded: 0

"""
FAILS = f"""{INSTALLS}upgrade.go:487: {AT} [debug] warning: Upgrade "ks-core" failed: hooks failed: 1 error occurred:
\t* timed out waiting for the condition


Error: UPGRADE FAILED: post-upgrade hooks failed: 1 error occurred:
\t* timed out waiting for the condition


helm.go:92: {AT} [debug] post-upgrade hooks failed: 1 error occurred:
\t* timed out waiting for the condition
main.newUpgradeCmd.func2
"""


def test_helms_newest_message_is_reported_without_source_line_and_time() -> None:
    assert latest_activity(INSTALLS) == "ks-core-post-patch-user: Jobs active: 1, jobs failed: 0, jobs succeeded: 0"
    assert latest_activity('level=DEBUG msg="waiting for resource" name=ks\n') == '"waiting for resource" name=ks'
    assert latest_activity("") == latest_activity("WARNING: only this\n") == ""


def test_a_reason_of_several_lines_is_complete_and_without_its_stack_trace() -> None:
    assert failure_reason(FAILS) == "post-upgrade hooks failed: 1 error occurred: * timed out waiting for the condition"


def test_without_a_reason_the_last_line_is_reported() -> None:
    assert failure_reason("dial tcp: refused.\n") == "dial tcp: refused"
    assert failure_reason(f"a.go:1: {AT} [debug] it began\n") == "it began"
    assert failure_reason("") == "it gave no reason"


def test_a_very_long_reason_is_cut() -> None:
    assert len(failure_reason("Error: " + "x" * 9000)) == 1500


def test_a_credential_quoted_by_an_api_server_is_hidden() -> None:
    values = {
        "authentication": {"adminPassword": 'hunt"er2'},
        "keys": ["kubesphere", "hunter3"],
        "role": "host",
        "port": 1,
    }
    said = r'User "admin" is invalid: spec.password: Invalid value: "hunt\"er2": too short; hunt"er2 or hunter3.'
    assert hide_values(said, values) == 'User "admin" is invalid: spec.password: Invalid value: "…": too short; … or ….'
    assert hide_values("kubesphere-system on host", values) == "kubesphere-system on host"
    assert hide_values("a kubesphere", {}) == "a kubesphere"

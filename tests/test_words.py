"""What of helm's stderr is passed on: what it does now and why it failed, as 3.19.5 and 4.2.4 write it."""

from ks_reset.external.helm_output import newest, veiled, why

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


def test_the_newest_thing_that_helm_does_is_told_without_source_line_and_time() -> None:
    assert newest(INSTALLS) == "ks-core-post-patch-user: Jobs active: 1, jobs failed: 0, jobs succeeded: 0"
    assert newest('level=DEBUG msg="waiting for resource" name=ks\n') == '"waiting for resource" name=ks'
    assert newest("") == newest("WARNING: only this\n") == ""


def test_a_reason_of_several_lines_is_whole_and_without_the_stack_that_follows() -> None:
    assert why(FAILS) == "post-upgrade hooks failed: 1 error occurred: * timed out waiting for the condition"


def test_without_a_reason_it_is_the_last_line() -> None:
    assert why("dial tcp: refused.\n") == "dial tcp: refused"
    assert why(f"a.go:1: {AT} [debug] it began\n") == "it began"
    assert why("") == "it gave no reason"


def test_a_reason_without_end_is_cut() -> None:
    assert len(why("Error: " + "x" * 9000)) == 1500


def test_a_credential_that_an_api_server_quotes_is_not_passed_on() -> None:
    values = {
        "authentication": {"adminPassword": 'hunt"er2'},
        "keys": ["kubesphere", "hunter3"],
        "role": "host",
        "port": 1,
    }
    said = r'User "admin" is invalid: spec.password: Invalid value: "hunt\"er2": too short; hunt"er2 or hunter3.'
    assert veiled(said, values) == 'User "admin" is invalid: spec.password: Invalid value: "…": too short; … or ….'
    assert veiled("kubesphere-system on host", values) == "kubesphere-system on host"
    assert veiled("a kubesphere", {}) == "a kubesphere"

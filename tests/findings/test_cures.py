"""Cures whose command depends on the facts."""

from ks_reset.findings.fleet.proxy_without_agent import check
from ks_reset.model import Options
from tests.findings.test_rules import CASES


def test_an_absent_agent_is_not_scaled() -> None:
    case = next(case for case in CASES if case.subject == "proxy_without_agent")
    gone, stopped = (finding.cure for finding in check(case.facts, Options()))
    assert gone.startswith("Apply the agent's manifest on the member again")
    assert stopped.startswith("Start the agent: kubectl --context stopped -n kubesphere-system scale deployment")
    assert gone.endswith("with --member gone=CONTEXT.")

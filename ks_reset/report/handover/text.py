"""The report as Markdown and as JSON."""

import msgspec

from ks_reset.report.handover.summary import summary_of
from ks_reset.report.runbook.texts import text_environment
from ks_reset.workflows.run_report import RunReport


def render_report_text(report: RunReport) -> str:
    """The report as Markdown, without the single actions."""
    return text_environment().get_template("handover/report.md").render(report=report, summary=summary_of(report))


def render_report_json(report: RunReport) -> str:
    """The summary and all data of the report; of the plan its header alone."""
    plan = report.plan
    data = msgspec.to_builtins(msgspec.structs.replace(report, picture=None))
    data["plan"] = {"digest": plan.digest, "playbook": plan.playbook, "made": plan.made, "tool": plan.tool}
    data["summary"] = msgspec.to_builtins(summary_of(report))
    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n"

"""A playbook in Markdown: what stops it, and the reason for each step and its place."""

from ks_reset.findings.blocking import INSTALL, blockers_of
from ks_reset.plan.playbook import Playbook, playbook_names
from ks_reset.report.runbook.texts import text_environment
from ks_reset.steps import STEPS


def render_playbook(playbook: Playbook) -> str:
    """What stops the playbook, and why; the steps in order, why each exists and why it has its place."""
    blockers = blockers_of(playbook.name, playbook.name not in playbook_names())
    of_fleet = {finding: why for finding, why in blockers.items() if finding not in INSTALL}
    of_installation = {finding: why for finding, why in blockers.items() if finding in INSTALL}
    template = text_environment().get_template("playbook.md")
    return template.render(playbook=playbook, steps=STEPS, of_fleet=of_fleet, of_installation=of_installation)

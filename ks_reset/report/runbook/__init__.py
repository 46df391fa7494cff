"""Runbooks: a plan as a document with scripts and checks, as a bash script, a Job, or a Workflow of Argo."""

from ks_reset.report.runbook.argo import render_workflow
from ks_reset.report.runbook.book import Book, make_book
from ks_reset.report.runbook.commands import command_of
from ks_reset.report.runbook.document import render_markdown, render_page
from ks_reset.report.runbook.job import member_access, render_job
from ks_reset.report.runbook.playbook import render_playbook
from ks_reset.report.runbook.script import render_script
from ks_reset.report.runbook.shell import Site

__all__ = [
    "Book",
    "Site",
    "command_of",
    "make_book",
    "member_access",
    "render_job",
    "render_markdown",
    "render_page",
    "render_playbook",
    "render_script",
    "render_workflow",
]

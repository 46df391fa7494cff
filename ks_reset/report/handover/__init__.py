"""The report of a run to hand over: a page, Markdown, JSON, or JUnit."""

from ks_reset.report.handover.junit import render_junit
from ks_reset.report.handover.page import render_report_page
from ks_reset.report.handover.text import render_report_json, render_report_text

__all__ = ["render_junit", "render_report_json", "render_report_page", "render_report_text"]

"""Playbooks, the plans made from them, and the plan file."""

"""Recorded installations, loaded into a real control plane, uninstalled, and compared with their ledger."""

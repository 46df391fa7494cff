"""Waits: for quiet controllers, ready workloads, stable objects and Workspaces."""

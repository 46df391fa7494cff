"""Workspaces and the namespaces, users and roles that belong to them."""

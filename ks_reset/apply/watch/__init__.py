"""Watches during a run: the clusters, the objects relied on, and the run's Lease."""

"""Credentials: their digests in facts and plans, and the encrypted vault."""

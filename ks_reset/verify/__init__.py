"""Checks after a removal, from fresh API discovery: no leftovers of KubeSphere's, and no change to users' objects.

The names here repeat those of the catalogue on purpose: a verifier with the cleaner's lists shares its blind spots.
"""

from ks_reset.verify.bystanders import Change, Proof, compare_bystanders
from ks_reset.verify.leftovers import Leftover, find_leftovers

__all__ = ["Change", "Leftover", "Proof", "compare_bystanders", "find_leftovers"]

"""Is it clean, and is everything of the users' still there: answered from fresh API discovery.

Nothing here asks the catalogue: a verifier that copies the cleaner shares its blind spots.
"""

from ks_reset.verify.bystanders import Change, Proof, bystanders
from ks_reset.verify.leftovers import Leftover, leftovers

__all__ = ["Change", "Leftover", "Proof", "bystanders", "leftovers"]

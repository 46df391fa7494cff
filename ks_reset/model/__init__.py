"""Frozen values that every layer shares. Imports nothing of ours."""

from ks_reset.model.facts import Dial, Facts, Gap, Missing, Reach, World
from ks_reset.model.findings import Evidence, Finding, Severity
from ks_reset.model.objects import Body, Kind, Obj, Owner, group_of
from ks_reset.model.plan import Action, Foreseen, Kept, Marks, Options, Plan, PlanCluster, Verb

__all__ = [
    "Action",
    "Body",
    "Dial",
    "Evidence",
    "Facts",
    "Finding",
    "Foreseen",
    "Gap",
    "Kept",
    "Kind",
    "Marks",
    "Missing",
    "Obj",
    "Options",
    "Owner",
    "Plan",
    "PlanCluster",
    "Reach",
    "Severity",
    "Verb",
    "World",
    "group_of",
]

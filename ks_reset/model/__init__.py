"""Frozen values that every layer shares. Imports nothing of ours."""

from ks_reset.model.actions import Gift, Marks, Verb
from ks_reset.model.facts import Dial, Facts, Gap, Missing, Reach, World
from ks_reset.model.findings import Evidence, Finding, Severity
from ks_reset.model.install import MANIFEST, Chart, Fetched, Install, Joining, Obstacle, Outside, Source, Values
from ks_reset.model.memory import Bond, Kept, Memory, Past
from ks_reset.model.objects import Body, Kind, Obj, Owner, group_of
from ks_reset.model.plan import Action, Foreseen, Options, Plan, PlanCluster

__all__ = [
    "MANIFEST",
    "Action",
    "Body",
    "Bond",
    "Chart",
    "Dial",
    "Evidence",
    "Facts",
    "Fetched",
    "Finding",
    "Foreseen",
    "Gap",
    "Gift",
    "Install",
    "Joining",
    "Kept",
    "Kind",
    "Marks",
    "Memory",
    "Missing",
    "Obj",
    "Obstacle",
    "Options",
    "Outside",
    "Owner",
    "Past",
    "Plan",
    "PlanCluster",
    "Reach",
    "Severity",
    "Source",
    "Values",
    "Verb",
    "World",
    "group_of",
]

"""Frozen values that every layer shares. Imports nothing of ours."""

from ks_reset.model.actions import Gift, Marks, Verb
from ks_reset.model.facts import ClusterFacts, Dial, FleetFacts, Gap, Missing, Reach
from ks_reset.model.findings import Evidence, Finding, Severity
from ks_reset.model.install import (
    MANIFEST,
    Chart,
    ExternalAnswers,
    Install,
    MemberJoin,
    Source,
    SourceContent,
    Values,
)
from ks_reset.model.memory import BeforeImage, Membership, Memory, Skipped
from ks_reset.model.objects import Body, Kind, Obj, Owner, group_of
from ks_reset.model.plan import Action, Options, Plan, PlanCluster, PlannedConsequence

__all__ = [
    "MANIFEST",
    "Action",
    "BeforeImage",
    "Body",
    "Chart",
    "ClusterFacts",
    "Dial",
    "Evidence",
    "ExternalAnswers",
    "Finding",
    "FleetFacts",
    "Gap",
    "Gift",
    "Install",
    "Kind",
    "Marks",
    "MemberJoin",
    "Membership",
    "Memory",
    "Missing",
    "Obj",
    "Options",
    "Owner",
    "Plan",
    "PlanCluster",
    "PlannedConsequence",
    "Reach",
    "Severity",
    "Skipped",
    "Source",
    "SourceContent",
    "Values",
    "Verb",
    "group_of",
]

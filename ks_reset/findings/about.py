"""The place of a rule in a check-up: declared in its module as `ABOUT`. Doctor lists the rules with one."""

from enum import StrEnum

from msgspec import Struct

from ks_reset.model import Urgency


class Group(StrEnum):
    """A subject of the check-up, in the order of its summary."""

    FEDERATION = "Federation"
    CLUSTERS = "Clusters and connections"
    TENANTS = "Workspaces and users"
    DELETIONS = "Deletions"
    PROGRAMS = "KubeSphere's programs"
    API = "API server"
    CONTENTS = "What an uninstall touches"


class About(Struct, frozen=True):
    """The declaration of a rule: its group, the state in which it finds nothing, and the urgency of its findings."""

    group: Group
    title: str
    urgency: Urgency

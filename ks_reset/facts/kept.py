"""What stays on a cluster by the operator's choice: kept operators with all that is theirs, and objects of users.

A kept operator is known by its entry in the catalogue alone, so its namespace and objects stay also where its workload
is stopped, gone or called otherwise.
"""

from ks_reset import catalogue
from ks_reset.facts.operators import is_brought
from ks_reset.model import Obj, Request


class Kept:
    """The choices of a request, looked up once and the same on every cluster.

    `namespaces` are those of kept operators, each with the name of the operator in it; `components` are theirs.
    `groups` are the API groups with objects that stay.
    """

    def __init__(self, request: Request) -> None:
        entries = catalogue.load_catalogue().operators
        operators = [entry for entry in entries if entry.name in request.kept_operators]
        forgone = [entry for entry in entries if entry.name in request.forgone_operators]
        self.namespaces = {entry.namespace: entry.name for entry in operators}
        self.components = frozenset(entry.component for entry in operators)
        self._whole_groups = frozenset(group for entry in operators for group in entry.groups)
        self._of_users = {group: entry for entry in forgone for group in entry.groups}
        self.groups = self._whole_groups | self._of_users.keys()

    def keeps_object(self, obj: Obj) -> bool:
        """Whether an object in KubeSphere's API groups stays: one of a kept operator's, or a user's."""
        entry = self._of_users.get(obj.kind.group)
        return obj.kind.group in self._whole_groups or (entry is not None and not is_brought(obj, entry))

    def keeps_type(self, crd: Obj) -> bool:
        """Whether a CRD stays, since objects of its API group do."""
        return crd.spec.get("group") in self.groups

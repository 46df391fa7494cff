"""Objects that hooks of an extension's chart make: helm writes none of its marks onto them.

helm v3.19.5, pkg/action/install.go: setMetadataVisitor sees the resources of a release, not its hooks. Without
`hook-succeeded` in its delete policy an object stays after each installation, as the account, the role and the binding
devops-post-install do (ks-extensions@fbb1871f8f06:devops/charts/agent/templates/post-install-job.yaml).
"""

from collections.abc import Collection

from ks_reset.catalogue.inventory import Agreement, proof_of_inventory
from ks_reset.catalogue.names import HELM_HOOK_ANNOTATION, SERVICE_ACCOUNT_KEY
from ks_reset.model import Obj

PREFIX = "extension "
"""Before the extension's name in the component of an entry (tools/inventory/extensions.py)."""


def hook_release(obj: Obj, releases: Collection[tuple[str, str]]) -> tuple[str, str] | None:
    """The release among these for which a hook made the object: namespace and name; None if none is proven.

    It has the annotation of a hook, and name and content are an extension's in the inventories. An account has no
    content, and no second one can have its name beside the release.
    """
    found = proof_of_inventory(obj) if HELM_HOOK_ANNOTATION in obj.annotations else None
    if found is None or not found.component.startswith(PREFIX):
        return None
    named = found.agreement is Agreement.NAMED and obj.kind.key == SERVICE_ACCOUNT_KEY
    extension = found.component.removeprefix(PREFIX)
    names, homes = (extension, f"{extension}-agent"), {obj.namespace} if obj.namespace else {r[0] for r in releases}
    fitting = (release for release in sorted(releases) if release[1] in names and release[0] in homes)
    return next(fitting, None) if found.proves or named else None

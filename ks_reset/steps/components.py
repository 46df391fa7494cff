"""Remove KubeSphere's components from namespaces that others may use as well, and its objects in kube-system."""

import shlex
from collections.abc import Iterable

from ks_reset import catalogue, seatbelt
from ks_reset.catalogue.inventory import Agreement, proof_of_inventory
from ks_reset.catalogue.names import (
    CLUSTER_ROLE_BINDING_KEY,
    KUBE_SYSTEM_NAMESPACE,
    NAMESPACE_KEY,
    ROLE_BINDING_KEY,
    SECRET_KEY,
    SERVICE_KEY,
    WEBHOOK_KEYS,
    WORKLOAD_KEYS,
)
from ks_reset.facts.istio import HOME, OPERATOR_KEY, istio_of
from ks_reset.facts.shared_namespaces import SharedNamespaces
from ks_reset.facts.shared_programs import SharedProgram, shared_programs
from ks_reset.model import ClusterFacts, Obj, Skipped
from ks_reset.steps.step import Removal, Step, StepContext

SHOWN = 3


def remove_instances(cluster: ClusterFacts, context: StepContext) -> Iterable[Removal]:
    """KubeSphere's own objects of other projects' types, such as its Jaeger and its Kiali, while their operator runs.

    It removes what it made elsewhere, and takes its finalizer off (kiali-operator v1.38.1, watches.yaml,
    kiali.io/finalizer); for both it needs its rights. Objects of KubeSphere's own groups wait for no operator: the
    IPTables of kubeedge is delivered with a finalizer (ks-installer v3.2.1, roles/kubeedge, iptables.yaml), which
    release-finalizers takes off.
    """
    proven = SharedNamespaces(cluster, context.request).proven()
    others = (each for each in proven if not catalogue.is_own_group(each.obj.kind.group))
    return (Removal(each.obj, each.why, each.anchor.uid) for each in others if _is_instance(each.obj))


def remove_components(cluster: ClusterFacts, context: StepContext) -> Iterable[Removal | Skipped]:
    """The proven objects outside a namespace that goes whole, and KubeSphere's Services in kube-system."""
    shared = SharedNamespaces(cluster, context.request)
    users = _role_users(cluster, shared)
    for proven in shared.proven():
        obj = proven.obj
        if obj.kind.key in WEBHOOK_KEYS or obj.namespace in shared.going or _is_instance(obj):
            continue
        if bindings := users.foreign_bindings(obj):
            yield _kept_role(cluster, obj, bindings)
            continue
        yield Removal(obj, proven.why, "" if obj.uid == proven.anchor.uid else proven.anchor.uid)
    for service in cluster.of(SERVICE_KEY):
        if service.namespace == KUBE_SYSTEM_NAMESPACE and (proof := catalogue.delivered_service_proof(service)):
            yield Removal(service, proof)
    yield from _shared_programs(cluster, context)
    yield from _staying(cluster, shared)


def going_namespaces(cluster: ClusterFacts, context: StepContext) -> Iterable[Removal | Skipped]:
    """The shared namespaces with nothing but KubeSphere's component inside; a seatbelt put on before keeps them."""
    shared = SharedNamespaces(cluster, context.request)
    for namespace in (n for n in cluster.of(NAMESPACE_KEY) if n.name in shared.going):
        if why := why_belted(cluster, namespace):
            yield Skipped(cluster.name, namespace.title, why)
        else:
            yield Removal(namespace, "nothing is in it but KubeSphere's component and what controllers make")


def why_belted(cluster: ClusterFacts, namespace: Obj) -> str:
    """Why a shared namespace stays under a seatbelt that was put on before; "" if none keeps it."""
    belt = seatbelt.present(cluster)
    if not belt or namespace.name in belt.excepted_namespaces:
        return ""
    off = shlex.join(["ks-reset", "protect", "off", "--context", cluster.context])
    return f"the seatbelt that is on keeps it; {off}, then plan again"


def later_command(cluster: ClusterFacts, namespace: Obj) -> str:
    """How to remove a shared namespace whose label is taken off: no later plan knows whose it is."""
    delete = shlex.join(["kubectl", "--context", cluster.context, "delete", "namespace", namespace.name])
    return f"no later plan removes it: once nobody needs anything in it, {delete}"


def _role_users(cluster: ClusterFacts, shared: SharedNamespaces) -> catalogue.RoleUsers:
    """The bindings that stay, by role: not those of a component or an extension, which go as well."""
    of_extension = catalogue.extensions_of(cluster).proof
    bindings = (*cluster.of(CLUSTER_ROLE_BINDING_KEY), *cluster.of(ROLE_BINDING_KEY))
    return catalogue.RoleUsers(obj for obj in bindings if not shared.goes(obj) and not of_extension(obj))


def _kept_role(cluster: ClusterFacts, role: Obj, bindings: Iterable[Obj]) -> Skipped:
    names = ", ".join(binding.title for binding in bindings)
    where = ["-n", role.namespace] if role.namespace else []
    delete = ["kubectl", "--context", cluster.context, *where, "delete", role.kind.resource, role.name]
    why = f"{names} uses it and is not KubeSphere's; once nobody needs it, {shlex.join(delete)}"
    return Skipped(cluster.name, role.title, why)


def _staying(cluster: ClusterFacts, shared: SharedNamespaces) -> Iterable[Skipped]:
    """What stays, each with the reason: namespaces with more in them, types of others, and shared programs."""
    for home, unknown in shared.unknown.items():
        names = ", ".join(obj.title for obj in unknown[:SHOWN]) + (" …" if len(unknown) > SHOWN else "")
        why = f"{len(unknown)} object(s) in it are not known to be KubeSphere's: {names}"
        yield Skipped(cluster.name, f"Namespace {home}", why)
    for plane in istio_of(cluster).control_planes if HOME in shared.homes else ():
        if plane.why_kept:
            why = (
                f"{plane.why_kept}. To remove it, with an istioctl of its version: istioctl --context "
                f"{cluster.context} x uninstall --revision {plane.revision}"
            )
            yield Skipped(cluster.name, f"{len(plane.objects)} objects of istio's revision {plane.revision}", why)
    for namespace in shared.unproven():
        why = "nothing proves that the objects in it with names of a component are KubeSphere's"
        yield Skipped(cluster.name, namespace.title, f"{why}; {later_command(cluster, namespace)}")
    for obj in shared.unproven_outside():
        delete = shlex.join(["kubectl", "--context", cluster.context, "delete", obj.kind.resource, obj.name])
        why = "it has a name of a component whose program is gone or another's"
        yield Skipped(cluster.name, obj.title, f"{why}; once nobody needs it, {delete}")
    for crd in shared.types():
        command = f"kubectl --context {cluster.context} delete crd {crd.name}"
        why = f"others may use a type of {crd.spec['group']}; if nobody does, {command} removes it with its objects"
        yield Skipped(cluster.name, crd.title, why)
    known = {program.workload.uid for program in shared_programs(cluster).present}
    for workload in (obj for key in WORKLOAD_KEYS for obj in cluster.of(key) if obj.namespace == KUBE_SYSTEM_NAMESPACE):
        proof = proof_of_inventory(workload) if workload.uid not in known else None
        if proof and proof.agreement in (Agreement.SAME, Agreement.IMAGES):
            yield Skipped(cluster.name, workload.title, "others may use it")


def _shared_programs(cluster: ClusterFacts, context: StepContext) -> Iterable[Removal | Skipped]:
    """The programs that everybody uses: they stay, with the flag that takes them, or go if it was given."""
    programs = shared_programs(cluster)
    named = programs.named(context.request)
    for program in programs.present:
        users, flag = _users_in_words(program), f"--without-operator {program.entry.name}"
        if program not in named:
            why = f"it stays, whoever brought it: {users}. To remove it too: {flag}"
            yield Skipped(cluster.name, program.workload.title, why)
            continue
        for user in program.users:
            why = f"it stays, and its {program.entry.name} goes (--without-operator): {program.entry.loses}"
            yield Skipped(cluster.name, user.title, why)
        bindings = (*cluster.of(CLUSTER_ROLE_BINDING_KEY), *cluster.of(ROLE_BINDING_KEY))
        roles = catalogue.RoleUsers(obj for obj in bindings if not programs.goes(obj, context.request))
        for obj, proof in sorted(program.parts, key=lambda part: part[0].kind.key == SECRET_KEY):
            if foreign := roles.foreign_bindings(obj):
                yield _kept_role(cluster, obj, foreign)
            else:
                yield Removal(obj, proof, program.workload.uid)
        yield Removal(program.workload, "as delivered, and named by --without-operator")


def _users_in_words(program: SharedProgram) -> str:
    """Who uses a program here, as a phrase."""
    names = ", ".join(obj.title for obj in program.users[:SHOWN]) + (" …" if len(program.users) > SHOWN else "")
    return f"{len(program.users)} object(s) of users need it ({names})" if names else "nothing here uses it now"


def _is_instance(obj: Obj) -> bool:
    """Whether an object is of another project's type; istioctl's own record is none, nobody acts on it."""
    return obj.kind.key != OPERATOR_KEY and "." in obj.kind.group and not obj.kind.group.endswith(".k8s.io")


REMOVE_INSTANCES = Step(
    "remove-instances",
    "Their operator must still run, with its rights, to take its finalizer off and to remove what it made.",
    after=("prove-quiet", "remove-webhooks"),
    removes=remove_instances,
)
REMOVE_COMPONENTS = Step(
    "remove-components",
    "A namespace is known by its label, which goes later, and a component by its program, which goes last.",
    after=("remove-instances",),
    removes=remove_components,
)

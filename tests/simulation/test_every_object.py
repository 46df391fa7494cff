"""For every object of some fleets: its blockers, and the effects of every event."""

from typing import Any

import msgspec
import pytest
from msgspec import structs

from ks_reset.errors import Usage
from ks_reset.model import LOST, FleetFacts, Gap
from ks_reset.simulation import State, as_numbered_lines, blockers_of, consequences_of, run_controllers
from ks_reset.simulation.actors import kubefed, manager_version
from ks_reset.simulation.events import apply_event
from ks_reset.simulation.explain import Explanation, explain_object
from ks_reset.simulation.objects import OwnerRef, SimObject
from ks_reset.simulation.reading import as_obj
from ks_reset.simulation.run import Trace
from tests.build import Rows, facts
from tests.golden_files import same
from tests.interleavings.small import Small

WHEN = "2026-01-01T00:00:00Z"
EVENTS = (
    *("nothing", "deleted", "it is deleted", "added to Workspace ws1", "workspace ws1 deleted", "kubefed restarts"),
    *("ks-controller-manager restarts", "KubeSphere is installed again"),
)


def dying(api: str, name: str, namespace: str = "", finalizers: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    group, _, kind = api.rpartition("/")
    meta = {"name": name, "deletionTimestamp": WHEN, "finalizers": list(finalizers)}
    meta |= {"namespace": namespace} if namespace else {}
    return {"apiVersion": group or "v1", "kind": kind, "metadata": meta, **more}


def odd() -> FleetFacts:
    conversion = {
        "webhook": {"clientConfig": {"service": {"namespace": "x", "name": "convert"}}},
        "strategy": "Webhook",
    }
    big = {"group": "example.com", "names": {"kind": "Big", "plural": "bigs"}, "conversion": conversion}
    hook = {
        "name": "h.example.com",
        "clientConfig": {"service": {"namespace": "x", "name": "h"}},
        "rules": [{"apiGroups": [""], "operations": ["UPDATE"], "resources": ["secrets"]}],
    }
    claim = {"nodeName": "n", "volumes": [{"persistentVolumeClaim": {"claimName": "data"}}]}
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "front", "uid": "uid-of-ConfigMap-a-front"}
    rows: Rows = [
        dying("Namespace", "a"),
        dying("Namespace", "wiped", spec={}),
        dying("Namespace", "held", finalizers=("example.com/hold",)),
        dying("ConfigMap", "c", "a", ("example.com/hold",)),
        dying("Secret", "s", "a", ("finalizers.kubesphere.io/x",)),
        dying("ConfigMap", "front", "a", ("foregroundDeletion",)),
        dying("ConfigMap", "loose", "a", ("orphan",)),
        {"kind": "ConfigMap", "metadata": {"name": "tied", "namespace": "a", "ownerReferences": [owner]}},
        dying("PersistentVolumeClaim", "data", "a", ("kubernetes.io/pvc-protection",)),
        dying("PersistentVolume", "v", finalizers=("kubernetes.io/pv-protection",)),
        {"kind": "Pod", "metadata": {"name": "p", "namespace": "a"}, "spec": claim},
        dying(
            "apiextensions.k8s.io/v1/CustomResourceDefinition",
            "bigs.example.com",
            finalizers=("customresourcecleanup.apiextensions.k8s.io",),
            spec=big,
        ),
        *(dying("example.com/v1/Big", f"big{i}", finalizers=("example.com/hold",)) for i in range(5)),
        dying("types.kubefed.io/v1beta1/FederatedConfigMap", "f", "a", ("kubefed.io/sync-controller",)),
        dying("core.kubefed.io/v1beta1/FederatedTypeConfig", "t", "a", ("core.kubefed.io/federated-type-config",)),
        dying("admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration", "hooks", webhooks=[hook]),
    ]
    known = facts(rows)
    gaps = (Gap("API group metrics.k8s.io/v1beta1", "503"),)
    return structs.replace(known, host=structs.replace(known.host, gaps=gaps))


WORLDS = {
    "odd": odd(),
    "healthy": Small(kubefed=True, stale=False).facts(),
    "two_records": Small().facts(),
    "dying": Small(manager=False, stale=False, workspace="dying").facts(),
    "gone": Small(manager=False, stale=False, workspace="gone").facts(),
}


@pytest.mark.parametrize("name", WORLDS)
def test_the_blockers_of_each_object_read_as_in_the_golden_file(name: str) -> None:
    state = State.of(WORLDS[name])
    lines = []
    for subject in state.objects.values():
        blockers = blockers_of(state, subject)
        lines += [f"{subject.id.title}:"] if blockers else []
        lines += [f"  {h.object}: {h.what}; {h.who}, runs: {h.runs}; {h.release}" for h in blockers]
    same(f"holds_{name}.txt", "\n".join(lines) + "\n")


@pytest.mark.parametrize("name", WORLDS)
def test_the_effects_of_each_event_read_as_in_the_golden_file(name: str) -> None:
    state = State.of(WORLDS[name])
    lines = []
    for subject in state.objects.values():
        for event in EVENTS if subject.id.name == "shop" else EVENTS[1:2]:
            lines += [
                f"{subject.id.title} on {subject.id.cluster}, {event}:",
                *consequence_lines(state, subject, event),
            ]
    same(f"events_{name}.txt", "\n".join(lines) + "\n")


def consequence_lines(state: State, subject: SimObject, event: str) -> list[str]:
    try:
        then, moves = apply_event(state, subject, event)
    except Usage as error:
        return [f"  {error}"]
    story = run_controllers(then)
    whole = Trace(state, (*moves, *story.transitions), story.after)
    return [f"  {e.cluster} {e.fate} {e.object} {e.detail}\n{as_numbered_lines(e)}" for _, e in consequences_of(whole)]


@pytest.mark.parametrize("name", WORLDS)
def test_explanations_read_as_in_the_golden_file(name: str) -> None:
    known = WORLDS[name]
    lines = []
    for world in known.clusters:
        for obj in world.all():
            for event in EVENTS if obj.name == "shop" else EVENTS[:1]:
                try:
                    answer: Any = explain_object(known, world.identity, obj, (event,))
                except Usage as error:
                    answer = str(error)
                lines.append(f"{event}: {msgspec.json.encode(answer, order='sorted').decode()}")
    same(f"explained_{name}.txt", "\n".join(lines) + "\n")


WHEN_BY_VERDICT = {
    "stays": ("Not as things stand", "Not by that", "Not as long as the API server refuses it"),
    "changed": ("Immediately", "As soon as"),
    "lost": ("Immediately", "As soon as"),
    "stuck": ("Never by itself", "It goes once nothing holds it any more"),
}


@pytest.mark.parametrize("name", WORLDS)
def test_no_sentence_of_an_explanation_contradicts_another_one(name: str) -> None:
    known = WORLDS[name]
    state = State.of(known)
    for world in known.clusters:
        running = {"kubefed": kubefed.is_running(state)}
        running["ks-controller-manager"] = world.identity in manager_version.running_clusters(state)
        for obj in world.all():
            for event in ((), ("kubefed restarts",), ("ks-controller-manager restarts",)):
                try:
                    said = explain_object(known, world.identity, obj, event)
                except Usage:  # there is no such controller here
                    continue
                require_consistent(said, running if not event else {})


def require_consistent(said: Explanation, running: dict[str, bool]) -> None:
    """Fails if the time of an explanation does not fit its verdict, or a mark does not fit what runs."""
    assert said.sooner.startswith(WHEN_BY_VERDICT[said.verdict]), said
    assert said.verdict != "stuck" or said.sooner.startswith("Never") != all(hold.runs for hold in said.holds), said
    assert (said.verdict == "stays") <= (not any(fate.fate in LOST for fate in said.fates)), said
    assert "No known controller" not in said.sooner, said
    for mark in said.marks:
        for actor, runs in running.items():
            if mark.means.startswith(actor):
                assert runs == ("does not run" not in mark.means), said


def test_objects_after_moves_are_as_they_would_be_read() -> None:
    state = State.of(Small(kubefed=True).facts())
    named = {subject.id.title: subject for subject in state.objects.values() if subject.id.cluster == "uid-of-host"}
    shop, deployment = named["Namespace shop"], next(t for t in named.values() if t.replicas == 1)
    new = OwnerRef("Big.example.com", "x", "uid of x", True)
    changed = [
        shop.with_fields(owners=(*shop.owners, new), uid="another"),
        shop.with_fields(owners=(), finalizers=("spec/kubernetes",)),
        shop.with_fields(finalizers=("finalizers.kubesphere.io/namespaces",), labels=(("a", "b"),)),
        shop.with_fields(finalizers=("spec/none",), deleting=True),
        deployment.with_fields(replicas=0),
        deployment.with_fields(replicas=3, deleting=True),
    ]
    text = msgspec.json.format(
        msgspec.json.encode([as_obj(subject).body for subject in changed], order="sorted"), indent=1
    )
    same("objects_after.json", text.decode() + "\n")
    assert as_obj(shop) is shop.obj

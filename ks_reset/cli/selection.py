"""The flags that choose the members to work on, and what of a user's may go or stays."""

import re
from typing import Annotated, ClassVar

from ks_reset.catalogue import COVERED, component_of_type, is_own_group, load_catalogue
from ks_reset.catalogue.components import component_named, component_word
from ks_reset.cli.flags import FlagGroup, flag
from ks_reset.errors import NAME, Correction, Usage, corrected_to, left_out
from ks_reset.facts.kept import discarded_types
from ks_reset.model import Options, Request

DNS = re.compile(r"[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?")
Shared = Annotated[
    list[str],
    flag(
        "--shared",
        metavar="NAME",
        text="A member that another host manages too: only this host's traces go there; may be repeated.",
    ),
]
GoneHost = Annotated[
    list[str],
    flag(
        "--gone-host",
        metavar="ACCOUNT",
        text="An account, <cluster>-<host>, of a host that is gone for good; may be repeated.",
    ),
]
AcceptLoss = Annotated[
    list[str],
    flag(
        "--accept-loss",
        metavar="NAMESPACE",
        text="Take a seatbelt off although this namespace, or cluster-wide object, is lost then; may be repeated.",
    ),
]


class Selection(FlagGroup, frozen=True):
    """The members to work on, and limits of the work."""

    panel: ClassVar[str] = "What goes and what stays"

    delete_data: Annotated[
        list[str],
        flag(
            "--delete-data",
            metavar="NAMESPACE",
            text="Let the PersistentVolumeClaims of this KubeSphere namespace go with it; may be repeated.",
        ),
    ] = []
    discard: Annotated[
        list[str],
        flag(
            "--discard",
            metavar="KIND/NAMESPACE/NAME",
            text="Let this object go: one of unknown origin with KubeSphere's namespace (NAMESPACE alone: all such "
            "objects in it), a binding of KubeSphere's accounts alone, a federated object whose target does not "
            "exist, or one that the plan keeps though an extension's helm release marks it. With the name of a CRD, "
            "such as pipelines.devops.kubesphere.io: that type with every object in the clusters; of a type of "
            "others, the objects of extensions. May be repeated.",
        ),
    ] = []
    members: Annotated[
        list[str],
        flag("--members", metavar="all|none|NAME", text="Which members to work on. (default: all)"),
    ] = []
    later: Annotated[
        list[str],
        flag(
            "--later",
            metavar="NAME",
            text="A member left for later: it must not be touched today, or does not answer; may be repeated.",
        ),
    ] = []
    shared: Shared = []
    gone_host: GoneHost = []
    accept_loss: AcceptLoss = []

    keep_operator: Annotated[
        list[str],
        flag(
            "--keep-operator",
            metavar="NAME",
            text="An operator of KubeSphere's that stays, with its namespace: users' objects need it; may be repeated.",
        ),
    ] = []
    without_operator: Annotated[
        list[str],
        flag(
            "--without-operator",
            metavar="NAME",
            text="An operator of KubeSphere's that goes although users' objects need it, or a program in kube-system "
            "that KubeSphere brought and that stays otherwise, such as snapshot-controller; may be repeated.",
        ),
    ] = []

    keep_type: Annotated[
        list[str],
        flag(
            "--keep-type",
            metavar="CRD",
            text="A type in KubeSphere's API groups, by the name of its CRD, that stays with all its objects; may be "
            "repeated.",
        ),
    ] = []

    only: Annotated[
        list[str],
        flag(
            "--only",
            metavar="COMPONENT[,COMPONENT]",
            text="For uninstall: remove these components alone, such as devops,logging or an extension of 4.x; the "
            "core and all others stay. May be repeated.",
        ),
    ] = []
    keep: Annotated[
        list[str],
        flag(
            "--keep",
            metavar="COMPONENT",
            text="For uninstall: a component that stays, with its namespace, types and rights, such as monitoring or "
            "an extension of 4.x; may be repeated.",
        ),
    ] = []

    leave: Annotated[
        bool,
        flag(
            "--leave",
            text="For uninstall: KubeSphere does not come back. People keep the RoleBindings in their namespaces, and "
            "the plan says what to put in the place of all else that their namespaces relied on.",
        ),
    ] = False

    def as_options(self, record: list[str] = []) -> Options:
        """The options of these flags. Raises Usage if two flags exclude each other."""
        for name in (*self.members, *self.later, *self.shared):
            if not DNS.fullmatch(name):
                raise Usage(f"'{name}' is not the name of a cluster.", Correction(name, NAME))
        for key in self.discard:
            if key.count("/") > 2 or not all(key.split("/")):
                raise Usage(
                    f"--discard {key} is neither KIND/NAMESPACE/NAME, such as ConfigMap/kubesphere-system/notes or "
                    "Deployment.apps/kubesphere-system/web, nor KIND/NAME, nor a namespace, nor the name of a CRD.",
                    *left_out(f"--discard {key}"),
                )
        if len(self.members) > 1 and {"all", "none"} & set(self.members):
            alone = {"all", "none"} & set(self.members)
            raise Usage(
                "--members all and --members none stand alone.",
                *left_out(*(f"--members {name}" for name in sorted(alone))),
            )
        if both := set(self.members) & set(self.later):
            what = f"{min(both)} cannot be worked on with --members and left with --later at once."
            raise Usage(what, *left_out(f"--later {min(both)}"))
        _require_operators(self.keep_operator, self.without_operator)
        only, kept = (_component_names(words) for words in (self.only, self.keep))
        if only and self.leave:
            what = "With --only KubeSphere stays, and with --leave it goes for good."
            raise Usage(what, Correction("--leave", ""))
        if both := set(only) & set(kept):
            word = component_word(min(both))
            what = f"{word} cannot go (--only) and stay (--keep) at once."
            raise Usage(what, *left_out(f"--keep {word}"))
        request = Request(
            records=tuple(record),
            data=tuple(self.delete_data),
            members=tuple(self.members) or ("all",),
            later=tuple(self.later),
            shared=tuple(self.shared),
            gone=tuple(self.gone_host),
            accepted=tuple(self.accept_loss),
            discard=tuple(self.discard),
            kept_operators=tuple(self.keep_operator),
            forgone_operators=tuple(self.without_operator),
            kept_types=tuple(self.keep_type),
            only=only,
            kept_components=kept,
            leave=self.leave,
        )
        _require_types(request)
        return Options(request)


def _component_names(words: list[str]) -> tuple[str, ...]:
    """The components that words name, as the inventories name them; several are separated by commas."""
    named = (word.strip() for words_given in words for word in words_given.split(","))
    return tuple(dict.fromkeys(component_named(word) for word in named if word))


def _require_operators(kept: list[str], forgone: list[str]) -> None:
    """Raises Usage for an unknown operator, or one that is to stay and to go."""
    known = [entry.name for entry in load_catalogue().operators]
    shared = [entry.name for entry in load_catalogue().shared_programs]
    for name in (*kept, *forgone):
        if name in kept and name in shared:
            what = f"{name} stays in any case. Leave --keep-operator {name} out."
            raise Usage(what, *left_out(f"--keep-operator {name}"))
        if name not in (*known, *shared):
            what = f"'{name}' is no operator of KubeSphere's; these are: {', '.join(known)}."
            raise Usage(what, *corrected_to(known, name))
    if both := set(kept) & set(forgone):
        what = f"{min(both)} cannot stay (--keep-operator) and go (--without-operator) at once."
        raise Usage(what, *left_out(f"--without-operator {min(both)}"))


def _require_types(request: Request) -> None:
    """Raises Usage for a type outside KubeSphere's API groups, one that is to stay and to go, or KubeSphere's alone."""
    kept, discarded = set(request.kept_types), discarded_types(request)
    for name in sorted(kept | discarded):
        if not is_own_group(name.partition(".")[2]):
            what = f"'{name}' is no type in KubeSphere's API groups, so it stays in any case. Leave the flag out."
            raise Usage(what, *left_out(f"--keep-type {name}" if name in kept else f"--discard {name}"))
    if both := kept & discarded:
        what = f"{min(both)} cannot stay (--keep-type) and go (--discard) at once."
        raise Usage(what, *left_out(f"--discard {min(both)}"))
    operators = load_catalogue().operators
    kept_groups = {group for entry in operators if entry.name in request.kept_operators for group in entry.groups}
    if both := {name for name in discarded if name.partition(".")[2] in kept_groups}:
        what = f"{min(both)} cannot go (--discard): its operator is to stay (--keep-operator)."
        raise Usage(what, *left_out(f"--discard {min(both)}"))
    shared = {group for entry in operators for group in entry.groups}
    for name in sorted(kept):
        if component_of_type(name) in COVERED and name.partition(".")[2] not in shared:
            what = f"{name} is KubeSphere's own type ({component_of_type(name)}), and goes with KubeSphere."
            raise Usage(what, *left_out(f"--keep-type {name}"))

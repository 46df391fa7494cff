"""What is to be installed, as its operator says, and what the outside world answers about it."""

from msgspec import Struct

from ks_reset.model.memory import BeforeImage
from ks_reset.model.objects import Body


class Source(Struct, frozen=True, forbid_unknown_fields=True):
    """The manifest of ks-installer (3.x) or the chart ks-core (4.x): a path or a URL, and its SHA-256 in hex."""

    path: str
    sha256: str = ""


class Values(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """An installation. `version` is KubeSphere's tag, v3.3.1; `images` are those that it needs, beyond the core's.

    `registry` is where images are pulled from instead, as KubeSphere's local_registry says; "" for where they come
    from. What is empty is taken from what ran before. `components` switches pluggable components of 3.x, `spec` is
    merged over all else: into ClusterConfiguration.spec, or the chart's values. `allow` names findings, by id, that do
    not stop the installation.
    """

    version: str
    source: Source
    registry: str = ""
    images: tuple[str, ...] = ()
    storage_class: str = ""
    cluster_role: str = ""
    host_cluster_name: str = ""
    console_port: int = 30880
    jwt_secret: str = ""
    admin_password: str | None = None
    components: dict[str, bool] = {}
    spec: Body = {}
    allow: tuple[str, ...] = ()

    @property
    def release(self) -> tuple[int, ...]:
        """The version as numbers: (3, 3, 1)."""
        numbers = self.version.removeprefix("v").partition("-")[0].split(".")
        return tuple(int(part) for part in numbers if part.isdigit())


MANIFEST = "manifest"


class SourceContent(Struct, frozen=True):
    """What is at the place of a source: its bytes' digest, what kind it is, the version in it; or why it is not there.

    `kind` is chart, MANIFEST, a web page, or something else.
    """

    sha256: str = ""
    kind: str = ""
    version: str = ""
    error: str = ""
    data: bytes = b""


class ExternalAnswers(Struct, frozen=True):
    """What was asked of the outside world: the source, and for every image "" if it is there, else why not."""

    source: SourceContent
    images: dict[str, str] = {}


class Chart(Struct, frozen=True):
    """The chart ks-core as one cluster, by identity, gets it: the SHA-256 of its bytes in hex, and its values.

    Credentials in the values are digests. `makes` are the objects that come of it, each as `Kind.key namespace/name`.
    """

    cluster: str
    sha256: str
    values: Body
    makes: tuple[str, ...] = ()


class Install(Struct, frozen=True):
    """What an installation of this `version` puts on: objects, in order (3.x), or a chart (4.x).

    `differs` is how it is configured otherwise than what ran before: unified diffs, without credentials.
    """

    version: str
    objects: tuple[BeforeImage, ...] = ()
    charts: tuple[Chart, ...] = ()
    differs: str = ""


class MemberJoin(Struct, frozen=True):
    """A member to be joined: the identity that its record has to reach, and the Cluster that says so on the host.

    `certified` says that its kubeconfig brings a client certificate, not only a token.
    """

    reaches: str
    cluster: BeforeImage
    certified: bool = True

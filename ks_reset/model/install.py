"""An installation: its values, its source, and the answers of registries and servers about it."""

from msgspec import Struct

from ks_reset.model.memory import BeforeImage
from ks_reset.model.objects import Body


class Source(Struct, frozen=True, forbid_unknown_fields=True):
    """The manifest of ks-installer (3.x) or the chart ks-core (4.x): a path or a URL, and its SHA-256 in hex."""

    path: str
    sha256: str = ""


class Values(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """An installation. `version` is KubeSphere's tag, v3.3.1; `images` are needed beyond those of the core.

    `registry` replaces the registry of every image, as KubeSphere's local_registry does; "" keeps them. Empty fields
    are taken from the previous installation. `components` switches pluggable components of 3.x, `spec` is merged over
    all else: into ClusterConfiguration.spec, or the chart's values. `allow` names accepted findings, by id.
    """

    version: str
    source: Source
    registry: str = ""
    images: tuple[str, ...] = ()
    storage_class: str = ""
    cluster_role: str = ""
    host_cluster_name: str = ""
    console_port: int = 0
    jwt_secret: str = ""
    admin_password: str | None = None
    components: dict[str, bool] = {}
    spec: Body = {}
    allow: tuple[str, ...] = ()

    @property
    def release(self) -> tuple[int, ...]:
        """The version as numbers: (3, 3, 1)."""
        numbers = self.version.removeprefix("v").partition("-")[0].split(".")
        return tuple(int(part) for part in numbers if part.isdecimal())


MANIFEST = "manifest"


class SourceContent(Struct, frozen=True):
    """The content of a source: digest of its bytes, kind, version in it; or the error that prevented the download.

    `kind` is chart, MANIFEST, a web page, or something else.
    """

    sha256: str = ""
    kind: str = ""
    version: str = ""
    error: str = ""
    data: bytes = b""


class ExternalAnswers(Struct, frozen=True):
    """The answers from outside: the source, and for every image "" if it exists, else the reason."""

    source: SourceContent
    images: dict[str, str] = {}


class Chart(Struct, frozen=True):
    """The chart ks-core for one cluster, by identity: the SHA-256 of its bytes in hex, and its values.

    Credentials in the values are digests. `makes` are its objects, each as `Kind.key namespace/name`.
    """

    cluster: str
    sha256: str
    values: Body
    makes: tuple[str, ...] = ()


class Install(Struct, frozen=True):
    """An installation of this `version`: objects in order (3.x), or charts (4.x).

    `differs` are unified diffs to the previous configuration, without credentials.
    """

    version: str
    objects: tuple[BeforeImage, ...] = ()
    charts: tuple[Chart, ...] = ()
    differs: str = ""


class MemberJoin(Struct, frozen=True):
    """A member to be joined: the identity that its record must reach, and the Cluster to create on the host.

    `certified` is true if its kubeconfig has a client certificate, and not only a token.
    """

    reaches: str
    cluster: BeforeImage
    certified: bool = True

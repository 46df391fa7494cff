"""A client certificate in a kubeconfig works, and its key is in no file while it does."""

import base64
import datetime
import json
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from ks_reset.cluster import Target, connect
from ks_reset.errors import Usage
from ks_reset.rehearsal.plane import Plane

pytestmark = pytest.mark.rehearsal
PEM = serialization.Encoding.PEM


def test_a_client_certificate_is_used_from_memory_alone(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Plane.start("alone", programs, tmp_path) as plane:
        kubeconfig = _with_certificate(plane)
        empty = tmp_path / "temporary"
        empty.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(empty))
        with ThreadPoolExecutor(16) as pool:
            clusters = list(pool.map(lambda _: connect(Target(str(kubeconfig), "alone")), range(64)))
        assert list(empty.iterdir()) == []
        assert {cluster.identity for cluster in clusters} == {plane.cluster.identity}
        assert list(empty.iterdir()) == []


def test_a_certificate_that_is_none_is_said_to_be_so(programs: Path, tmp_path: Path) -> None:
    with Plane.start("alone", programs, tmp_path) as plane:
        config = json.loads(_with_certificate(plane).read_text())
        config["users"][0]["user"]["client-key-data"] = base64.b64encode(b"no key").decode()
        broken = tmp_path / "broken"
        broken.write_text(json.dumps(config))
        with pytest.raises(Usage, match="The certificates of context 'alone'"):
            connect(Target(str(broken), "alone"))


def _with_certificate(plane: Plane) -> Path:
    """The plane's kubeconfig with an administrator's certificate in place of the token."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    ca = x509.load_pem_x509_certificate((plane.folder / "ca.crt").read_bytes())
    ca_key = serialization.load_pem_private_key((plane.folder / "ca.key").read_bytes(), None)
    assert isinstance(ca_key, rsa.RSAPrivateKey)
    names = [(NameOID.ORGANIZATION_NAME, "system:masters"), (NameOID.COMMON_NAME, "someone")]
    now = datetime.datetime.now(datetime.UTC)
    built = x509.CertificateBuilder(ca.subject, x509.Name([x509.NameAttribute(*each) for each in names]))
    built = built.public_key(key.public_key()).serial_number(x509.random_serial_number())
    built = built.not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(days=1))
    certificate = built.sign(ca_key, hashes.SHA256())
    plain = serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    config = json.loads(plane.kubeconfig.read_text())
    config["users"][0]["user"] = {
        "client-certificate-data": base64.b64encode(certificate.public_bytes(PEM)).decode(),
        "client-key-data": base64.b64encode(key.private_bytes(PEM, *plain)).decode(),
    }
    path = plane.folder / "by-certificate"
    path.write_text(json.dumps(config))
    return path

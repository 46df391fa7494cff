"""A kubeconfig with a client certificate instead of a token."""

import base64
import datetime
import json
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

PEM = serialization.Encoding.PEM


def with_certificate(folder: Path) -> Path:
    """The kubeconfig of the control plane in this folder with an administrator's certificate in place of the token."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    ca = x509.load_pem_x509_certificate((folder / "ca.crt").read_bytes())
    ca_key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
    assert isinstance(ca_key, rsa.RSAPrivateKey)
    names = [(NameOID.ORGANIZATION_NAME, "system:masters"), (NameOID.COMMON_NAME, "someone")]
    now = datetime.datetime.now(datetime.UTC)
    built = x509.CertificateBuilder(ca.subject, x509.Name([x509.NameAttribute(*each) for each in names]))
    built = built.public_key(key.public_key()).serial_number(x509.random_serial_number())
    built = built.not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(days=60))
    certificate = built.sign(ca_key, hashes.SHA256())
    plain = serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    config = json.loads((folder / "kubeconfig").read_text())
    config["users"][0]["user"] = {
        "client-certificate-data": base64.b64encode(certificate.public_bytes(PEM)).decode(),
        "client-key-data": base64.b64encode(key.private_bytes(PEM, *plain)).decode(),
    }
    path = folder / "by-certificate"
    path.write_text(json.dumps(config))
    return path

"""The keys of one throwaway control plane: newly created, mode 0600, deleted with its folder."""

import datetime
import ipaddress
import os
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

DAYS = 400
NAMES = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")
ADDRESSES = ("127.0.0.1", "10.0.0.1")


def write_private(path: Path, data: bytes) -> Path:
    """Write a file with mode 0600 from the start; returns its path."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
    return path


def make_certificates(folder: Path) -> None:
    """Write ca.crt, ca.key, server.crt, server.key and sa.key (PEM) for 127.0.0.1."""
    ca_key, server_key, sa_key = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(3))
    ca = _make_certificate("rehearsal-ca", ca_key, "rehearsal-ca", ca_key, authority=True)
    server = _make_certificate("kube-apiserver", server_key, "rehearsal-ca", ca_key, authority=False)
    for name, key in (("ca", ca_key), ("server", server_key), ("sa", sa_key)):
        write_private(folder / f"{name}.key", _private_pem(key))
    for name, certificate in (("ca", ca), ("server", server)):
        write_private(folder / f"{name}.crt", certificate.public_bytes(serialization.Encoding.PEM))


def _private_pem(key: rsa.RSAPrivateKey) -> bytes:
    kind, none = serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, kind, none)


def _make_certificate(
    name: str, key: rsa.RSAPrivateKey, issuer: str, signer: rsa.RSAPrivateKey, *, authority: bool
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_common_name(name))
        .issuer_name(_common_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=DAYS))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if not authority:
        builder = builder.add_extension(_alternative_names(), critical=False)
    return builder.sign(signer, hashes.SHA256())


def _alternative_names() -> x509.SubjectAlternativeName:
    addresses = [x509.IPAddress(ipaddress.ip_address(a)) for a in ADDRESSES]
    return x509.SubjectAlternativeName([*(x509.DNSName(n) for n in NAMES), *addresses])


def _common_name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])

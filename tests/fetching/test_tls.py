"""Certificates that prove nothing and TLS that is too old are named and never accepted; a missing authority can be supplied."""

from __future__ import annotations

import dataclasses
import datetime as dt
import socket
import ssl
import threading
import warnings
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from extractors.fetching.archive import Archive
from extractors.fetching.collect import fetch_all
from extractors.fetching.settings import HostRule
from tests.fetching.badweb import BadWeb
from tests.fetching.conftest import IMPATIENT, here

HOST = "www.example.com"
NOW = dt.datetime.now(dt.UTC)


def certificate(folder: Path, *names: str, days: int = 30) -> Path:
    """A self-signed certificate for `names` with its key, in one file. Negative days: it ended in the past."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    start, end = sorted((NOW - dt.timedelta(days=2 if days > 0 else 60), NOW + dt.timedelta(days=days)))
    alternatives = x509.SubjectAlternativeName(
        [x509.DNSName(n) for n in names] + [x509.IPAddress(ip_address("127.0.0.1"))]
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(start).not_valid_after(end).add_extension(alternatives, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    file = folder / f"{names[0]}{days}.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return file


def server(file: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def fetched(web: BadWeb, folder: Path, **different: object):
    settings = dataclasses.replace(IMPATIENT, obey_robots=False, attempts=2, **different)
    return fetch_all([f"https://{HOST}:{web.port}/page/1"], Archive(folder / "archive"), settings, resolve=here)[0]


def test_a_chain_that_ends_nowhere_is_refused_by_name(tmp_path):
    with BadWeb(tls=server(certificate(tmp_path, HOST))) as web:
        attempt = fetched(web, tmp_path)
    assert attempt.outcome == "certificate_refused"
    assert "self-signed certificate" in attempt.detail
    assert web.requests.total() == 0, "nothing is said to a host that does not prove who it is"
    assert attempt.requests == 1, "asking again would prove no more"


@pytest.mark.parametrize(
    ("names", "days", "said"), [((HOST,), -5, "expired"), (("other.example.com",), 30, "Hostname mismatch")]
)
def test_other_wrong_certificates_are_refused_although_their_authority_is_known(tmp_path, names, days, said):
    file = certificate(tmp_path, *names, days=days)
    with BadWeb(tls=server(file)) as web:
        attempt = fetched(web, tmp_path, hosts={HOST: HostRule(ca_file=str(file))})
    assert attempt.outcome == "certificate_refused"
    assert said in attempt.detail
    assert web.requests.total() == 0


def test_a_missing_authority_is_supplied_for_one_host_only(tmp_path):
    file = certificate(tmp_path, HOST, "else.example.com")
    with BadWeb(tls=server(file)) as web:
        rules = {HOST: HostRule(ca_file=str(file))}
        assert fetched(web, tmp_path, hosts=rules).outcome == "archived"
        settings = dataclasses.replace(IMPATIENT, obey_robots=False, hosts=rules)
        address = f"https://else.example.com:{web.port}/page/1"
        (other,) = fetch_all([address], Archive(tmp_path / "archive"), settings, resolve=here)
    assert other.outcome == "certificate_refused"


def test_old_tls_is_refused_by_name(tmp_path):
    file = certificate(tmp_path, HOST)
    context = server(file)
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with BadWeb(tls=context) as web:
        attempt = fetched(web, tmp_path, hosts={HOST: HostRule(ca_file=str(file))})
    assert attempt.outcome == "tls_failed"
    assert "TLS 1.2" in attempt.detail
    assert web.requests.total() == 0


def test_a_host_without_tls_is_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as plain:

        def speak() -> None:
            connection, _ = plain.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                connection.recv(1000)

        thread = threading.Thread(target=speak)
        thread.start()
        address = f"https://{HOST}:{plain.getsockname()[1]}/"
        settings = dataclasses.replace(IMPATIENT, obey_robots=False)
        (attempt,) = fetch_all([address], Archive(tmp_path / "archive"), settings, resolve=here)
        thread.join(5)
    assert attempt.outcome == "tls_failed"

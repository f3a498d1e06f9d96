"""Certificates for the customers' hosts of a run, of an authority which the relay is told to trust."""

from collections.abc import Iterable
from pathlib import Path

import trustme


def write_certificates(folder: Path, hosts: Iterable[str]) -> Path:
    """One file a host, `HOST.pem` with key and certificate; returns the authority's certificate.

    Each host has its own, as real ones do: to verify one with hundreds of names takes milliseconds.
    """
    authority = trustme.CA()
    for host in hosts:
        authority.issue_cert(host).private_key_and_cert_chain_pem.write_to_path(str(folder / f"{host}.pem"))
    certificate = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(certificate))
    return certificate

"""Addresses of NATS servers, and what they ask for before they let this program in.

In Rust: crates/job-queue/src/secrets.rs
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from workloads import print_note


def secrets(servers: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """The secrets in an address or in the environment, as options of nats-py.

    nats-py reads addresses, too, but would decode no `%40`, and would not show the
    password of one server to the others.
    """
    options: dict[str, Any] = {}
    if tls := _tls(environment):
        options["tls"] = tls

    in_address = next((one for one in _parse(servers) if one.username), None)
    if in_address and in_address.password is None:
        options["token"] = unquote(in_address.username or "")
    elif in_address:
        options["user"] = unquote(in_address.username or "")
        options["password"] = unquote(in_address.password or "")
    elif creds := environment.get("NATS_CREDS"):
        options["user_credentials"] = creds
    elif token := environment.get("NATS_TOKEN"):
        options["token"] = token
    elif user := environment.get("NATS_USER"):
        options["user"] = user
        options["password"] = environment.get("NATS_PASSWORD", "")
    return options


def _tls(environment: Mapping[str, str]) -> ssl.SSLContext | None:
    authority = environment.get("NATS_CA")
    certificate = environment.get("NATS_CERT")
    key = environment.get("NATS_KEY")
    if bool(certificate) != bool(key):
        raise ValueError("NATS_CERT and NATS_KEY need each other")
    for name, file in (("NATS_CA", authority), ("NATS_CERT", certificate), ("NATS_KEY", key)):
        if file and not os.path.isfile(file):
            raise FileNotFoundError(f"cannot read {name}: there is no file {file}")
    if not authority and not certificate:
        return None
    context = ssl.create_default_context(cafile=authority)
    if certificate:
        context.load_cert_chain(certificate, key)
    return context


def without_secrets(servers: str) -> list[str]:
    """The addresses of servers, which may be printed."""
    return [
        server._replace(netloc=server.netloc.rpartition("@")[2]).geturl()
        for server in _parse(servers)
    ]


def warn_of_secrets(servers: str) -> None:
    """Say where a password or a token should not stand."""
    if any(server.username for server in _parse(servers)):
        print_note(
            "every user of this machine can read the password in --server; "
            "NATS_PASSWORD hides it"
        )


def _parse(servers: str) -> list[SplitResult]:
    return [urlsplit(server) for server in servers.split(",")]

"""Asking the web whether something is at an address, and never our own network.

An address is what an editor or a partner typed, and a site may redirect to any other: each host
is looked up here, and only public addresses are connected to.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException, InvalidURL
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Timer
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.db.models import TextChoices
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.client import HTTPResponse
    from urllib.parse import SplitResult

TIMEOUT_SECONDS = 10
"""Of each step: to connect, to send, to receive something."""
DEADLINE_SECONDS = 20
"""Of a whole request: a server may send one byte every nine seconds."""
MAX_REDIRECTS = 5
GONE = frozenset({404, 410})
REFUSED_TO_PROGRAMS = frozenset({401, 403, 405, 406, 407, 429, 451, 999})
"""What sites answer to a program, or to those without an account, where others read a page."""
MISSING_INTERMEDIATE = frozenset({20, 21})
"""Errors of OpenSSL where a server left out a certificate, which browsers find by themselves."""
NAT64 = IPv6Network("64:ff9b::/96")
"""RFC 6052: IPv4 addresses, at their ends."""


class Problem(TextChoices):
    """Why there is nothing for a reader."""

    GONE = "gone", _("page introuvable")
    ERROR = "error", _("le site répond par une erreur")
    SILENT = "silent", _("le site ne répond pas")
    UNKNOWN_HOST = "unknown", _("le site n'existe pas, ou plus")
    CERTIFICATE = "certificate", _("le certificat du site n'est pas valable")
    PRIVATE = "private", _("l'adresse est celle d'un réseau privé")
    INVALID = "invalid", _("l'adresse est mal écrite")
    LOOP = "loop", _("le site renvoie d'adresse en adresse")


@dataclass(frozen=True)
class Answer:
    """What is at an address.

    Attributes:
        problem: why there is nothing, or nothing.
        status: of HTTP, where a server answered.
    """

    problem: Problem | None = None
    status: int | None = None


class PrivateAddress(Exception):
    """A host has no address but private ones."""


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the internet, not of our machine or its networks."""
    ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        # An address of the other kind may be inside of it.
        inner = ip.ipv4_mapped or ip.sixtofour
        if inner is None and ip in NAT64:
            inner = IPv4Address(int(ip) & 0xFFFFFFFF)
        ip = inner or ip
    return ip.is_global and not ip.is_multicast


def connect_publicly(host: str, port: int, timeout: float) -> socket.socket:
    """Connect to a host by one of its public addresses.

    Raises:
        PrivateAddress: it has none.
        OSError: it is unknown, or does not answer.
    """
    error: Exception = PrivateAddress(host)
    for family, kind, protocol, _name, place in socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM
    ):
        if not is_public(str(place[0])):
            continue
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(timeout)
            # To what was looked at just now: asked again, a name may lead elsewhere.
            connection.connect(place)
        except OSError as refused:
            connection.close()
            error = refused
        else:
            return connection
    raise error


class PublicConnection(HTTPConnection):
    """A connection to a host of the internet."""

    def connect(self) -> None:
        self.sock = connect_publicly(self.host, self.port, TIMEOUT_SECONDS)


class SecurePublicConnection(PublicConnection):
    """The same with TLS, and a certificate that is verified."""

    default_port = 443

    def connect(self) -> None:
        super().connect()
        self.sock = _tls().wrap_socket(self.sock, server_hostname=self.host)


CONNECTIONS = {"http": PublicConnection, "https": SecurePublicConnection}


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def fetch(url: str) -> Answer:
    """Return what is at an address, as its headers have it; no more is read."""
    for _hop in range(MAX_REDIRECTS + 1):
        try:
            status, location = _follow(url)
        # ValueError: what no host is called, or no address may have, as http.client refuses it.
        except (PrivateAddress, ValueError, OSError, HTTPException) as error:
            return Answer(_problem_of(error))
        if location is None:
            return _judge(status)
        url = location
        if urlsplit(url).scheme not in CONNECTIONS:
            # An application, a mail: the site answered, and the rest is not the web's.
            return Answer(status=status)
    return Answer(Problem.LOOP)


def _problem_of(error: Exception) -> Problem | None:
    match error:
        case PrivateAddress():
            return Problem.PRIVATE
        case ssl.SSLCertVerificationError(verify_code=code):
            return None if code in MISSING_INTERMEDIATE else Problem.CERTIFICATE
        case socket.gaierror():
            return Problem.UNKNOWN_HOST
        case ValueError() | InvalidURL():
            return Problem.INVALID
        case _:
            return Problem.SILENT


def _judge(status: int) -> Answer:
    if status in GONE:
        return Answer(Problem.GONE, status)
    is_error = status >= 400 and status not in REFUSED_TO_PROGRAMS  # noqa: PLR2004
    return Answer(Problem.ERROR if is_error else None, status)


def _follow(url: str) -> tuple[int, str | None]:
    """Return the status at an address, and where it redirects to, if it does."""
    status, location = _request("HEAD", url)
    if status >= 400:  # noqa: PLR2004
        # Many servers answer that to HEAD alone.
        status, location = _request("GET", url)
    is_redirect = status in {301, 302, 303, 307, 308} and location
    return status, urljoin(url, location) if is_redirect and location else None


def _request(method: str, url: str) -> tuple[int, str | None]:
    parts = urlsplit(iri_to_uri(url))
    connection = CONNECTIONS[parts.scheme](_host_of(parts), parts.port)
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    headers = {"User-Agent": user_agent(), "Accept": "*/*", "Connection": "close"}
    with _deadline(connection):
        try:
            connection.request(method, path, headers=headers)
            response: HTTPResponse = connection.getresponse()
            return response.status, response.getheader("Location")
        finally:
            connection.close()


def _host_of(parts: SplitResult) -> str:
    if not parts.hostname:
        raise ValueError
    host = parts.hostname
    return host if ":" in host else host.encode("idna").decode("ascii")


@contextmanager
def _deadline(connection: HTTPConnection) -> Iterator[None]:
    def cut() -> None:
        with suppress(AttributeError, OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)

    timer = Timer(DEADLINE_SECONDS, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def user_agent() -> str:
    """Return what we call ourselves, and where those who mind us find us."""
    return f"PareLinkChecker/1.0 (+{settings.PUBLIC_URL or settings.WAGTAILADMIN_BASE_URL})"

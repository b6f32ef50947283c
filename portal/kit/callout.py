"""Calling a machine whose address somebody gave us: only on the open Internet and in networks that the operators
named (CALL_NETWORKS), only where the name led once.

The name is resolved one time and the connection goes to that very address, so that a name which answers
differently the second time (DNS rebinding) leads nowhere. No redirect is followed, no proxy is asked.
"""
import ipaddress
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import IO
from urllib.parse import SplitResult, urlsplit

from flask import Flask

from portal.kit import db
from portal.kit.deadline import TooLong, within

SCHEMES = {"https": 443}
CONNECT_S = 5.0
LONGEST_S = 10.0
LONGEST_URL = 300
OWN_NAMES = ("localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
READ_BYTES = 2048
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_OWN_TRANSLATED = ipaddress.ip_network("64:ff9b:1::/48")  # RFC 8215


class NotReached(Exception):
    """The call did not succeed; the words say why and name no content."""


class NotAllowed(NotReached):
    """The address is none that may be called."""


@dataclass(frozen=True)
class Answer:
    """What a machine answered: any status, the beginning of its body, whether JSON or not."""

    status: int
    body: bytes


def check(url: str, also: Sequence[Network] = ()) -> SplitResult:
    """The parts of an address that may be called, as far as can be told without asking for its name. `also`:
    networks that are not public and may be called all the same. Raises NotAllowed."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise NotAllowed("the address has not the form of one") from error
    if len(url) > LONGEST_URL or not url.isascii() or any(c <= " " for c in url):
        raise NotAllowed("the address has not the form of one")
    if parts.scheme not in SCHEMES or not parts.hostname or parts.username or parts.password or port == 0:
        raise NotAllowed("only https addresses without a user name are called")
    host = parts.hostname.rstrip(".")
    address = _literal(host)
    if host in OWN_NAMES or host.endswith(".localhost") or (address and not _may_call(address, also)):
        raise NotAllowed("the address is not on the open Internet")
    return parts


def post(url: str, body: bytes, headers: dict[str, str], also: Sequence[Network] = ()) -> int:
    """POST `body`; returns the status, 200 to 299. Raises NotReached for everything else."""
    status = send(url, body, headers, also).status
    if not 200 <= status < 300:
        raise NotReached(f"answered {status}")
    return status


def send(url: str, body: bytes | IO[bytes], headers: dict[str, str], also: Sequence[Network] = (), *,
         longest_s: float = LONGEST_S, most: int = READ_BYTES) -> Answer:
    """POST `body`, from a file piece by piece (its Content-Length must then be among the headers), and return what was
    answered, whatever the status; of its body the first `most` bytes. Raises NotReached where nothing was."""
    return _called("POST", url, body, headers, also, longest_s, most)


def get(url: str, headers: dict[str, str], also: Sequence[Network] = (), *, longest_s: float = LONGEST_S,
        most: int = READ_BYTES) -> Answer:
    """GET a page, and return what was answered, whatever the status; of its body the first `most` bytes. Raises
    NotReached where nothing was."""
    return _called("GET", url, None, headers, also, longest_s, most)


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open Internet, and not to this machine or a network round it."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _OWN_TRANSLATED:
            return False
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if ip.is_site_local:
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_loopback or ip.is_link_local
                                 or ip.is_unspecified)


def _may_call(address: str, also: Sequence[Network]) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    return is_public(address) or any(ip in network for network in also)


def _literal(host: str) -> str | None:
    """The IP address that `host` is, in any of the spellings that connecting takes (127.1, 0x7f000001); else None."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None


def _called(method: str, url: str, body: bytes | IO[bytes] | None, headers: dict[str, str], also: Sequence[Network],
            longest_s: float, most: int) -> Answer:
    db.slow("calling another machine")
    parts = check(url, also)
    try:
        with within(longest_s):  # a machine that shakes hands or answers a byte a second ends here too
            return _answered(method, parts, body, headers, also, longest_s, most)
    except TooLong as error:
        raise NotReached(f"took longer than {longest_s:g} s") from error


def _answered(method: str, parts: SplitResult, body: bytes | IO[bytes] | None, headers: dict[str, str],
              also: Sequence[Network], longest_s: float, most: int) -> Answer:
    port = parts.port or SCHEMES[parts.scheme]
    line = _connected(parts.hostname or "", port, parts.scheme == "https", also)
    call = HTTPConnection(parts.hostname or "", port)
    call.sock = line
    if longest_s > LONGEST_S:  # who is sent much may take long over its answer
        line.settimeout(longest_s)
    try:
        call.request(method, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, headers)
        answer = call.getresponse()
        return Answer(answer.status, answer.read(most))
    except (OSError, HTTPException) as error:
        raise NotReached(type(error).__name__) from error
    finally:
        line.close()


def _connected(host: str, port: int, secure: bool, also: Sequence[Network]) -> socket.socket:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotReached("the name leads nowhere") from error
    if not found or not all(_may_call(str(place[4][0]), also) for place in found):
        raise NotAllowed("the name leads to an address that is not public")
    family, kind, protocol, _name, place = found[0]
    line = socket.socket(family, kind, protocol)
    try:
        line.settimeout(CONNECT_S)
        line.connect(place)
        return ssl.create_default_context().wrap_socket(line, server_hostname=host) if secure else line
    except OSError as error:
        line.close()
        raise NotReached(type(error).__name__) from error


def init_app(app: Flask) -> None:
    """Read CALL_NETWORKS now: a network that is mistyped stops the start, not a call at night."""
    given = app.config["CALL_NETWORKS"]
    names = given.split(",") if isinstance(given, str) else given
    app.config["CALL_NETWORKS"] = tuple(ipaddress.ip_network(str(name).strip()) for name in names)


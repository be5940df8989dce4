"""The only place that opens a connection to an address that somebody has typed: to public hosts, for a short time.

The name is resolved, every address of it is checked, and it is the checked address that is connected to: a name that
resolves to something else a moment later gains nothing. So at each redirect. No proxy, no cookie, no password.
"""

import http.client
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from time import monotonic
from urllib.parse import SplitResult, quote, urljoin, urlsplit

# What is_global lets through or knows only in newer Pythons stands here as well: RFC 6890 and its registry.
NETWORKS = """
0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24
192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
2001::/23 2001:db8::/32 2002::/16 3fff::/20
"""
NOT_PUBLIC = tuple(map(ip_network, NETWORKS.split()))
# All other IPv6 is for no host of the web: mapped and compatible IPv4, NAT64, local, multicast.
PUBLIC_IPV6 = ip_network("2000::/3")

AGENT = "Masthead"  # callers add what they are about
PORTS = {"http": 80, "https": 443}
MOST_REDIRECTS = 3
REDIRECTS = frozenset({301, 302, 303, 307, 308})
SECONDS = 10.0  # for all of it: names, connections, redirects, and the last byte of the answer
MOST_BYTES = 1_000_000
LONGEST_ADDRESS = 2_000
NOT_IN_ADDRESSES = re.compile(r"[\x00-\x20\x7f\\]")
SAFE = "/?:@!$&'()*+,;=~%[]-._"

Address = IPv4Address | IPv6Address


class Unreachable(Exception):
    """No answer: with a sentence that says why. `refused` where it was not even asked."""

    def __init__(self, why: str, *, refused: bool = False) -> None:
        super().__init__(why)
        self.refused = refused


@dataclass(frozen=True)
class Reach:
    """What may be connected to. `opened` are further (address, port), for tests with a server on this machine."""

    opened: frozenset[tuple[str, int]] = frozenset()

    def has(self, address: Address, port: int) -> bool:
        if (str(address), port) in self.opened:
            return True
        return port in PORTS.values() and is_public(address)


@dataclass(frozen=True)
class Answer:
    """What a server said in the end: at `url`, after all redirects. `body` is cut where it is too long."""

    url: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


PUBLIC = Reach()


def is_public(address: Address) -> bool:
    """Whether this is the address of some host on the Internet."""
    if isinstance(address, IPv6Address) and (address.scope_id or address not in PUBLIC_IPV6):
        return False
    return not any(address in network for network in NOT_PUBLIC if network.version == address.version)


def fetch(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    seconds: float = SECONDS,
    most_bytes: int = MOST_BYTES,
    reach: Reach | None = None,
) -> Answer:
    """What is at `url`, at most three redirects further on, in so many seconds altogether. Raises Unreachable.

    What is sent with a body is not sent on elsewhere: then the redirect is the answer.
    """
    end = monotonic() + seconds
    for _ in range(MOST_REDIRECTS + 1):
        answer = ask(url, method, {**(headers or {})}, body, end, most_bytes, reach or PUBLIC)
        place = answer.headers.get("location")
        if answer.status not in REDIRECTS or not place or body is not None:
            return answer
        try:
            url = urljoin(answer.url, place)
        except ValueError:
            raise Unreachable("It leads on to no address.") from None
    raise Unreachable("It leads on and on.")


def ask(
    url: str,
    method: str,
    headers: Mapping[str, str],
    body: bytes | None,
    end: float,
    most_bytes: int,
    reach: Reach,
) -> Answer:
    """One request, without following where it leads."""
    parts, host, port = checked(url)
    sent = {"User-Agent": AGENT, "Accept-Encoding": "identity", "Connection": "close", **headers}
    target = quote(parts.path or "/", safe=SAFE) + (
        f"?{quote(parts.query, safe=SAFE)}" if parts.query else ""
    )
    with (
        unreachable_for_any_reason(),
        connected(host, port, end, reach) as plain,
        ending(plain, end) as is_over,
    ):
        connection = http.client.HTTPConnection(parts.netloc)
        try:
            connection.sock = encrypted(plain, host) if parts.scheme == "https" else plain
            connection.request(method, target, body, sent)
            with closing(connection.getresponse()) as response:
                found = {name.lower(): value for name, value in response.getheaders()}
                content = b"" if method == "HEAD" else response.read(most_bytes)
        except (OSError, ValueError, http.client.HTTPException):
            if is_over():
                raise TimeoutError from None
            raise
        finally:
            connection.close()
        if is_over():
            raise TimeoutError
    return Answer(url, response.status, found, content)


def checked(url: str) -> tuple[SplitResult, str, int]:
    """The parts of an address of the web, its host as DNS writes it, and its port."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS[parts.scheme]
        host = (
            (parts.hostname or "").encode("idna").decode()
            if not is_literal(parts.hostname)
            else parts.hostname
        )
    except (ValueError, KeyError):
        raise Unreachable("This is no address of the web.", refused=True) from None
    odd = NOT_IN_ADDRESSES.search(url) or len(url) > LONGEST_ADDRESS or "@" in parts.netloc
    if odd or not host:
        raise Unreachable("This is no address of the web.", refused=True)
    return parts._replace(netloc=netloc_of(host, parts.port)), host, port


def is_literal(host: str | None) -> bool:
    return bool(host) and ":" in str(host)


def netloc_of(host: str, port: int | None) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"{name}:{port}" if port else name


# Names


def resolved(host: str, port: int, end: float) -> Sequence[Address]:
    """All addresses that the name has, in the order of the system. It is asked aside: it keeps no time itself."""
    found: list[Address] = []
    failed: list[Exception] = []

    def look_up() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(ip_address(row[4][0]) for row in rows)
        except (OSError, ValueError, UnicodeError) as problem:
            failed.append(problem)

    asking = threading.Thread(target=look_up, daemon=True)
    asking.start()
    asking.join(max(0.0, end - monotonic()))
    if failed or not found:
        raise Unreachable("No host has this name." if failed else "Nobody answered in time.")
    return list(dict.fromkeys(found))


@contextmanager
def connected(host: str, port: int, end: float, reach: Reach) -> Iterator[socket.socket]:
    """A connection to the first of its addresses that takes one; none where any of them is not public."""
    addresses = resolved(host, port, end)
    if not all(reach.has(address, port) for address in addresses):
        raise Unreachable("This is not on the public web.", refused=True)
    line = first_open(addresses, port, end)
    try:
        yield line
    finally:
        line.close()


def first_open(addresses: Sequence[Address], port: int, end: float) -> socket.socket:
    problem: OSError = TimeoutError()
    for address in addresses:
        try:
            return socket.create_connection((str(address), port), timeout=max(0.001, end - monotonic()))
        except OSError as failed:
            problem = failed
    raise problem


def encrypted(line: socket.socket, host: str) -> socket.socket:
    """Certificates are checked for the name, not for the address that it was found at."""
    return ssl.create_default_context().wrap_socket(line, server_hostname=host)


@contextmanager
def ending(line: socket.socket, end: float) -> Iterator[Callable[[], bool]]:
    """Cuts the connection when its time is over, however slowly it drips: each wait alone may be short."""
    over = threading.Event()
    raw = socket.socket(fileno=socket.dup(line.fileno()))  # TLS takes the other one over

    def cut() -> None:
        over.set()
        with suppress(OSError):
            raw.shutdown(socket.SHUT_RDWR)

    clock = threading.Timer(max(0.0, end - monotonic()), cut)
    clock.daemon = True
    clock.start()
    try:
        yield over.is_set
    finally:
        clock.cancel()
        raw.close()


@contextmanager
def unreachable_for_any_reason() -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise Unreachable("Nobody answered in time.") from None
    except ssl.SSLError:
        raise Unreachable("Its certificate is not in order.") from None
    except (OSError, ValueError, http.client.HTTPException):
        raise Unreachable("The connection failed.") from None

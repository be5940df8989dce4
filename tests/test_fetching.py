"""Outgoing connections: to public hosts alone, whatever a name, an address or a redirect says, and never for long."""

import json
import socket
from collections.abc import Iterator
from ipaddress import ip_address
from time import monotonic

import pytest

from blog import fetching
from blog.fetching import Unreachable, fetch, is_public
from tests.corpora import corpus
from tests.stubborn import Stubborn, stubborn

SOON = 0.5  # seconds

OF_NO_HOST = """
0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.31.0.1 192.0.0.8 192.0.2.1 192.88.99.1
192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 64:ff9b::7f00:1 64:ff9b:1::1 100::1 2001::1 2001:2::1 2001:db8::1
2002:7f00:1::1 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1 fe80::1%eth0 2600::1%1
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Stubborn]:
    with stubborn() as running:
        yield running


def refusal(url: str, **options: object) -> Unreachable:
    with pytest.raises(Unreachable) as caught:
        fetch(url, seconds=SOON, **options)  # type: ignore[arg-type]  # whichever a test gives
    return caught.value


def test_it_works(server: Stubborn) -> None:
    answer = fetch(f"{server.address}/200/tea?x=ü", reach=server.reach)
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"words", "5")
    assert server.told.startswith("GET /200/tea?x=%C3%BC HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{server.port}\r\n" in server.told
    assert fetch(f"{server.address}/404", method="HEAD", reach=server.reach).status == 404


@pytest.mark.parametrize("address", OF_NO_HOST.split())
def test_no_address_of_another_kind_is_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "93.184.215.14", "172.32.0.1", "2606:4700::1111", "2a00:1450::1"]
)
def test_those_of_the_internet_are(address: str) -> None:
    assert is_public(ip_address(address))


def hostile_addresses() -> list[str]:
    found: list[str] = json.loads(next(corpus("generated").rglob("ssrf_urls.json")).read_text())
    return [*found, "http://[::ffff:7f00:1]/", "http://[64:ff9b::7f00:1]/", "https://a b/", "http://\x00/", "http://:80/",
            "//127.0.0.1/", "javascript:alert(1)", "http://[", "http://x:99999/", "http://" + "a" * 3000]  # fmt: skip


@pytest.mark.parametrize("url", hostile_addresses())
def test_hostile_addresses_are_not_connected_to(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_: object, **__: object) -> None:
        pytest.fail("it was connected to")

    monkeypatch.setattr(socket, "create_connection", connect)
    refusal(url)


def test_other_ports_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "resolved", lambda *_: [ip_address("93.184.215.14")])
    assert refusal("http://example.com:22/").refused
    assert refusal("http://example.com:6379/").refused


def test_one_address_that_is_not_public_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [ip_address("93.184.215.14"), ip_address("127.0.0.1")]
    monkeypatch.setattr(fetching, "resolved", lambda *_: both)
    assert refusal("http://example.com/").refused


def test_the_address_that_was_checked_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads elsewhere the second time is asked for once."""
    asked, connected = [], []

    def look_up(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return [
            (
                socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                ("93.184.215.14" if len(asked) == 1 else "127.0.0.1", port),
            )
        ]

    def connect(address: tuple[str, int], timeout: float) -> None:
        connected.append(address)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    refusal("http://rebinding.example/")
    assert (asked, connected) == (["rebinding.example"], [("93.184.215.14", 80)])


def test_a_proxy_of_the_environment_is_not_asked(server: Stubborn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert fetch(f"{server.address}/200", reach=server.reach).status == 200


# Redirects


def test_redirects_are_followed_three_times(server: Stubborn) -> None:
    def leading(times: int) -> str:
        return server.address + "/leads-to/" * times + "/404"

    assert fetch(leading(3), reach=server.reach).status == 404
    assert str(refusal(leading(4), reach=server.reach)) == "It leads on and on."


def test_a_redirect_to_itself_ends(server: Stubborn) -> None:
    server.asked.clear()
    refusal(f"{server.address}/leads-to/?x", reach=server.reach)
    assert sum(server.asked.values()) == fetching.MOST_REDIRECTS + 1


@pytest.mark.parametrize(
    "place",
    ["http://127.0.0.1:1/", "http://[::1]/", "file:///etc/passwd", "http://169.254.169.254/", "http://a@b/"],
)
def test_a_redirect_is_checked_as_well(server: Stubborn, place: str) -> None:
    assert refusal(f"{server.address}/leads-to/{place}", reach=server.reach).refused


# Limits


@pytest.mark.parametrize("kind", ["hangs", "drips", "drips-words"])
def test_who_is_slow_is_left(server: Stubborn, kind: str) -> None:
    began = monotonic()
    assert str(refusal(f"{server.address}/{kind}", reach=server.reach)) == "Nobody answered in time."
    assert monotonic() - began < 10 * SOON


def test_no_more_is_read_than_wanted(server: Stubborn) -> None:
    assert len(fetch(f"{server.address}/endless", reach=server.reach, most_bytes=1000).body) == 1000


def test_who_lies_about_the_length_does_no_harm(server: Stubborn) -> None:
    assert fetch(f"{server.address}/lies", reach=server.reach).body == b"short"


def test_nonsense_is_no_answer(server: Stubborn) -> None:
    assert str(refusal(f"{server.address}/nonsense", reach=server.reach)) == "The connection failed."


def test_a_name_that_nobody_has_is_told() -> None:
    with pytest.raises(Unreachable, match="No host has this name"):
        fetch("http://no-such-host.invalid/", seconds=20)

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest

from app.alerts.notices.addresses import NotPublicError, addresses_of, is_public, parse_target
from geo.errors import InputError

NONE: frozenset[str] = frozenset()


def _resolves_to(*addresses: str) -> Any:
    return lambda *_args, **_named: [(0, 0, 0, "", (address, 443)) for address in addresses]


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1"),
        *("::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1"),
        *("2002:7f00:1::", "2001:db8::1", "255.255.255.255", "0.0.0.1"),
    ],
)  # fmt: skip
def test_addresses_inside_are_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822", "::ffff:93.184.216.34"]
)
def test_others_are(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "text",
    [
        "http://example.org/hook",
        "https://127.0.0.1/hook",
        "https://[::1]/hook",
        "https://user:password@example.org/",
        "https://example.org/#part",
        "ftp://example.org/",
        "https:///hook",
        "https://example.org:99999/",
        "https://example.org/a b",
        "https://example.org/\r\nHost: x",
        "https://example.org/é",
        "example.org",
        "",
    ],
)
def test_what_is_no_target_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_target(text, NONE)
    assert caught.value.code == "NOTICE_TARGET"
    assert "password@" not in str(caught.value)


def test_a_target_has_parts() -> None:
    target = parse_target("https://Example.ORG:8443/a?key=hush", NONE)
    assert (target.host, target.port, target.path) == ("example.org", 8443, "/a?key=hush")
    assert target.authority == "example.org:8443"
    assert parse_target("https://bücher.example", NONE).authority == "xn--bcher-kva.example"
    assert parse_target("http://[::1]:80/x", frozenset({"::1"})).authority == "[::1]"
    assert parse_target("http://inside:8080", frozenset({"inside"})).path == "/"


def test_a_name_that_leads_inside_is_refused_unless_its_host_is_allowed() -> None:
    target = parse_target("https://hooks.example.org/", NONE)
    with pytest.raises(NotPublicError):
        addresses_of(target, NONE, _resolves_to("93.184.216.34", "10.0.0.1"))
    allowed = frozenset({"hooks.example.org"})
    assert addresses_of(target, allowed, _resolves_to("10.0.0.1", "10.0.0.1")) == ["10.0.0.1"]
    assert addresses_of(target, NONE, _resolves_to("93.184.216.34")) == ["93.184.216.34"]

"""Who a client is: for budgets and limits, told by the nearest address that is not a proxy of ours."""

import pytest

from repository.web.clients import Clients

PROXY = "10.0.0.1"
TRUSTED = "10.0.0.0/8, fd00::/8"


@pytest.mark.parametrize(
    ("peer", "forwarded", "name"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
        (PROXY, "198.51.100.7", "198.51.100.7"),
        (PROXY, "1.1.1.1, 198.51.100.7", "198.51.100.7"),
        (PROXY, "198.51.100.7, 10.0.0.2", "198.51.100.7"),
        (PROXY, "198.51.100.7:50123", "198.51.100.7"),
        (PROXY, "[2001:db8::1]:443", "2001:db8::/64"),
        (PROXY, "2001:db8::ffff", "2001:db8::/64"),
        (PROXY, "::ffff:198.51.100.7", "198.51.100.7"),
        (PROXY, "unknown", PROXY),
        (PROXY, "198.51.100.7, junk17", PROXY),
        (PROXY, "", PROXY),
        ("", "", "unknown"),
    ],
)
def test_a_client_is_the_nearest_address_that_is_no_proxy_of_ours(
    peer: str, forwarded: str, name: str
) -> None:
    environ = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded}
    assert Clients(TRUSTED).name(environ) == name


def test_without_trusted_proxies_nobody_is_believed() -> None:
    assert Clients("").name({"REMOTE_ADDR": PROXY, "HTTP_X_FORWARDED_FOR": "198.51.100.7"}) == PROXY

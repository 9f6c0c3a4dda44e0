from ipaddress import ip_address

import pytest

from escalation import addresses
from escalation.errors import AddressRefused

PUBLIC = [
    *("1.1.1.1", "8.8.8.8", "93.184.215.14", "172.15.0.1", "172.32.0.1", "192.167.255.255"),
    *("100.63.255.255", "100.128.0.1", "169.253.0.1", "11.0.0.1", "223.255.255.254"),
    *("2606:4700::1111", "2001:4860:4860::8888", "2a00:1450:4001::1", "::ffff:8.8.8.8"),
]
REFUSED = {
    "this machine": ["127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "::1", "::"],
    "private": ["10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1"],
    "unique local": ["fc00::1", "fd12:3456::1"],
    "site local": ["fec0::1"],
    "link local": ["169.254.0.1", "169.254.169.254", "fe80::1", "febf::1"],
    "metadata of clouds": ["169.254.170.2", "100.100.100.200", "fd00:ec2::254", "192.0.0.192"],
    "carrier NAT": ["100.64.0.1", "100.127.255.255"],
    "multicast": ["224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"],
    "reserved and broadcast": ["240.0.0.1", "255.255.255.255", "192.0.0.8", "4000::1", "5f00::1"],
    "benchmarks and examples": ["198.18.0.1", "192.0.2.1", "203.0.113.9", "2001:db8::1", "3fff::1"],
    "IPv4 inside IPv6": ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254"],
    "IPv4 compatible": ["::127.0.0.1", "::8.8.8.8", "::ffff:0:10.0.0.1"],
    "NAT64": ["64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1"],
    "6to4 and Teredo": [
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001::1",
        "2001:0:4136::1",
        "192.88.99.1",
    ],
    "orchids": ["2001:10::1", "2001:20::1"],
}


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_called(address):
    assert addresses.is_allowed(ip_address(address))


@pytest.mark.parametrize(
    ("kind", "address"), [(kind, address) for kind, found in REFUSED.items() for address in found]
)
def test_no_other_address_is_called(kind, address):
    assert not addresses.is_allowed(ip_address(address))


@pytest.mark.parametrize(
    ("address", "allowed", "called"),
    [
        ("10.2.3.4", ["10.2.0.0/16"], True),
        ("10.3.0.1", ["10.2.0.0/16"], False),
        ("::ffff:10.2.3.4", ["10.2.0.0/16"], True),
        ("127.0.0.1", ["127.0.0.0/8"], True),
        ("::1", ["127.0.0.0/8"], False),
        ("::1", ["127.0.0.0/8", "::1/128"], True),
        ("fd00::7", ["10.2.0.0/16", "fd00::/8"], True),
        ("64:ff9b::a02:304", ["10.2.0.0/16"], False),
        ("10.2.3.4", ["10.2.3.4"], True),
        ("10.2.3.4", ["10.2.3.9/24"], True),
        ("8.8.8.8", ["10.2.0.0/16"], True),
    ],
)
def test_a_private_network_is_called_where_it_is_allowed_by_name(address, allowed, called):
    assert addresses.is_allowed(ip_address(address), allowed) == called


@pytest.mark.parametrize(
    "url",
    [
        *("https://agent.example/hooks", "http://agent.example:8080/?a=b#c", "https://8.8.8.8/"),
        *("HTTPS://AGENT.EXAMPLE", "https://[2606:4700::1111]/", "https://xn--agnt-bpa.example/"),
        "https://localhost.example/",
    ],
)
def test_a_web_address_may_be_called(url):
    assert addresses.check_url(url) is None


@pytest.mark.parametrize(
    "url",
    [
        *(
            "https://agent.example/\r\nX-Own: 1",
            "https://agent.example/\x00",
            "https://a.example/\x7f",
        ),
        *(
            "https://agént.example/",
            "https://agent.example/é",
            "http://ⓛocalhost/",
            "http://１２７.0.0.1/",
        ),
        *("http://[fe80::1%25eth0]/", "http://[::]/", "http://0.0.0.0/", "http://[::ffff:7f00:1]/"),
        *(
            "http://:80/",
            "http:///",
            "gopher://agent.example/",
            "data:text/plain,x",
            "https:agent.example",
        ),
        *("https://agent.example@127.0.0.1/", "https://127.0.0.1\\@agent.example/"),
        *("unix:///var/run/docker.sock", "http+unix://%2Fvar/"),
    ],
)
def test_what_is_no_public_web_address_is_refused(url):
    with pytest.raises(AddressRefused):
        addresses.check_url(url)

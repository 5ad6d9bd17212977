"""Which network addresses a source may lead us to: public ones, unless its operator says otherwise."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
#: All addresses of a host name and port; raises OSError when there is none.
Resolver = Callable[[str, int], Awaitable[list[Address]]]

# NAT64 (RFC 6052): the last 32 bits are the IPv4 address that is really reached.
_NAT64 = IPv6Network("64:ff9b::/96")
# Everything that IPv6 has ever given out as global; the rest is special or reserved.
_GLOBAL_UNICAST = IPv6Network("2000::/3")


def is_public(address: Address) -> bool:
    """Whether the address, and an IPv4 address hidden in it, is on the open internet."""
    inner = _embedded(address)
    if inner is not None:
        return is_public(inner)
    if address.is_multicast or address.is_unspecified or not address.is_global:
        return False
    return address.version == 4 or address in _GLOBAL_UNICAST


def is_private(address: Address) -> bool:
    """Whether the address is this machine or a private network: what a source with ``allow_private`` may reach.

    Link-local addresses stay closed even then: cloud machines find their credentials there.
    """
    inner = _embedded(address)
    if inner is not None:
        return is_private(inner)
    if address.is_multicast or address.is_unspecified or address.is_link_local:
        return False
    return address.is_loopback or address.is_private


async def resolve(host: str, port: int) -> list[Address]:
    """Ask the system's resolver, in its order, each address once. A literal address is its own answer."""
    try:
        return [ip_address(host)]
    except ValueError:
        pass
    answers = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(str(answer[4][0]).partition("%")[0]) for answer in answers))


def _embedded(address: Address) -> Address | None:
    """Return the IPv4 address inside an IPv4-mapped, 6to4, Teredo or NAT64 address."""
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo:
        return address.teredo[1]
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None

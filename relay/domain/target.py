"""Where the relay may connect: the rules for a webhook's address, as text and as an IP address.

They are applied three times: to the text (`parse_target`), to each DNS answer and at each socket
(`judge_place`), because none of the three sees everything that the parsers and resolvers below may do.
`ipaddress.is_global` is no such rule: it is true for NAT64, 6to4, multicast and some metadata addresses.
"""

import enum
import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import quote

from yarl import URL

from relay.domain.host import canonical_host, has_invisible
from relay.domain.own_bin import bin_name
from relay.errors import TargetRefused

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

MAX_URL_CHARACTERS = 2048


class Reason(enum.StrEnum):
    """Why a target is refused: the stable words of `TargetRefused.reason`, of the log and of the pages."""

    SCHEME = "scheme"  # not an absolute http:// or https:// address
    PLAIN_HTTP = "plain_http"  # http://, and the operator asks for https://
    TOO_LONG = "too_long"
    CHARACTERS = "characters"  # white space, control or invisible characters, backslash
    CREDENTIALS = "credentials"  # a user part
    HOST = "host"  # no host, or a host that parsers could read in two ways
    PORT = "port"
    PRIVATE = "private"  # a private network that the operator has not opened
    RESERVED = "reserved"  # never opened: metadata, link-local, multicast, transition, unallocated
    OWN = "own"  # the relay itself


NETWORK_REASONS = frozenset({Reason.PRIVATE, Reason.RESERVED, Reason.OWN})


_SENTENCES = {
    Reason.SCHEME: "Write the whole address, beginning with https:// or http://.",
    Reason.PLAIN_HTTP: "The address must begin with https://.",
    Reason.TOO_LONG: f"The address is longer than {MAX_URL_CHARACTERS} characters.",
    Reason.CHARACTERS: "The address contains a space, an invisible character or a backslash.",
    Reason.CREDENTIALS: "Leave out the part before the @: user names and passwords are not sent.",
    Reason.HOST: "The host name in the address is not valid.",
    Reason.PORT: "The relay does not connect to this port.",
}


def reason_sentence(reason: Reason) -> str:
    """What is said to people; the same for all network reasons, so that nobody can map a network with it."""
    return _SENTENCES.get(reason, "The relay may not connect to this address.")


_Blocks = dict[int, tuple[tuple[int, int], ...]]


def _blocks(*texts: str) -> _Blocks:
    """(netmask, prefix) of each network, by IP version: plain integers, for each connect is judged."""
    networks = [ip_network(text) for text in texts]
    return {
        version: tuple((int(n.netmask), int(n.network_address)) for n in networks if n.version == version)
        for version in (4, 6)
    }


# Metadata addresses come first: they lie inside ranges that may be opened, or in public space.
_METADATA = _blocks(
    "169.254.0.0/16", "100.100.100.200/32", "168.63.129.16/32",
    "fd00:ec2::/32", "fd20:ce::/64", "fd00:42::42/128", "fd00:c1::a9fe:a9fe/128",
)  # fmt: skip
_OPENABLE = _blocks(
    "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "::1/128"
)
_RESERVED = _blocks(
    "0.0.0.0/8", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
    "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    # IPv6 is a list of what is allowed: all but 2000::/3, and some blocks inside it.
    "::/3", "4000::/2", "8000::/1",
    "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
)  # fmt: skip

# https://fetch.spec.whatwg.org/#port-blocking, those from 1024; below it only the ports of the web are free.
_LOW_PORTS = frozenset({80, 443})
_BAD_PORTS = frozenset(
    {1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566}
    | {6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080}
)

_METADATA_NAMES = frozenset(
    {"metadata", "metadata.google.internal", "metadata.goog", "metadata.tencentyun.com"}
    | {"metadata.azure.internal", "instance-data", "instance-data.ec2.internal"}
)
_EVERYWHERE = ("0.0.0.0", "::", "localhost")  # noqa: S104 - compared, not bound
_LOOPBACK = _blocks("127.0.0.0/8", "::1/128")
_PRIVATE_SUFFIXES = (
    ".localhost", ".localdomain", ".local", ".lan", ".internal", ".intranet", ".private", ".corp", ".home",
    ".home.arpa", ".svc",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetPolicy:
    """What the operator allows.

    `allow_networks` opens private ranges, never the reserved ones. `own_hosts` are the relay's own
    (host, port) pairs, from `public_url` and `listen`; a port of None stands for all ports, a host of
    `0.0.0.0` or `::` for all addresses of this machine.
    """

    allow_networks: tuple[Network, ...] = ()
    allow_http: bool = True
    own_hosts: frozenset[tuple[str, int | None]] = frozenset()

    def __post_init__(self) -> None:
        """Spell the own hosts as `parse_target` spells hosts, so that they can be compared."""
        own = frozenset((canonical_host(host), port) for host, port in self.own_hosts)
        object.__setattr__(self, "own_hosts", own)

    def listens_everywhere(self, port: int) -> bool:
        """Does the relay listen on this port of more addresses than the one written in its settings?"""
        return any((host, port) in self.own_hosts for host in _EVERYWHERE)


def judge_address(address: str | Address, policy: TargetPolicy) -> Reason | None:
    """Why the relay may not connect to this IP address; None if it may. Text that is none is reserved."""
    ip = _as_ip(address) if isinstance(address, str) else address
    if ip is None or _within(ip, _METADATA):
        return Reason.RESERVED
    if _within(ip, _OPENABLE):
        return None if any(ip in network for network in policy.allow_networks) else Reason.PRIVATE
    return Reason.RESERVED if _within(ip, _RESERVED) else None


def judge_place(address: str, port: int, policy: TargetPolicy) -> Reason | None:
    """Why the relay may not connect to this address and port; None if it may."""
    ip = _as_ip(address)
    if ip is not None and _is_own(ip.compressed, port, policy):
        return Reason.OWN
    return judge_address(ip or address, policy)


def parse_target(text: object, policy: TargetPolicy) -> URL:
    """Read a webhook's address; the URL returned is the one to connect to.

    Its host is ASCII and judged. Its path and query are those of the text, byte for byte, apart from what is
    percent-encoded as UTF-8: all that is not ASCII, and in the path what has no place in a URL. The fragment
    is left out. No name is looked up. Of the relay's own addresses only request bins are targets: what goes
    there is handed over in the process, without a connect.

    Raises:
        TargetRefused: The relay may not connect there, or two parsers could read the text differently.
    """
    scheme, authority, rest = _split(_plain_text(text))
    if scheme == "http" and not policy.allow_http:
        raise _refused(Reason.PLAIN_HTTP)
    host, port_text = _host_and_port(authority)
    port = _port(port_text) if port_text is not None else {"http": 80, "https": 443}[scheme]
    if bin_name(host, port, rest.partition("?")[0], policy.own_hosts) is None and (
        reason := _judge_host(host, port, policy)
    ):
        raise _refused(reason)
    return _assemble(scheme, host, port, authority_has_port=port_text is not None, rest=rest)


# --- addresses and names


@lru_cache(4096)
def _as_ip(text: str) -> Address | None:
    """The address of a literal without a zone; None for names."""
    try:
        return ip_address(text) if "%" not in text else None
    except ValueError:
        return None


def _within(ip: Address, blocks: _Blocks) -> bool:
    number = int(ip)
    for mask, prefix in blocks[ip.version]:  # noqa: SIM110 - a generator is slower
        if number & mask == prefix:
            return True
    return False


def _is_own(host: str, port: int, policy: TargetPolicy) -> bool:
    if (host, port) in policy.own_hosts or (host, None) in policy.own_hosts:
        return True
    if not policy.listens_everywhere(port):
        return False
    ip = _as_ip(host)
    return ip is not None and _within(ip, _LOOPBACK)


def _judge_host(host: str, port: int, policy: TargetPolicy) -> Reason | None:
    """Names are judged by their addresses later; here only those that can never be right."""
    if _is_own(host, port, policy):
        return Reason.OWN
    if _as_ip(host) is not None:
        return judge_address(host, policy)
    if host in _METADATA_NAMES:
        return Reason.RESERVED
    is_local = "." not in host or host.endswith(_PRIVATE_SUFFIXES)
    return Reason.PRIVATE if is_local and not policy.allow_networks else None


# --- the text

_UNSAFE_ASCII = re.compile(r"[\x00-\x20\x7f\\]")
_ABSOLUTE = re.compile(r"(https?)://([^/?#]*)([^#]*)", re.IGNORECASE | re.ASCII)  # ASCII: ſ is no s
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[^][:]+)(?::(.*))?", re.IGNORECASE | re.ASCII | re.DOTALL)
_LEFT_IN_PATH = "!#$%&'()*+,/:;=?@[]~"
_LEFT_IN_QUERY = _LEFT_IN_PATH + '"<>^`{|}'


def _refused(reason: Reason) -> TargetRefused:
    return TargetRefused(reason, reason_sentence(reason))


def _plain_text(text: object) -> str:
    if not isinstance(text, str) or not text:
        raise _refused(Reason.SCHEME)
    if len(text) > MAX_URL_CHARACTERS:
        raise _refused(Reason.TOO_LONG)
    if _UNSAFE_ASCII.search(text) or has_invisible(text):
        raise _refused(Reason.CHARACTERS)
    return text


def _split(text: str) -> tuple[str, str, str]:
    """Scheme in lower case, authority, path with query."""
    match = _ABSOLUTE.match(text)
    if not match:
        raise _refused(Reason.SCHEME)
    scheme, authority, rest = match.groups()
    if "@" in authority:
        raise _refused(Reason.CREDENTIALS)
    return scheme.lower(), authority, rest if rest.startswith("/") else "/" + rest


def _host_and_port(authority: str) -> tuple[str, str | None]:
    match = _AUTHORITY.fullmatch(authority)
    if not match:
        raise _refused(Reason.HOST)
    try:
        return canonical_host(match[1]), match[2]
    except ValueError:
        raise _refused(Reason.HOST) from None


def _port(text: str) -> int:
    if not re.fullmatch("[1-9][0-9]{0,4}", text):
        raise _refused(Reason.PORT)
    port = int(text)
    if port > 65535 or port in _BAD_PORTS or (port < 1024 and port not in _LOW_PORTS):
        raise _refused(Reason.PORT)
    return port


def _assemble(scheme: str, host: str, port: int, *, authority_has_port: bool, rest: str) -> URL:
    authority = f"[{host}]" if ":" in host else host
    if authority_has_port:
        authority += f":{port}"
    path, mark, query = rest.partition("?")
    text = f"{scheme}://{authority}{quote(path, safe=_LEFT_IN_PATH)}{mark}{quote(query, safe=_LEFT_IN_QUERY)}"
    if len(text) > MAX_URL_CHARACTERS:
        raise _refused(Reason.TOO_LONG)
    url = URL(text, encoded=True)
    if (url.raw_host, url.port) != (host, port):
        raise _refused(Reason.HOST)
    return url

"""The text of a target, and its address, without any network."""

import ipaddress
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from yarl import URL

from relay.domain.target import (
    MAX_URL_CHARACTERS,
    NETWORK_REASONS,
    Reason,
    TargetPolicy,
    judge_address,
    judge_place,
    parse_target,
    reason_sentence,
)
from relay.errors import TargetRefused
from tests.ssrf import PRIVATE_RANGES, RESERVED_RANGES, Case, corpus, formulated_anew, ranges

PUBLIC = TargetPolicy()
EVERYTHING = TargetPolicy(allow_networks=(ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0")))


def reason_for(text: object, policy: TargetPolicy = PUBLIC) -> str | None:
    try:
        parse_target(text, policy)
    except TargetRefused as refused:
        return refused.reason
    return None


def verdict(case: Case, policy: TargetPolicy) -> str | None:
    """What parsing, and judging each address of the stubbed DNS, come to."""
    try:
        url = parse_target(case.url, policy)
    except TargetRefused as refused:
        return refused.reason
    if not case.answers:  # a literal
        return judge_address(url.raw_host or "", policy)
    if not all(case.answers):
        return "empty"
    addresses = [address for answer in case.answers for address in answer]
    return next((r for a in addresses if (r := judge_place(a, url.port or 0, policy))), None)


def by_id(case: Case) -> str:
    return case.id


@pytest.mark.parametrize("case", corpus(), ids=by_id)
def test_corpus_is_judged_as_expected_when_nothing_is_opened(case: Case) -> None:
    assert (verdict(case, case.closed_policy) is None) == (case.verdict == "allow")


@pytest.mark.parametrize("case", corpus(lambda case: case.verdict == "refuse"), ids=by_id)
def test_what_is_refused_stays_refused_when_all_networks_are_opened(case: Case) -> None:
    assert verdict(case, case.policy(("0.0.0.0/0", "::/0"))) is not None


@pytest.mark.parametrize(
    "case", corpus(lambda case: case.verdict == "refuse-unless-allowed" and "@" not in case.url), ids=by_id
)
def test_private_targets_are_allowed_in_an_opened_network(case: Case) -> None:
    assert verdict(case, case.opened_policy) is None


# --- addresses

ADDRESSES = {
    "0.0.0.0": Reason.RESERVED,
    "10.0.0.1": Reason.PRIVATE,
    "100.100.100.200": Reason.RESERVED,
    "100.100.100.201": Reason.PRIVATE,
    "127.0.0.1": Reason.PRIVATE,
    "168.63.129.16": Reason.RESERVED,
    "168.63.129.17": None,
    "169.254.169.254": Reason.RESERVED,
    "192.0.0.192": Reason.RESERVED,
    "224.0.0.1": Reason.RESERVED,
    "255.255.255.255": Reason.RESERVED,
    "8.8.8.8": None,
    "::": Reason.RESERVED,
    "::1": Reason.PRIVATE,
    "::ffff:8.8.8.8": Reason.RESERVED,
    "::ffff:127.0.0.1": Reason.RESERVED,
    "64:ff9b::808:808": Reason.RESERVED,
    "2001:4860:4860::8888": None,
    "2002:808:808::1": Reason.RESERVED,
    "fd00::1": Reason.PRIVATE,
    "fd00:ec2::254": Reason.RESERVED,
    "fd20:ce::254": Reason.RESERVED,
    "fe80::1": Reason.RESERVED,
    "fe80::1%eth0": Reason.RESERVED,
    "2606:4700::1%eth0": Reason.RESERVED,
    "ff02::1": Reason.RESERVED,
    "localhost": Reason.RESERVED,
    "": Reason.RESERVED,
}


@pytest.mark.parametrize(("address", "reason"), ADDRESSES.items())
def test_addresses_are_public_private_or_reserved(address: str, reason: Reason | None) -> None:
    assert judge_address(address, PUBLIC) is reason


@pytest.mark.parametrize(("address", "reason"), ADDRESSES.items())
def test_opening_everything_opens_private_networks_only(address: str, reason: Reason | None) -> None:
    assert judge_address(address, EVERYTHING) is (None if reason is Reason.PRIVATE else reason)


EDGES = [
    Address(edge)
    for version, first, last in ranges(RESERVED_RANGES + PRIVATE_RANGES)
    for Address, bits in ([(ipaddress.IPv4Address, 32)] if version == 4 else [(ipaddress.IPv6Address, 128)])
    for edge in (first - 1, first, last, last + 1)
    if 0 <= edge < 2**bits
]


@given(address=st.one_of(st.ip_addresses(), st.sampled_from(EDGES)))
@example(address=ipaddress.IPv6Address("1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"))
def test_every_address_is_judged_as_promised(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    assert judge_address(address, PUBLIC) is formulated_anew(address)
    assert judge_address(str(address), PUBLIC) is formulated_anew(address)


@pytest.mark.parametrize("edge", EDGES, ids=str)
def test_blocks_end_where_promised(edge: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    assert judge_address(edge, PUBLIC) is formulated_anew(edge)


@given(address=st.ip_addresses(v=4))
def test_no_ipv4_address_hides_in_an_ipv6_address(address: ipaddress.IPv4Address) -> None:
    for form in ("::ffff:{}", "::{}", "::ffff:0:{}", "64:ff9b::{}"):
        expected = Reason.PRIVATE if form.format(address) == "::0.0.0.1" else Reason.RESERVED
        assert (
            judge_address(form.format(address), EVERYTHING if expected is Reason.RESERVED else PUBLIC)
            is expected
        )


# --- the relay itself


def own(*hosts: tuple[str, int | None], opened: str = "127.0.0.0/8") -> TargetPolicy:
    return TargetPolicy(own_hosts=frozenset(hosts), allow_networks=(ipaddress.ip_network(opened),))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://bridge.example.org/form", Reason.OWN),
        ("https://BRIDGE.example.org:443/form", Reason.OWN),
        ("https://bridge.example.org:8443/form", None),
        ("https://bridge.example.org.evil.example/", None),
        ("http://127.0.0.1:8080/sigfox/data", Reason.OWN),
        ("http://127.0.0.1:8081/hook", None),
        ("https://můj-most.example/", Reason.OWN),
    ],
)
def test_the_relay_does_not_send_to_itself(url: str, expected: Reason | None) -> None:
    policy = own(("Bridge.Example.org", 443), ("127.0.0.1", 8080), ("můj-most.example", 443))
    assert reason_for(url, policy) == expected


def test_own_listen_address_is_known_behind_a_name() -> None:
    policy = own(("127.0.0.1", 8080))
    assert judge_place("127.0.0.1", 8080, policy) is Reason.OWN
    assert judge_place("127.0.0.1", 8081, policy) is None


@pytest.mark.parametrize("listen", ["0.0.0.0", "::", "localhost"])
def test_a_relay_that_listens_everywhere_is_found_at_each_loopback_address(listen: str) -> None:
    policy = own((listen, 8080))
    assert judge_place("127.0.0.1", 8080, policy) is Reason.OWN
    assert judge_place("127.9.9.9", 8080, policy) is Reason.OWN
    assert judge_place("::1", 8080, policy) is Reason.OWN
    assert judge_place("127.0.0.1", 8081, policy) is None


# --- the text


@pytest.mark.parametrize(
    "text", [None, 7, b"https://hooks.example.com/", "", [], "https//x", "https:/x.example/"]
)
def test_what_is_no_absolute_address_is_refused(text: object) -> None:
    assert reason_for(text) == Reason.SCHEME


@pytest.mark.parametrize(
    "text", ["httpſ://hooks.example.com/", "ｈttp://hooks.example.com/", "https+x://hooks.example.com/"]
)
def test_look_alike_schemes_are_refused(text: str) -> None:
    assert reason_for(text) == Reason.SCHEME


def test_plain_http_is_the_operators_choice() -> None:
    strict = TargetPolicy(allow_http=False)
    assert reason_for("http://hooks.example.com/") is None
    assert reason_for("HTTP://hooks.example.com/", strict) == Reason.PLAIN_HTTP
    assert reason_for("https://hooks.example.com/", strict) is None


@pytest.mark.parametrize("code", [*range(0x21), 0x7F, 0x5C])
@pytest.mark.parametrize("form", ["{}https://h.example/", "https://h{}.example/", "https://h.example/a{}b?c"])
def test_control_characters_and_backslashes_are_refused_anywhere(code: int, form: str) -> None:
    assert reason_for(form.format(chr(code))) == Reason.CHARACTERS


@pytest.mark.parametrize(
    "character",
    "\x85\xa0\xad\u034f\u061c\u115f\u1680\u180e\u2003\u200b\u200d\u200e\u2028\u2029\u202e\u2060\u2066\u2800"
    "\u3000\u3164\ufe0f\ufeff\uffa0\ud800\ue000\U000e0041\U000e0101\U0010fffe",
)
@pytest.mark.parametrize("form", ["https://h{}.example/", "https://h.example/{}"])
def test_invisible_characters_are_refused_anywhere(character: str, form: str) -> None:
    assert reason_for(form.format(character)) == Reason.CHARACTERS


@pytest.mark.parametrize("user", ["user:secret@", "user@", "@", ":@", "127.0.0.1@", "a@b@", "%40@"])
def test_a_user_part_is_refused_and_not_repeated(user: str) -> None:
    with pytest.raises(TargetRefused, match="Leave out") as refused:
        parse_target(f"https://{user}hooks.example.com/", PUBLIC)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("port", "expected"),
    [
        ("", Reason.PORT),
        ("0", Reason.PORT),
        ("00443", Reason.PORT),
        ("+443", Reason.PORT),
        ("-1", Reason.PORT),
        ("4_43", Reason.PORT),
        ("４４３", Reason.PORT),
        ("٤٤٣", Reason.PORT),
        ("0x50", Reason.PORT),
        ("65536", Reason.PORT),
        ("99999", Reason.PORT),
        ("443:80", Reason.PORT),
        ("22", Reason.PORT),
        ("81", Reason.PORT),
        ("1023", Reason.PORT),
        ("6667", Reason.PORT),
        ("10080", Reason.PORT),
        ("80", None),
        ("443", None),
        ("1024", None),
        ("1880", None),
        ("8123", None),
        ("65535", None),
    ],
)
def test_ports_have_one_spelling_and_are_those_of_the_web_or_high(port: str, expected: Reason | None) -> None:
    assert reason_for(f"https://hooks.example.com:{port}/") == expected


@pytest.mark.parametrize(
    "host",
    [
        "", ".", "..", "a..b", ".example.com", "example.com.", "-a.example", "a-.example",
        "a.example-", "a b", "x" * 64 + ".example", ".".join(["x" * 49] * 6), "{host}", "a,b",
        "a;b", "a!b", "a*b", "a'b", "a&b.example", "a%2eb", "%31.example", "100%", "exa<b>", 'a"b',
        "a|b", "a^b", "a`b", "a~b", "a+b", "a=b.example", "$a", "0", "1", "127.1", "127.0.1",
        "2130706433", "0x7f000001", "0x7f.1", "0x7F.0.0.1", "0177.0.0.1", "1.2.3.0x4", "1.2.3.4.5",
        "256.1.1.1", "1.2.3.256", "01.2.3.4", "1.2.3.04", "a.1", "a.0x", "example.0xff", "1..2",
        "①②⑦.⓪.⓪.①", "１２７.0.0.1", "127。0。0。1", "127．0．0．1", "127｡0｡0｡1", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "ⓔxample.com",
        "ﬀ.example", "\u212a.example", "ſ.example", "℀.example", "㎏.example", "example。com",
        "а。example", "xn--", "xn--a", "xn--a.example", "xn--0.example", "xn--a-ecp.ru--",
        "xn--99999999999.example", "xn--ř.example", "xn--a-.example", "r\u030ci.example", "[", "]",
        "[]", "[:]", "[::1", "::1]", "[::1]x", "x[::1]", "[[::1]]", "[::1%25lo]", "[fe80::1%eth0]",
        "[v1.a]", "[1.2.3.4]", "[::1::]", "[12345::]", "[0::0::1]", "[::ffff:1.2.3]", "[::١]",
        "::1", "2606:4700::1",
    ],
)  # fmt: skip
def test_hosts_with_two_readings_are_refused(host: str) -> None:
    assert reason_for(f"https://{host}/", EVERYTHING) is not None
    assert reason_for(f"https://{host}:8443", EVERYTHING) is not None


@pytest.mark.parametrize(
    ("host", "spelled"),
    [
        ("HOOKS.Example.COM", "hooks.example.com"),
        ("my_host._x.example.com", "my_host._x.example.com"),
        ("r3---sn.example", "r3---sn.example"),
        ("1.example", "1.example"),
        ("1-2-3-4.example", "1-2-3-4.example"),
        ("127.0.0.1.nip.io", "127.0.0.1.nip.io"),
        ("příklad.example.com", "xn--pklad-zsa96e.example.com"),
        ("PŘÍKLAD.example.com", "xn--pklad-zsa96e.example.com"),
        ("XN--pklad-zsa96e.example.com", "xn--pklad-zsa96e.example.com"),
        ("xn--pklad-zsa96e.příklad.cz", "xn--pklad-zsa96e.xn--pklad-zsa96e.cz"),
        ("straße.example", "xn--strae-oqa.example"),
        ("пример.рф", "xn--e1afmkfd.xn--p1ai"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        ("x" * 63 + ".example", "x" * 63 + ".example"),
        ("8.8.8.8", "8.8.8.8"),
        ("[2606:4700:0:0::1111]", "2606:4700::1111"),
        ("[2606:4700::ABCD]", "2606:4700::abcd"),
    ],
)
def test_hosts_get_one_ascii_spelling(host: str, spelled: str) -> None:
    assert parse_target(f"https://{host}/x", PUBLIC).raw_host == spelled


LOCAL_NAMES = [
    "localhost",
    "LOCALHOST",
    "a.localhost",
    "intranet",
    "nas.local",
    "router.lan",
    "x.internal",
    "n.home.arpa",
]


@pytest.mark.parametrize("host", LOCAL_NAMES)
def test_names_of_private_networks_are_refused_at_once_unless_a_network_is_opened(host: str) -> None:
    assert reason_for(f"http://{host}/") == Reason.PRIVATE
    assert reason_for(f"http://{host}/", own(opened="10.0.0.0/8")) is None


def test_metadata_names_are_always_refused() -> None:
    assert reason_for("http://metadata.google.internal/", EVERYTHING) == Reason.RESERVED
    assert reason_for("http://metadata/", EVERYTHING) == Reason.RESERVED


@pytest.mark.parametrize(
    ("rest", "on_the_wire"),
    [
        ("", "/"),
        ("?foo=bar&b=%C5%BE", "/?foo=bar&b=%C5%BE"),
        ("/endpoint?foo=bar&b=%C5%BE", "/endpoint?foo=bar&b=%C5%BE"),
        ("/%ED%A0%80", "/%ED%A0%80"),
        ("/%41%7e%2F%2f/a//b/../c/./d", "/%41%7e%2F%2f/a//b/../c/./d"),
        ("/a+b?c+d=e%20f%2B", "/a+b?c+d=e%20f%2B"),
        ("/x?a[]=1;b='2'&c=@:!$*(),~&&=&?", "/x?a[]=1;b='2'&c=@:!$*(),~&&=&?"),
        ("/100%?x=%zz%", "/100%?x=%zz%"),
        ("/žluť?ž=€", "/%C5%BElu%C5%A5?%C5%BE=%E2%82%AC"),
        ('/"><script>alert(1)</script>', "/%22%3E%3Cscript%3Ealert(1)%3C/script%3E"),
        ("/{a}|b^c`d", "/%7Ba%7D%7Cb%5Ec%60d"),
        ('/{a}?{b}=|<c>"^`', '/%7Ba%7D?{b}=|<c>"^`'),
        ("/http://127.0.0.1/@x:y", "/http://127.0.0.1/@x:y"),
        ("/x?y#@127.0.0.1/", "/x?y"),
        ("#@127.0.0.1/", "/"),
    ],
)
def test_path_and_query_stay_as_they_were_written(rest: str, on_the_wire: str) -> None:
    url = parse_target(f"https://hooks.example.com{rest}", PUBLIC)
    assert url.raw_path_qs == on_the_wire
    assert url.raw_fragment == ""


def test_the_longest_address_is_taken_and_the_next_refused() -> None:
    start = "https://hooks.example.com/"
    longest = start + "a" * (MAX_URL_CHARACTERS - len(start))
    assert reason_for(longest) is None
    assert reason_for(longest + "a") == Reason.TOO_LONG
    assert reason_for(start + "ž" * 1000) == Reason.TOO_LONG


def test_network_reasons_have_one_sentence() -> None:
    assert len({reason_sentence(reason) for reason in NETWORK_REASONS}) == 1
    assert len({reason_sentence(reason) for reason in Reason}) == len(Reason) - len(NETWORK_REASONS) + 1


def texts_like_urls() -> st.SearchStrategy[str]:
    parts = st.one_of(
        st.text(max_size=8),
        st.sampled_from(
            ["http://", "https://", "127.0.0.1", "localhost", "[::1]", "@", ":", "/", "?", "#", ".", "%"]
        ),
        st.sampled_from(["\\", "0x7f", "xn--", "。", "①", "８", "example", ".com", ":80", "[", "]", "//"]),
    )
    return st.lists(parts, max_size=8).map("".join)


def same(text: str) -> str:
    return text


@pytest.mark.parametrize("shape", [same, "https://{}".format, "http://{}/".format])
@given(text=texts_like_urls())
def test_any_text_is_refused_or_safe_to_connect_to(shape: Callable[[str], str], text: str) -> None:
    if reason := reason_for(shape(text)):
        assert reason in set(Reason)
        return
    url = parse_target(shape(text), PUBLIC)
    host = url.raw_host or ""
    assert url.scheme in {"http", "https"}
    assert (url.user, url.password) == (None, None)
    assert str(url).isascii()
    assert url.host  # yarl can decode it: A18 of the facts about aiohttp
    assert URL(str(url)).raw_host == host  # and reads the same host when it parses once more
    assert parse_target(str(url), PUBLIC) == url
    assert not host.replace(".", "").isdigit() or judge_address(host, PUBLIC) is None

"""Rules that hold for all texts and payloads; `bitstring` reads the same bits on its own."""

import json
import math

from bitstring import Bits
from hypothesis import given
from hypothesis import strategies as st

from relay.decoder import parse_grammar, read_payload
from relay.domain.device import Device
from relay.domain.device_settings import effective
from relay.domain.device_type import DEFAULT_TYPE, Display
from relay.errors import GrammarError

payloads = st.binary(max_size=40)
start_bits = st.integers(0, 7)
bytes_before = st.integers(0, 20)
endians = st.sampled_from(["", "big-endian", "little-endian"])


@st.composite
def fields(draw: st.DrawFn) -> str:
    name = draw(st.from_regex(r"[A-Za-z0-9_-]{1,8}", fullmatch=True))
    index = draw(st.one_of(st.just(""), st.integers(0, 40).map(str)))
    kind = draw(st.sampled_from(["bool", "char", "float", "int", "uint"]))
    start = draw(start_bits)
    match kind:
        case "bool":
            return f"{name}:{index}:bool:{start}"
        case "char":
            return f"{name}:{index}:char:{draw(st.integers(1, 20))}:{start}"
        case "float":
            return f"{name}:{index}:float:{draw(st.sampled_from([32, 64]))}:{draw(endians)}:{start}"
        case _:
            return f"{name}:{index}:{kind}:{draw(st.integers(1, 64))}:{draw(endians)}:{start}"


grammars = st.lists(fields(), min_size=1, max_size=8).map(" ".join)

options = st.sampled_from(
    [
        ":scale=0.1",
        ":scale=-999999999.999999999999",
        ":offset=-28",
        ":unit=°C",
        ":none=0x0",
        ":none=-1",
        ":words=off,on",
        ":if=here",
        ":if=0.7",
        ":if=!1.0",
        ":if=a=0,1",
        ":if=",
        ":scale=",
        ":=",
    ]
)
optioned_fields = st.builds(
    lambda field, some: field + "".join(some), fields(), st.lists(options, max_size=3)
)
optioned_grammars = st.lists(optioned_fields, min_size=1, max_size=4).map(
    lambda some: " ".join(["a::uint:1", *some])
)
near_grammars = st.text(alphabet="ab0178:- \t#²٣\0", max_size=40) | st.lists(
    st.sampled_from(
        [
            "a",
            ":",
            "::",
            " ",
            "bool",
            "char",
            "float",
            "int",
            "uint",
            "8",
            "64",
            "little-endian",
            "é",
            "=",
            "if=",
            "scale=",
            "none=0x",
            "words=",
            "preset:",
            "push-button",
            ",",
            "!",
            ".",
        ]
    ),
    max_size=20,
).map("".join)


def read_one(type_text: str, index: int, payload: bytes) -> object:
    decoded = parse_grammar(f"a:{index}:{type_text}").decode(payload)
    assert len(decoded) == 1
    return decoded["a"]


def run_of_bits(payload: bytes, index: int, start_bit: int, length: int) -> Bits:
    first = 8 * index + 7 - start_bit
    return Bits(hex=payload.hex())[first : first + length]


@given(st.integers(1, 64), start_bits, bytes_before, st.binary(min_size=30, max_size=40))
def test_integers_agree_with_an_independent_reader(bits: int, start: int, index: int, payload: bytes) -> None:
    run = run_of_bits(payload, index, start, bits)

    assert read_one(f"uint:{bits}::{start}", index, payload) == run.uint
    assert read_one(f"int:{bits}::{start}", index, payload) == run.int


@given(st.integers(1, 8), start_bits, bytes_before, st.binary(min_size=30, max_size=40))
def test_little_endian_integers_agree_with_an_independent_reader(
    length_bytes: int, start: int, index: int, payload: bytes
) -> None:
    bits = 8 * length_bytes
    run = run_of_bits(payload, index, start, bits)

    assert read_one(f"uint:{bits}:little-endian:{start}", index, payload) == run.uintle
    assert read_one(f"int:{bits}:little-endian:{start}", index, payload) == run.intle


@given(st.sampled_from([32, 64]), start_bits, bytes_before, st.binary(min_size=30, max_size=40))
def test_floats_agree_with_an_independent_reader(bits: int, start: int, index: int, payload: bytes) -> None:
    run = run_of_bits(payload, index, start, bits)

    for endian, expected in (("big-endian", run.floatbe), ("little-endian", run.floatle)):
        wanted = expected if math.isfinite(expected) else None
        assert read_one(f"float:{bits}:{endian}:{start}", index, payload) == wanted


@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(width=32, allow_nan=False, allow_infinity=False),
)
def test_floats_come_back_as_they_were_sent(double: float, single: float) -> None:
    payload = Bits(floatle=double, length=64).bytes + Bits(floatbe=single, length=32).bytes

    decoded = parse_grammar("d::float:64:little-endian s::float:32").decode(payload)

    assert decoded == {"d": double, "s": single}


@given(start_bits, st.binary(min_size=1, max_size=12), st.data())
def test_bools_agree_with_an_independent_reader(bit: int, payload: bytes, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(payload) - 1))

    assert read_one(f"bool:{bit}", index, payload) is Bits(hex=payload.hex())[8 * index + 7 - bit]


@given(
    st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=12), start_bits
)
def test_printable_ascii_comes_back_as_it_was_sent(text: str, start: int) -> None:
    skipped = Bits(uint=0, length=7 - start) if start < 7 else Bits()
    payload = (skipped + Bits(hex=text.encode("ascii").hex())).tobytes()

    assert read_one(f"char:{len(text)}:{start}", 0, payload) == text


@given(grammars, payloads)
def test_any_grammar_reads_any_payload_into_plain_json(text: str, payload: bytes) -> None:
    decoded = parse_grammar(text).decode(payload)

    assert json.loads(json.dumps(decoded, allow_nan=False)) == decoded
    assert all(value.isprintable() for value in decoded.values() if isinstance(value, str))


@given(optioned_grammars, payloads)
def test_options_too_make_plain_json_or_have_a_fault(text: str, payload: bytes) -> None:
    fault = fault_of(text)
    if fault is not None:
        assert 1 <= fault.column <= len(text) + 1
        return
    decoded = parse_grammar(text).decode(payload)
    assert json.loads(json.dumps(decoded, allow_nan=False)) == decoded


@given(grammars, payloads, payloads)
def test_more_bytes_never_take_a_field_away(text: str, payload: bytes, more: bytes) -> None:
    grammar = parse_grammar(text)

    assert grammar.decode(payload).keys() <= grammar.decode(payload + more).keys()


def fault_of(text: str) -> GrammarError | None:
    try:
        parse_grammar(text)
    except GrammarError as error:
        return error
    return None


@given(st.text(max_size=60) | near_grammars | optioned_grammars)
def test_any_text_is_a_grammar_or_has_a_fault_with_a_column_inside(text: str) -> None:
    fault = fault_of(text)

    assert fault is None or 1 <= fault.column <= len(text) + 1
    assert fault is None or str(fault.what).isprintable()


@given(st.lists(fields(), max_size=4), fields(), st.lists(fields(), max_size=4), st.data())
def test_the_column_points_into_the_field_that_was_spoilt(
    before: list[str], spoilt: str, after: list[str], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(spoilt) - 1))
    spoilt = f"{spoilt[:place]}!{spoilt[place + 1 :]}"
    first_column = len(" ".join([*before, ""])) + 1

    fault = fault_of(" ".join([*before, spoilt, *after]))

    assert fault is not None
    assert first_column <= fault.column <= first_column + place


@given(
    st.sampled_from(Display),
    st.text(max_size=60) | near_grammars | grammars | optioned_grammars,
    st.sampled_from(["", "a", "lat"]),
    payloads.map(bytes.hex) | st.text(max_size=20),
)
def test_any_settings_read_any_payload(display: Display, grammar: str, place_field: str, data: str) -> None:
    device = Device(
        number=1, label="1", display=display, grammar=grammar, latitude_field=place_field, longitude_field="a"
    )

    reading = read_payload(effective(device, DEFAULT_TYPE), data)

    assert json.loads(json.dumps(reading.values, allow_nan=False)) == reading.values
    assert reading.place is None or (abs(reading.place[0]) <= 90 and abs(reading.place[1]) <= 180)
    assert all(0 <= field.first_byte <= field.last_byte < len(data) / 2 for field in reading.fields)

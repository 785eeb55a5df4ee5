"""The customizer's parser against OpenSCAD's own export, and overrides through the real command line."""

from __future__ import annotations

import math
import shutil
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from render.customizer import Parameter, ParameterKind, parse_parameters
from render.overrides import Value, check_overrides, override_text, parse_value

needs_openscad = pytest.mark.skipif(shutil.which("openscad") is None, reason="openscad is not installed")

# Source, then what OpenSCAD 2025.07.18 wrote with `--export-format param`: name, initial value, and the rest if it is
# not the usual (group Parameters, no caption, no range, no options). 2021.01 has no such export.
# fmt: off
# ruff: noqa: E501
ORACLE: list[tuple[str, list[tuple[str, object, dict[str, object]]]]] = [
    ('x=1; // [1:3]\n', [('x', 1.0, {'range': [1.0, 3.0, 1.0]})]),
    ('x=1; // lead [1:3]\n', [('x', 1.0, {})]),
    ('x=50; // [1:3]\n', [('x', 50.0, {'range': [1.0, 50.0, 1.0]})]),
    ('x=5; // [9:-1:1]\n', [('x', 5.0, {'range': [5.0, 5.0, -1.0]})]),
    ('x=-5; // [5]\n', [('x', -5.0, {'range': [0.0, 5.0, 1.0]})]),
    ('x=5; // [-3]\n', [('x', 5.0, {'range': [0.0, 5.0, 1.0]})]),
    ('x=1; // [a]\n', [('x', 1.0, {'options': [[1.0, '1'], ['a', 'a']]})]),
    ('x=1; // [1:one,2:two,3]\n', [('x', 1.0, {'options': [[1.0, 'one'], [2.0, 'two'], [3.0, '3']]})]),
    ('x=1; // [1:2:3:4]\n', [('x', 1.0, {})]),
    ('x=1; // [1:5:a]\n', [('x', 1.0, {})]),
    ('x="a"; // [a:1.5, b:2e3]\n', [('x', 'a', {'options': [['a', '1.5'], ['b', '2000']]})]),
    ('x="a"; // 5.5\n', [('x', 'a', {'length': 5})]),
    ('x="a"; // -5\n', [('x', 'a', {'length': 0})]),
    ('x="1"; // [1, 2]\n', [('x', '1', {'options': [['1', '1'], [1.0, '1'], [2.0, '2']]})]),
    ('x="a"; // [5]\n', [('x', 'a', {})]),
    ('x="a"; // ["a" b]\n', [('x', 'a', {'options': [['a', 'a'], ['a b', 'a b']]})]),
    ('x="a"; // [a(b)c]\n', [('x', 'a', {'options': [['a', 'a'], ['a b c', 'a b c']]})]),
    ('x="a"; // [a"b]\n', [('x', 'a', {})]),
    ('x="a"; // [1a]\n', [('x', 'a', {'options': [['a', 'a'], ['1a', '1a']]})]),
    ('x="a"; // [1 2]\n', [('x', 'a', {})]),
    ('x=[50,-1]; // [1:3]\n', [('x', [50.0, -1.0], {'range': [-1.0, 50.0, 1.0]})]),
    ('x=[1,2]; // [1,2]\n', [('x', [1.0, 2.0], {})]),
    ('x=[1,2,3,4,5];\n', []),
    ('x=[1,-2];\n', [('x', [1.0, -2.0], {})]),
    ('x=[1,2,];\n', [('x', [1.0, 2.0], {})]),
    ('x=true; // [1:3]\n', [('x', True, {})]),
    ('x=[1, // [1:9]\n2]; // [1:8]\n', [('x', [1.0, 2.0], {'range': [1.0, 9.0, 1.0]})]),
    ('x =\n  5; // [1:9]\n', [('x', 5.0, {})]),
    ('x=1; y=2; // [1:3]\n', [('x', 1.0, {}), ('y', 2.0, {})]),
    ('x=1;; // [1:3]\n', [('x', 1.0, {})]),
    ('x=1; /* c */ // [1:3]\n', [('x', 1.0, {'range': [1.0, 3.0, 1.0]})]),
    ('x="a;b"; // [1,2]\n', [('x', 'a;b', {'options': [['a;b', 'a;b'], [1.0, '1'], [2.0, '2']]})]),
    ('x="//"; // 5\n', [('x', '//', {'length': 5})]),
    ('x=1; // [1:3] // foo\n', [('x', 1.0, {})]),
    ('x=1; // ([1:5])\n', [('x', 1.0, {'range': [1.0, 5.0, 1.0]})]),
    ('/* [A] */ x=1; /* [B] */ y=2;\n', [('x', 1.0, {}), ('y', 2.0, {})]),
    ('/* [A]\n[B] */\nx=1;\n', [('x', 1.0, {})]),
    ('/* d */\nx=1;\n', [('x', 1.0, {'group': ''})]),
    ('/* [ A ] [ B ] */\nx=1;\n', [('x', 1.0, {'group': 'A - B'})]),
    ('/* [[A]] */\nx=1;\n', [('x', 1.0, {'group': '[A'})]),
    ('/* [Hidden] */\nx=1;\n/* [B] */\ny=1;\n', [('y', 1.0, {'group': 'B'})]),
    ('/* [Hidden] [B] */\nx=1;\n', [('x', 1.0, {'group': 'Hidden-B'})]),
    ('/* [Global] */\ng=1;\n/* [B] */\ny=1;\n', [('g', 1.0, {'group': 'Global'}), ('y', 1.0, {'group': 'B'})]),
    ('/* [A] */\nx=1;\n/* [B] */\nx=2;\n', [('x', 2.0, {'group': 'B'})]),
    ('s="/* [A] */";\nx=1;\n', [('s', '/* [A] */', {}), ('x', 1.0, {})]),
    ('//\ta\nx=1;\n', [('x', 1.0, {'caption': 'a'})]),
    (' //d\nx=1;\n', [('x', 1.0, {})]),
    ('//d\n\nx=1;\n', [('x', 1.0, {})]),
    ('/// d\nx=1;\n', [('x', 1.0, {'caption': '/ d'})]),
    ('y=2; // d\nx=1;\n', [('y', 2.0, {}), ('x', 1.0, {})]),
    ('x=1;\n{ y=2; }\nz=3;\n', [('x', 1.0, {})]),
    ('x=1; module a() { }\ny=2;\n', []),
    ('module a() cube(1);\nx=1;\n', [('x', 1.0, {})]),
    ('// { brace\nx=1;\n', [('x', 1.0, {'caption': '{ brace'})]),
    ('x=1; // [1:2]\nmodule m(){}\nx=2;\n', []),
    ('x=1+1;\nx=2; // [1:3]\n', [('x', 2.0, {'range': [1.0, 3.0, 1.0]})]),
    ('x=1; // [1:3]\nx=1+1;\n', []),
    ('x=((1));\ny=-(-2);\nz=("a");\nw=(true);\nv=[(1),-(2)];\nu=([1,2]);\n', [('x', 1.0, {}), ('y', 2.0, {}), ('z', 'a', {}), ('w', True, {}), ('v', [1.0, -2.0], {}), ('u', [1.0, 2.0], {})]),
    ('x=++"a";\nz=+true;\nw=+[1,2];\nv=-[1,2];\n', [('x', 'a', {}), ('z', True, {}), ('w', [1.0, 2.0], {})]),
    ('x="a\\n\\tb\\"c\\x41\\u0042\\q";\n', [('x', 'a\n\tb"cABq', {})]),
    ('x="\\x80";\n', [('x', 'x80', {})]),
    ('$fn=10; // [1:100]\n', [('$fn', 10.0, {'range': [1.0, 100.0, 1.0]})]),
    ('x=0x10;\n', [('x', 16.0, {})]),
    ('x=.5;\ny=5.e2;\nz=1.5E+2;\n', [('x', 0.5, {}), ('y', 500.0, {}), ('z', 150.0, {})]),
    ('module m() a=1;\ny=1;\n', [('y', 1.0, {})]),
    ('x="a"; // [日本, 中文:漢 字]\n', [('x', 'a', {'options': [['a', 'a'], ['日本', '日本'], ['中文', '漢 字']]})]),
    ('x=1.25; // [1.25, 0.333333333, 1234567.891, 1e-7]\n', [('x', 1.25, {'options': [[1.25, '1.25'], [0.333333333, '0.333333'], [1234567.891, '1.23457e+06'], [1e-07, '1e-07']]})]),
]
# fmt: on


def row(parameter: Parameter) -> tuple[str, object, dict[str, object]]:
    rest: dict[str, object] = {}
    if parameter.group != "Parameters":
        rest["group"] = parameter.group
    if parameter.description:
        rest["caption"] = parameter.description
    if parameter.minimum is not None:
        rest["range"] = [parameter.minimum, parameter.maximum, parameter.step]
    if parameter.max_length is not None:
        rest["length"] = parameter.max_length
    if parameter.options:
        rest["options"] = [[option.value, option.label] for option in parameter.options]
    default = parameter.default
    return parameter.name, list(default) if isinstance(default, tuple) else default, rest


@pytest.mark.parametrize(("source", "expected"), ORACLE)
def test_it_reads_what_openscad_exports(source: str, expected: object) -> None:
    assert [row(parameter) for parameter in parse_parameters(source)] == expected


@pytest.mark.parametrize(
    ("source", "n_parameters", "expected"),
    [
        ("x=1; // [1:3]\nfoo(\n", 1, {"range": [1.0, 3.0, 1.0]}),  # 1: OpenSCAD: nothing, for it doesn't parse
        ('x=1;\ns="{";\ny=2;\n', 3, {}),  # 2: only x
        ('/* [A] */\nx=1;\ns="a\\\\"; // 9\n', 2, {"group": "A"}),  # 3: the scan loses its place
        ("// d\r\nx=2; // [1, 2]\r\n", 1, {"caption": "d", "options": [[1.0, "1"], [2.0, "2"]]}),  # 4: no options
        ("// see http://a \nx=2;\n", 1, {"caption": "see http://a"}),  # 5: `see http: a `
        ("/*\n// d */\nx=2;\n", 1, {}),  # 5: caption `d */`
        ("x=1; //[ 1\t:\t3 ]\n", 1, {"range": [1.0, 3.0, 1.0]}),  # 7: an option `1\t`
        ("2x=1;\nx=2;", 1, {}),  # 8: 2x too
        ("x=1; /* ; */ // [1:3]\n", 1, {"range": [1.0, 3.0, 1.0]}),  # 9: no range
    ],
)
def test_it_differs_from_openscad_where_its_docstring_says(source: str, n_parameters: int, expected: object) -> None:
    parameters = parse_parameters(source)
    assert len(parameters) == n_parameters
    assert row(parameters[0])[2] == expected


def test_a_spin_box_has_a_step_and_no_bounds() -> None:
    (parameter,) = parse_parameters("x=1; // 0.5\n")
    assert (parameter.step, parameter.minimum, parameter.maximum) == (0.5, None, None)


def test_kinds_and_lines() -> None:
    parameters = parse_parameters('a=1;\nb=true;\n\nc="t";\nd=[1,2];\na=3;')
    assert [(p.name, p.kind, p.line) for p in parameters] == [
        ("a", ParameterKind.NUMBER, 6),
        ("b", ParameterKind.BOOLEAN, 2),
        ("c", ParameterKind.STRING, 4),
        ("d", ParameterKind.VECTOR, 5),
    ]


PIECES = ["x", "y", "=", "=", "1", "-2.5", '"a"', '"', "\\", ";", ";\n", "\n", "// [1:3]", "// [a,b:C]", "/* [G] */", "/*",
          "*/", "{", "}", "[", "]", "(", ")", ",", ":", "true", "module m()", "include <a>", "//", " ", "\t", "é", "1e999", "0x"]  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.lists(st.sampled_from(PIECES), max_size=60).map("".join), st.text(max_size=200)))
def test_any_text_gives_parameters_that_can_be_set(source: str) -> None:
    parameters = parse_parameters(source)
    names = [parameter.name for parameter in parameters]
    assert len(set(names)) == len(names)
    values: dict[str, Value] = {
        p.name: p.default for p in parameters if not (isinstance(p.default, str) and p.max_length)
    }
    assert check_overrides(parameters, values) == ()


@pytest.mark.parametrize(
    "piece", ['"', "\\", '"\\', "/*", "//", "//[", "x=1;\n", "x=[", "x=(", "x=-", "x=", "[", "{", "1", "0x", ".5", "x=1;//[a,", "/*[*/", "a b "]
)  # fmt: skip
@pytest.mark.parametrize("start", ["", "x=1; // [", "x="])
def test_long_sources_are_read_in_linear_time(start: str, piece: str) -> None:
    source = start + piece * ((1 << 18) // len(piece))
    started = time.perf_counter()
    parse_parameters(source)
    assert time.perf_counter() - started < 5  # most take 0.2 s; what is quadratic takes minutes


@pytest.mark.parametrize(
    ("text", "value"),
    [("5", 5), (" -2.5e3 ", -2500.0), (".5", 0.5), ("007", 7), ("true", True), ("True", "True"), ("", ""),
     ("hello world", "hello world"), ('"a b"', "a b"), ('"a\\"\\n\\u00e9"', 'a"\né'), ("a,b]", "a,b]"),
     ("[1, [2.5, true], \"x\", word]", [1, [2.5, True], "x", "word"]), ("[]", []), ("[1,]", [1]), ("nan", "nan"),
     ('a"; cube(99); //', 'a"; cube(99); //')],
)  # fmt: skip
def test_a_command_lines_text_is_read_as_data(text: str, value: Value) -> None:
    assert parse_value(text) == value
    assert type(parse_value(text)) is type(value)


@pytest.mark.parametrize(
    "text",
    ["[", "[1", "[1]]", "[1 2]", "[,1]", "[1,,2]", '"a', '"a" b', "1e999", '[1,"a]', "[" * 20 + "]" * 20, '"a","b"'],
)
def test_a_broken_list_or_quote_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"[a-z]"):
        parse_value(text)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=100), st.text(alphabet='[]",1a\\ e.-', max_size=60)))
def test_any_command_line_text_is_a_value_or_a_value_error(text: str) -> None:
    try:
        value = parse_value(text)
    except ValueError:
        return
    with suppress(ValueError):  # NUL, half a surrogate pair, a number out of reach
        assert len(override_text({"x": value})) == 1


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, 5e-324, (1 << 53) + 1, 10**400, "a\0b", "\ud800", None, b"ab", {1: 2}, [[None]], "x" * 70_000]
)  # fmt: skip
def test_what_openscad_cant_hold_is_refused_by_name(value: Value) -> None:
    with pytest.raises(ValueError, match="width"):
        override_text({"width": value})
    nested: Value = 1
    for _ in range(9):
        nested = [nested]
    with pytest.raises(ValueError, match="width"):
        override_text({"width": nested})


@pytest.mark.parametrize("name", ["", "2x", "a b", "a;cube()", "a=1;b", "é", "$", "x\n", "-x", "module", "true"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no parameter name"):
        override_text({name: 1})


def test_values_are_checked_against_what_the_source_offers() -> None:
    parameters = parse_parameters(
        'w=5; // [1:10]\nn="abc"; // 3\nc="r"; // [r:Red,g:Green]\nk=2; // [1,2,3]\nf=true;\nv=[1,2]; // [0:9]\n'
    )
    good: dict[str, Value] = {"w": 10, "n": "xyz", "c": "g", "k": 3.0, "f": False, "v": [0, 9.0]}
    assert check_overrides(parameters, good) == ()
    bad: dict[str, Value] = {"w": 11, "n": "four", "c": "Green", "k": True, "f": 1, "v": [1, 2, 3], "wd": 1}
    problems = check_overrides(parameters, bad)
    assert [line.split()[0] for line in problems] == list(bad)
    assert problems[-1] == "wd is no parameter of this source: did you mean w?"
    assert problems[0] == "w must be 10 or less, not 11"


def echo(tmp_path: Path, overrides: tuple[str, ...], source: str) -> str:
    (tmp_path / "in.scad").write_text(source)
    command = ["openscad", str(tmp_path / "in.scad"), "-o", str(tmp_path / "out.echo")]
    for override in overrides:
        command += ["-D", override]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return (tmp_path / "out.echo").read_text()


CODES = "function codes(t) = [for (c = t) each [floor(ord(c) / 1000), ord(c) % 1000]];\n"
engine_settings = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def scad_number(value: float) -> str:
    """An expression of small integers for exactly this number, so that no decimal reading is trusted."""
    mantissa, exponent = math.frexp(abs(value))
    whole, shift = int(mantissa * (1 << 53)), exponent - 53
    half = shift // 2
    power = f"pow(2,{half})*pow(2,{shift - half})"
    return f"{'-' if value < 0 else ''}(({whole >> 27}*134217728+{whole % (1 << 27)})*{power})"


def expected_expression(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return scad_number(float(value))
    assert isinstance(value, Sequence)
    return f"[{','.join(map(expected_expression, value))}]"


@needs_openscad
@engine_settings
@given(
    st.lists(
        st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=1, max_size=8
    )
)
def test_any_text_arrives_whole(tmp_path: Path, texts: list[str]) -> None:
    overrides = override_text({f"t{i}": text for i, text in enumerate(texts)})
    source = "".join(f't{i} = "";\n' for i in range(len(texts)))
    codes = [[n for c in text for n in divmod(ord(c), 1000)] for text in texts]
    tests = "".join(f"echo(codes(t{i}) == {value});\n" for i, value in enumerate(codes))
    assert echo(tmp_path, overrides, source + CODES + tests) == "ECHO: true\n" * len(texts)


numbers = st.one_of(
    st.booleans(),
    st.integers(-(1 << 53), 1 << 53),
    st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False),
)


@needs_openscad
@engine_settings
@given(st.lists(st.recursive(numbers, lambda inner: st.lists(inner, max_size=4), max_leaves=8), min_size=1, max_size=8))
def test_any_number_and_vector_arrives_exactly(tmp_path: Path, values: list[Value]) -> None:
    overrides = override_text({f"v{i}": value for i, value in enumerate(values)})
    source = "".join(f"v{i} = undef;\n" for i in range(len(values)))
    tests = "".join(f"echo(v{i} == {expected_expression(value)});\n" for i, value in enumerate(values))
    assert echo(tmp_path, overrides, source + tests) == "ECHO: true\n" * len(values)


@needs_openscad
@pytest.mark.parametrize(
    "payload",
    ['"; cube(99); //', '\\"; cube(99); //', "\\", "\\\\", "\n*/ cube(99); /*", '"; echo("ran"); x="', "'; echo(1); '", "$(id)",
     '\\";echo("ran");//', "\u2028;echo(1);", "x];echo(1);[", "\r\necho(1);", "\\u0022;echo(1);//", "\\x22;echo(1);//"],
)  # fmt: skip
def test_no_text_ever_runs(tmp_path: Path, payload: str) -> None:
    for value in (payload, [payload, [payload]], parse_value(f"[{override_text({'x': payload})[0][2:]}]")):
        assert echo(tmp_path, override_text({"x": value}), "x = 0;\n") == ""
    assert echo(tmp_path, override_text({"x": payload}), f"x = 0;\necho(len(x) == {len(payload)});\n") == "ECHO: true\n"


@needs_openscad
def test_special_variables_and_large_numbers_can_be_set(tmp_path: Path) -> None:
    overrides = override_text({"$fn": 7, "x": 1e22})
    assert echo(tmp_path, overrides, "x = 1;\necho(x, $fn);\n") == "ECHO: 1e+22, 7\n"

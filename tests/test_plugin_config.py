"""A plugin's settings: what an author may declare, and each sentence the operator may read."""

from __future__ import annotations

import dataclasses
import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Literal, Optional, Union

import pytest

from ircish.config import ConfigError
from ircish.plugin_config import read


def made(kind: Any, default: Any = dataclasses.MISSING) -> type:
    """A dataclass with one field, `x`."""
    if default is dataclasses.MISSING:
        return dataclasses.make_dataclass("Config", [("x", kind)])
    return dataclasses.make_dataclass("Config", [("x", kind, default)])


def complaint(declared: type, toml: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read("welcome", tomllib.loads(toml), declared)
    return str(caught.value)


@dataclass(frozen=True, slots=True)
class Place:
    channel: str
    most: int = 3


@dataclass(frozen=True)
class Config:
    text: str
    limit: int = 5
    tone: Literal["warm", "dry"] = "warm"
    where: tuple[Place, ...] = ()
    here: Place | None = None
    names: list[str] = field(default_factory=lambda: ["ann"])
    known: ClassVar[int] = 7
    made: str = field(init=False, default="inside")


TAKEN = [
    (str, 'x = "7"', "7"),
    (str, 'x = ""', ""),
    (int, "x = 7", 7),
    (float, "x = 7", 7.0),
    (float, "x = 0.5", 0.5),
    (bool, "x = true", True),
    (Path, 'x = "/tmp/a"', Path("/tmp/a")),
    (Path, 'x = "~/a"', Path.home() / "a"),
    (list[str], 'x = ["a", "b"]', ["a", "b"]),
    (list[list[int]], "x = [[1], []]", [[1], []]),
    (list, 'x = [1, "a"]', [1, "a"]),
    (tuple[str, ...], 'x = ["a", "b"]', ("a", "b")),
    (dict[str, str], 'x = {ann = "hi"}', {"ann": "hi"}),
    (dict[str, tuple[int, ...]], "x = {ann = [1]}", {"ann": (1,)}),
    (dict, "x = {ann = 1}", {"ann": 1}),
    (Literal["a", 1], "x = 1", 1),
    (Literal[True], "x = true", True),
    (int | None, "x = 3", 3),
    (Optional[int], "x = 3", 3),  # noqa: UP045 (authors write it)
    (Union[int, str], 'x = "a"', "a"),  # noqa: UP007 (authors write it)
    (int | str, "x = 3", 3),
    (Any, "x = [1, {a = 2}]", [1, {"a": 2}]),
    (datetime.date, "x = 2026-11-22", datetime.date(2026, 11, 22)),
    (datetime.time, "x = 10:30:00", datetime.time(10, 30)),
    (datetime.datetime, "x = 2026-11-22T10:30:00", datetime.datetime(2026, 11, 22, 10, 30)),
    (Place, 'x = {channel = "#a"}', Place("#a", 3)),
    (list[Place], 'x = [{channel = "#a", most = 1}]', [Place("#a", 1)]),
]


@pytest.mark.parametrize(("kind", "toml", "value"), TAKEN)
def test_a_value_of_the_declared_kind_is_taken(kind: Any, toml: str, value: Any) -> None:
    found = read("welcome", tomllib.loads(toml), made(kind)).x
    assert found == value
    assert type(found) is type(value)


HUGE = "1" + "0" * 400

REFUSED = [
    (str, "x = 7", "is 7; it must be text in quotes."),
    (str, "x = true", "is true; it must be text in quotes."),
    (int, 'x = "7"', 'is "7"; it must be a whole number.'),
    (int, "x = 7.0", "is 7.0; it must be a whole number."),
    (int, "x = true", "is true; it must be a whole number."),
    (float, 'x = "1"', 'is "1"; it must be a number.'),
    (float, "x = true", "is true; it must be a number."),
    (float, "x = nan", "is nan; it must be a number."),
    (float, "x = -inf", "is -inf; it must be a number."),
    (float, f"x = {HUGE}", f"is {HUGE[:60]} ...; it must be a number."),
    (bool, "x = 1", "is 1; it must be true or false."),
    (Path, 'x = ""', 'is ""; it must be a file or directory in quotes, such as "~/chat".'),
    (Path, "x = 1", 'is 1; it must be a file or directory in quotes, such as "~/chat".'),
    (
        Path,
        'x = "~nobody-at-all/a"',
        'is "~nobody-at-all/a"; it must be a file or directory in quotes, such as "~/chat".',
    ),
    (list[str], 'x = "a"', 'is "a"; it must be a list in [ ], each text in quotes.'),
    (list[str], 'x = ["a", 7]', "[1] is 7; it must be text in quotes."),
    (tuple[int, ...], 'x = ["a"]', '[0] is "a"; it must be a whole number.'),
    (dict[str, str], 'x = "a"', 'is "a"; it must be a table.'),
    (dict[str, str], "x = {ann = 1}", ".ann is 1; it must be text in quotes."),
    (dict[str, str], 'x = {"a b" = 1}', '."a b" is 1; it must be text in quotes.'),
    (Literal["a", "b", "c"], 'x = "d"', 'is "d"; it must be "a", "b" or "c".'),
    (Literal["a"], "x = [1]", 'is [1]; it must be "a".'),
    (Literal[1], "x = true", "is true; it must be 1."),
    (Literal[1], "x = 1.0", "is 1.0; it must be 1."),
    (int | None, 'x = "a"', 'is "a"; it must be a whole number.'),
    (int | str, "x = 1.5", "is 1.5; it must be a whole number or text in quotes."),
    (datetime.date, 'x = "soon"', 'is "soon"; it must be a date, such as 2026-11-22.'),
    (
        datetime.date,
        "x = 2026-11-22T10:30:00",
        "is 2026-11-22 10:30:00; it must be a date, such as 2026-11-22.",
    ),
    (datetime.time, "x = 1", "is 1; it must be a time, such as 10:30:00."),
    (datetime.datetime, "x = 1", "is 1; it must be a date and time."),
    (Place, "x = 1", "is 1; it must be a table."),
    (Place, "x = {}", ".channel is missing; it must be text in quotes."),
    (Place, 'x = {channel = "#a", most = "b"}', '.most is "b"; it must be a whole number.'),
    (
        list[Place],
        'x = [{channel = "#a"}, {}]',
        "[1].channel is missing; it must be text in quotes.",
    ),
]


@pytest.mark.parametrize(("kind", "toml", "sentence"), REFUSED)
def test_any_other_value_is_named_with_what_it_must_be(kind: Any, toml: str, sentence: str) -> None:
    between = "" if sentence[0] in ".[" else " "
    assert complaint(made(kind), toml) == f"plugins.welcome.x{between}{sentence}"


def test_what_is_not_in_the_file_is_the_default() -> None:
    config = read("welcome", {"text": "Hello!"}, Config)
    assert config == Config("Hello!")
    assert config.names == ["ann"]
    assert config.made == "inside"


def test_annotations_that_are_strings_are_understood() -> None:
    toml = 'text = "a"\nlimit = 1\ntone = "dry"\nhere = {channel = "#b"}\n[[where]]\nchannel = "#c"'
    config = read("welcome", tomllib.loads(toml), Config)
    assert config == Config("a", 1, "dry", (Place("#c"),), Place("#b"))
    assert Config.__annotations__["here"] == "Place | None"


def test_a_class_that_is_not_frozen_is_filled_too() -> None:
    config = read("welcome", {"x": 1}, made(int))
    config.x = 2
    assert config.x == 2


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ("", "plugins.welcome.text is missing; it must be text in quotes."),
        ('text = "a"\nlimt = 1', "plugins.welcome has no setting limt; did you mean limit?"),
        (
            'text = "a"\n"o o" = 1',
            'plugins.welcome has no setting "o o"; it has text, limit, tone, where, here, names.',
        ),
        (
            'text = "a"\nmade = "b"',
            "plugins.welcome has no setting made; it has text, limit, tone, where, here, names.",
        ),
        (
            'text = "a"\nhere = {chanel = "#b"}',
            "plugins.welcome.here has no setting chanel; did you mean channel?",
        ),
    ],
)
def test_what_is_missing_or_unknown_is_named(toml: str, sentence: str) -> None:
    assert complaint(Config, toml) == sentence


def test_a_plugin_without_settings_says_so() -> None:
    empty = dataclasses.make_dataclass("Config", [])
    assert complaint(empty, "y = 1") == "plugins.welcome has no setting y; it has none."


def test_a_name_that_toml_quotes_is_quoted() -> None:
    with pytest.raises(ConfigError, match=r'^plugins\."my plugin"\.x is missing'):
        read("my plugin", {}, made(int))


def test_the_authors_own_check_is_a_sentence_too() -> None:
    @dataclass
    class Config:
        most: int = 1
        least: int = 0

        def __post_init__(self) -> None:
            if self.least > self.most:
                raise ValueError("least must not be above most.")

    assert read("welcome", {"least": 1}, Config).least == 1
    assert complaint(Config, "least = 2") == "plugins.welcome: least must not be above most."


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        (set[int], "set[int]"),
        (complex, "complex"),
        (tuple[int, int], "tuple[int, int]"),
        (dict[int, str], "dict[int, str]"),
        (list[bytes], "bytes"),
        (int | bytes, "bytes"),
        (dict[str, bytes], "bytes"),
        (None, "NoneType"),
    ],
)
def test_what_the_file_cannot_hold_is_refused_even_if_it_is_not_there(
    kind: Any, shown: str
) -> None:
    sentence = complaint(made(kind, None), "")
    assert sentence.startswith(f"plugins.welcome.x is declared as {shown}, which ircish.toml can")


def test_an_annotation_that_names_nothing_is_refused() -> None:
    sentence = complaint(made("Nowhere", 1), "")
    assert sentence == (
        "plugins.welcome: the annotations of Config cannot be understood "
        "(name 'Nowhere' is not defined); what they name must be defined in, or imported by, "
        "its module."
    )


def test_values_are_the_plugins_own() -> None:
    table = {"x": [1, {"a": []}]}
    config = read("welcome", table, made(Any))
    config.x[1]["a"].append(1)
    assert table == {"x": [1, {"a": []}]}


class NoDataclass:
    text: str


@pytest.mark.parametrize("declared", [None, NoDataclass, Place("#a")])
def test_without_a_dataclass_the_table_is_there_to_read(declared: Any) -> None:
    table = MappingProxyType({"text": "Hi", "names": ["ann"], "inner": {"a": [1]}})
    config = read("welcome", table, declared)
    assert isinstance(config, Mapping)
    assert config == {"text": "Hi", "names": ("ann",), "inner": {"a": (1,)}}
    for each in (config, config["inner"]):
        with pytest.raises(TypeError):
            each["text"] = "changed"

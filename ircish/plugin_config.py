"""A plugin's own settings: its table in ircish.toml, checked against the dataclass it declares.

The author writes, with any of the kinds below:

    @dataclass(frozen=True)
    class Config:
        text: str                               # must be in the file
        channels: tuple[str, ...] = ("#lobby",)
        tone: Literal["warm", "dry"] = "warm"
        seconds: float | None = None            # nothing in the file: None

The operator writes, in ircish.toml:

    [plugins.welcome]
    text = "Hello!"
    tone = "dry"

The plugin then has it as ``plugin.config.text`` and ``ctx.config.text``. What a value must be
beyond its kind is said by a ValueError in ``__post_init__``. A relative Path starts from the
directory in which the server was started.
"""

from __future__ import annotations

import copy
import dataclasses
import datetime
import difflib
import math
import types
import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ircish.config import ConfigError, wrong
from ircish.settings import toml_key, toml_value

Parse = Callable[[str, Any], Any]
"""The checked value, given its full name for the ConfigError that is raised if it is wrong."""


@dataclasses.dataclass(frozen=True, slots=True)
class Kind:
    """What values an annotation takes; `expects` ends the sentence "it must be ..."."""

    expects: str
    parse: Parse


def read(name: str, table: Mapping[str, Any], declared: type | None) -> Any:
    """The settings of the plugin `name`: a `declared` (a dataclass), else `table`, read-only.

    ConfigError, one sentence: there is no such setting, one is missing or is not what it must be,
    or the class declares what cannot stand in ircish.toml.
    """
    if isinstance(declared, type) and dataclasses.is_dataclass(declared):
        return _filled(f"plugins.{toml_key(name)}", table, declared)
    return _frozen(table)


def needs(name: str, declared: type | None) -> str:
    """The table and the settings in it that a plugin cannot do without; "" where there are none."""
    if not (isinstance(declared, type) and dataclasses.is_dataclass(declared)):
        return ""
    required = [each.name for each in dataclasses.fields(declared) if _is_required(each)]
    return f"[plugins.{toml_key(name)}] {', '.join(required)}" if required else ""


def _is_required(each: dataclasses.Field[Any]) -> bool:
    return each.init and each.default is each.default_factory is dataclasses.MISSING


def _filled(where: str, table: Mapping[str, Any], declared: type) -> Any:
    kinds = _kinds(where, declared)
    for key in table:
        if key not in kinds:
            near = difflib.get_close_matches(key, kinds, 1)
            hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(kinds) or 'none'}."
            raise ConfigError(f"{where} has no setting {toml_key(key)}; {hint}")
    values = {}
    for each in dataclasses.fields(declared):
        if each.name in table:
            values[each.name] = kinds[each.name].parse(f"{where}.{each.name}", table[each.name])
        elif _is_required(each):
            raise ConfigError(
                f"{where}.{each.name} is missing; it must be {kinds[each.name].expects}."
            )
    try:
        return declared(**values)
    except ValueError as error:
        raise ConfigError(f"{where}: {str(error).rstrip('.')}.") from error


def _kinds(where: str, declared: type) -> dict[str, Kind]:
    """Of each field that ircish.toml may give."""
    try:
        hints = typing.get_type_hints(declared)
    except Exception as error:  # annotations are the author's code
        raise ConfigError(
            f"{where}: the annotations of {declared.__name__} cannot be understood ({error}); "
            "what they name must be defined in, or imported by, its module."
        ) from error
    kinds = {}
    for each in dataclasses.fields(declared):
        if each.init:
            try:
                kinds[each.name] = _kind(hints[each.name])
            except TypeError as error:
                raise ConfigError(
                    f"{where}.{each.name} is declared as {error}, which ircish.toml cannot hold; "
                    "use str, int, float, bool, Path, Literal, list[str], tuple[str, ...], "
                    "dict[str, str] or a dataclass."
                ) from error
    return kinds


def _kind(annotation: Any) -> Kind:
    """TypeError, saying what of it: there is none for it."""
    origin, of = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return _literal(of)
    if origin in (typing.Union, types.UnionType):
        return _union([_kind(each) for each in of if each is not type(None)])
    if annotation is list or annotation is dict:
        origin, of = annotation, (Any,) if annotation is list else (str, Any)
    if origin is list or (origin is tuple and len(of) == 2 and of[1] is ...):
        return _listed(origin, _kind(of[0]))
    if origin is dict and of[0] is str:
        return _mapped(_kind(of[1]))
    if isinstance(annotation, type) and dataclasses.is_dataclass(annotation):
        return _table(lambda where, value: _filled(where, value, annotation))
    for known, kind in SIMPLE.items():
        if annotation is known:
            return kind
    raise TypeError(annotation.__name__ if type(annotation) is type else annotation)


def _simple(expects: str, take: Callable[[Any], Any]) -> Kind:
    """`take` gives the value, or raises TypeError, ValueError or OverflowError."""

    def parse(where: str, value: Any) -> Any:
        try:
            return take(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise wrong(where, value, expects) from error

    return Kind(expects, parse)


def _only(*types: type) -> Callable[[Any], Any]:
    def take(value: Any) -> Any:
        if type(value) not in types:  # a bool is an int, a datetime a date
            raise TypeError
        return value

    return take


def _number(value: Any) -> float:
    number = float(_only(int, float)(value))
    if not math.isfinite(number):
        raise ValueError
    return number


def _path(value: Any) -> Path:
    if not _only(str)(value) or "\0" in value:
        raise ValueError
    try:
        return Path(value).expanduser()
    except RuntimeError as error:  # "~ann", where no ann has an account
        raise ValueError from error


SIMPLE: Mapping[Any, Kind] = MappingProxyType(
    {
        str: _simple("text in quotes", _only(str)),
        int: _simple("a whole number", _only(int)),
        float: _simple("a number", _number),
        bool: _simple("true or false", _only(bool)),
        Path: _simple('a file or directory in quotes, such as "~/chat"', _path),
        datetime.datetime: _simple("a date and time", _only(datetime.datetime)),
        datetime.date: _simple("a date, such as 2026-11-22", _only(datetime.date)),
        datetime.time: _simple("a time, such as 10:30:00", _only(datetime.time)),
        Any: _simple("anything", copy.deepcopy),
    }
)


def _literal(choices: tuple[Any, ...]) -> Kind:
    def take(value: Any) -> Any:
        if not any(type(each) is type(value) and each == value for each in choices):
            raise ValueError
        return value

    return _simple(_or([toml_value(each) for each in choices]), take)


def _union(kinds: list[Kind]) -> Kind:
    """The first of them that takes a value; of one kind only, its own words."""
    if len(kinds) == 1:
        return kinds[0]
    expects = _or([kind.expects for kind in kinds])

    def parse(where: str, value: Any) -> Any:
        for kind in kinds:
            try:
                return kind.parse(where, value)
            except ConfigError:
                pass
        raise wrong(where, value, expects)

    return Kind(expects, parse)


def _listed(make: Callable[[list[Any]], Any], kind: Kind) -> Kind:
    expects = f"a list in [ ], each {kind.expects}"

    def parse(where: str, value: Any) -> Any:
        if not isinstance(value, list | tuple):
            raise wrong(where, value, expects)
        return make([kind.parse(f"{where}[{i}]", each) for i, each in enumerate(value)])

    return Kind(expects, parse)


def _mapped(kind: Kind) -> Kind:
    def parse(where: str, value: Mapping[str, Any]) -> dict[str, Any]:
        return {key: kind.parse(f"{where}.{toml_key(key)}", each) for key, each in value.items()}

    return _table(parse)


def _table(parse: Callable[[str, Mapping[str, Any]], Any]) -> Kind:
    expects = "a table"

    def checked(where: str, value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise wrong(where, value, expects)
        return parse(where, value)

    return Kind(expects, checked)


def _or(words: list[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def _frozen(value: Any) -> Any:
    """The same, which nobody can change."""
    if isinstance(value, Mapping):
        return MappingProxyType({key: _frozen(each) for key, each in value.items()})
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple) else value

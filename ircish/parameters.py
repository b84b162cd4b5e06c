"""Parameters: what the types of a command's function say of its arguments: how each is read from a
word, shown in the usage, and refused. It takes no line apart; that is ``command``."""

from __future__ import annotations

import inspect
import math
import re
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NoReturn, TypeAlias

from ircish import phrases
from ircish.text import printable

Rest: TypeAlias = Annotated[str, "the text that is left"]
"""A parameter's type: all the text that is left, spaces and all."""

Nick: TypeAlias = Annotated[str, "a nick"]
"""A parameter's type: somebody's nick."""

Channel: TypeAlias = Annotated[str, "a channel"]
"""A parameter's type: a leading ``#channel``, or where there is none the caller's. ``Channel |
None`` is only the one that was typed."""

Duration: TypeAlias = Annotated[float, "a duration"]
"""A parameter's type: a time such as ``90s``, ``10m``, ``1h30m`` or ``2d``, at least a second and
at most a year; in seconds."""

MINUTE, HOUR, DAY, WEEK, YEAR = 60, 3_600, 86_400, 604_800, 31_536_000
"""s"""


@dataclass(frozen=True, slots=True)
class Between:
    """How large a number may be: ``Annotated[int, Between(1, 100)]``, ``Between(least=1)``; of a
    Duration in seconds. Both ends may be."""

    least: float = -math.inf
    most: float = math.inf


class Unlike(ValueError):
    """A word that is nothing like what was expected: perhaps it is for the next parameter. One that
    is like it, but wrong, is a mere ValueError and nobody else's."""


def spelt(seconds: float) -> str:
    """``1h30m``: a Duration as one would type it, in whole seconds."""
    left, text = round(seconds), ""
    for size, letter in ((DAY, "d"), (HOUR, "h"), (MINUTE, "m"), (1, "s")):
        count, left = divmod(left, size)
        text += f"{count}{letter}" if count else ""
    return text or "0s"


# How a word is read -------------------------------------------------------------------------------

Reader: TypeAlias = Callable[[str, str], Any]
"""From the name of a parameter and a word to a value. Raises Unlike, or ValueError, with a sentence
that names the parameter, what was wrong and what would be right."""

# Only ASCII digits are numbers; int() takes those of every script, and "1_0".
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_FLOAT = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?", re.ASCII)
_LIKE_A_NUMBER = re.compile(r"[+-]?[.,]?\d[\d.,_]*")
_UNITS = {"w": WEEK, "d": DAY, "h": HOUR, "m": MINUTE, "s": 1}
_DURATION = re.compile("".join(rf"(?:([0-9]{{1,9}}){unit})?" for unit in _UNITS), re.ASCII)
_LIKE_A_DURATION = re.compile(r"[+-]?(?:[0-9.,]+[wdhms])+[0-9]*", re.ASCII)
_SWITCH = {"on": True, "yes": True, "true": True, "off": False, "no": False, "false": False}


def _wrong(like: object, sentence: str, **fields: object) -> NoReturn:
    text = sentence.format(**fields)
    raise ValueError(text) if like else Unlike(text)


def _whole(name: str, word: str) -> int:
    if not _INTEGER.fullmatch(word):
        _wrong(_LIKE_A_NUMBER.fullmatch(word), phrases.NOT_WHOLE, name=name, word=word)
    return int(word)


def _number(name: str, word: str) -> float:
    if not _FLOAT.fullmatch(word):
        _wrong(_LIKE_A_NUMBER.fullmatch(word), phrases.NOT_A_NUMBER, name=name, word=word)
    return float(word)


def _switch(name: str, word: str) -> bool:
    if word.lower() not in _SWITCH:
        _wrong(False, phrases.NOT_A_SWITCH, name=name, word=word)
    return _SWITCH[word.lower()]


def _duration(name: str, word: str) -> float:
    small = word.lower()
    if _INTEGER.fullmatch(word):
        _wrong(True, phrases.NO_UNIT, name=name, word=word.lstrip("+-"))
    match = _DURATION.fullmatch(small)
    if not match or not any(match.groups()):
        like = _LIKE_A_NUMBER.fullmatch(word) or _LIKE_A_DURATION.fullmatch(small)
        _wrong(like, phrases.NOT_A_DURATION, name=name, word=word)
    counts = zip(match.groups(default="0"), _UNITS.values(), strict=True)
    return float(sum(int(count) * size for count, size in counts))


def _choice(choices: Sequence[str]) -> Reader:
    def read(name: str, word: str) -> str:
        if word not in choices:
            like = word.lower() in map(str.lower, choices)
            listed = ", ".join(choices)
            _wrong(like, phrases.NOT_A_CHOICE, name=name, choices=listed, word=word)
        return word

    return read


@dataclass(frozen=True, slots=True)
class Kind:
    """What there is to know of a type."""

    python: tuple[type, ...]
    """what a default may be"""
    read: Reader | None = None
    """None: any word is one"""
    choices: tuple[str, ...] = ()
    """what to type, where that is little"""
    bounds: Between | None = None
    """None: it cannot have any"""


KINDS: Mapping[Any, Kind] = {
    str: Kind((str,)),
    Nick: Kind((str,)),
    Channel: Kind(()),
    Rest: Kind((str,)),
    int: Kind((int,), _whole, bounds=Between()),
    float: Kind((int, float), _number, bounds=Between()),
    bool: Kind((bool,), _switch, ("on", "off")),
    Duration: Kind((int, float), _duration, bounds=Between(1, YEAR)),
}
"""Every type that an argument may have, but for the choices of a Literal."""

_WORD = Kind((str,))


def _kind(type_: Any) -> Kind:
    if typing.get_origin(type_) is Literal:
        choices = typing.get_args(type_)
        return Kind((str,), _choice(choices), choices)
    return KINDS.get(type_, _WORD)


# A parameter --------------------------------------------------------------------------------------

LONGEST = 40
"""Characters of choices in a usage; those of more have the parameter's name there."""

NAMES_A_NICK = re.compile(r"(.*nick|whom?)", re.ASCII)
"""A parameter so called is taken for somebody's nick by those who see only the usage."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a command."""

    name: str
    type: Any
    required: bool
    default: Any = None
    repeated: bool = False
    """As many words as there are, or none: ``*nicks: Nick``."""
    bounds: Between | None = None
    read: Reader | None = field(init=False, repr=False)
    """None: any word is one"""

    def __post_init__(self) -> None:
        kind = _kind(self.type)
        object.__setattr__(self, "read", kind.read)
        object.__setattr__(self, "bounds", self.bounds or kind.bounds)

    @property
    def shown(self) -> str:
        """Its name for people: ``from`` for ``from_``, ``per-day`` for ``per_day``, ``nick`` for
        ``*nicks``."""
        name = self.name.strip("_").replace("_", "-")
        if self.repeated and not name.endswith(("ss", "ses", "xes", "ies", "ches", "shes")):
            return name.removesuffix("s")
        return name

    @property
    def choices(self) -> tuple[str, ...]:
        """What there is to type, where that is little."""
        return _kind(self.type).choices

    @property
    def usage(self) -> str:
        """``<dice>``, ``[<reason>]``, ``<on|off>``, ``[<nick>...]``, ``[#channel]`` (the caller's
        where none is typed), ``[<channel>]`` (none then). From it a client knows what to offer,
        and of a name that ``NAMES_A_NICK``, that people are meant."""
        if self.type is Channel:
            return "[#channel]" if self.required else "[<channel>]"
        choices = "|".join(self.choices)
        name = choices if 0 < len(choices) <= LONGEST else self.shown
        if self.repeated:
            return f"[<{name}>...]"
        return f"<{name}>" if self.required else f"[<{name}>]"

    def convert(self, word: str) -> Any:
        """The value that a word means. Raises Unlike, or ValueError, with a sentence."""
        if self.read is None:
            return word
        value = self.read(self.shown, word)
        bounds = self.bounds
        if bounds and not bounds.least <= value <= bounds.most:
            raise ValueError(self._out_of(bounds, word))
        return value

    def _out_of(self, bounds: Between, word: str) -> str:
        shown = spelt if self.type is Duration else str
        if bounds.most == math.inf:
            limits = phrases.AT_LEAST.format(least=shown(bounds.least))
        elif bounds.least == -math.inf:
            limits = phrases.AT_MOST.format(most=shown(bounds.most))
        else:
            limits = phrases.FROM_TO.format(least=shown(bounds.least), most=shown(bounds.most))
        return phrases.OUT_OF_BOUNDS.format(name=self.shown, limits=limits, word=word)

    def takes(self, word: str) -> bool:
        """Whether the word can be this argument."""
        if self.type is Channel:
            return word[:1] == "#"
        try:
            self.convert(word)
        except ValueError:
            return False
        return True


# From a function to its parameters ----------------------------------------------------------------


def parameters_of(
    verb: str, function: Callable[..., None], words: Sequence[Any] = ()
) -> tuple[Parameter, ...]:
    """A function's parameters after its first; ``words`` are types that are one word, beside those
    that every command has. Raises TypeError, a sentence, for what nobody could type."""
    signature = list(inspect.signature(function).parameters.values())
    if not signature or signature[0].kind not in _BY_PLACE:
        raise TypeError(f"{verb}: its function takes the context as its first argument")
    hints = _hints(verb, function, [argument.name for argument in signature[1:]])
    known = (*KINDS, *words)
    parameters = tuple(
        _parameter(verb, each, hints.get(each.name, str), known) for each in signature[1:]
    )
    for index, parameter in enumerate(parameters):
        _check_order(verb, parameter, parameters[index + 1 :])
    return parameters


_BY_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_REPEATED = inspect.Parameter.VAR_POSITIONAL


def _parameter(
    verb: str, argument: inspect.Parameter, hint: Any, known: Iterable[Any]
) -> Parameter:
    name, given = argument.name, argument.default is not inspect.Parameter.empty
    if argument.kind not in (*_BY_PLACE, _REPEATED):
        raise TypeError(f"{verb}: {name} must be a plain parameter; nobody types names")
    hint, optional = _without_none(hint)
    hint, bounds = _without_bounds(hint)
    if typing.get_origin(hint) is Literal:
        _check_choices(verb, name, typing.get_args(hint))
    else:
        hint = next((each for each in known if each == hint), None) or _untypable(verb, argument)
    kind = _kind(hint)
    if argument.kind is _REPEATED and hint in (Rest, Channel):
        raise TypeError(f"{verb}: {name} can be there only once; write it without *")
    if bounds and (kind.bounds is None or not bounds.least <= bounds.most):
        raise TypeError(f"{verb}: {name} cannot be between {bounds.least} and {bounds.most}")
    default = argument.default if given else None
    fits = default in kind.choices if kind.read and kind.python == (str,) else None
    if default is not None and not (isinstance(default, kind.python) if fits is None else fits):
        raise TypeError(f"{verb}: the default of {name} cannot be {default!r}")
    required = not (given or optional or argument.kind is _REPEATED)
    return Parameter(name, hint, required, default, argument.kind is _REPEATED, bounds)


def _untypable(verb: str, argument: inspect.Parameter) -> NoReturn:
    type_ = argument.annotation
    shown = type_ if isinstance(type_, str) else inspect.formatannotation(type_)
    raise TypeError(
        f"{verb}: {argument.name} has a type that nobody can type: {shown}; write str, int, float, "
        "bool, a Literal, Nick, Channel, Duration or Rest"
    )


def _without_none(hint: Any) -> tuple[Any, bool]:
    """``Nick`` and True for ``Nick | None``."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        others = [each for each in typing.get_args(hint) if each is not type(None)]
        if len(others) == 1:
            return others[0], True
    return hint, False


def _without_bounds(hint: Any) -> tuple[Any, Between | None]:
    """``int`` and its bounds for ``Annotated[int, Between(1, 6)]``."""
    if typing.get_origin(hint) is Annotated:
        annotated: Any = Annotated
        inner, *notes = typing.get_args(hint)
        bounds = [note for note in notes if isinstance(note, Between)]
        others = [note for note in notes if not isinstance(note, Between)]
        if bounds:
            return (annotated[(inner, *others)] if others else inner), bounds[-1]
    return hint, None


def _check_choices(verb: str, name: str, choices: Sequence[Any]) -> None:
    if not all(isinstance(choice, str) for choice in choices):
        raise TypeError(f"{verb}: the choices of {name} must be strings")
    for choice in choices:
        if not choice or set(choice) & set(" |<>[]") or choice != printable(choice):
            raise TypeError(f"{verb}: {choice!a} of {name} is no word that one can type")


def _check_order(verb: str, parameter: Parameter, later: Sequence[Parameter]) -> None:
    name = parameter.name
    if later and parameter.type is Rest:
        raise TypeError(f"{verb}: nothing can come after {name}, the rest")
    if parameter.required or parameter.type is Channel:
        return
    for each in later:
        if each.required and each.type is not Channel and _hides(parameter, each):
            raise TypeError(
                f"{verb}: {name} takes every word that {each.name} could be, so it cannot be left "
                f"out before it; put {name} last"
            )


def _hides(parameter: Parameter, later: Parameter) -> bool:
    """Whether no word that ``later`` needs can get past ``parameter``."""
    numbers = (int, float)
    both = parameter.type in numbers and later.type in numbers
    return parameter.read is None or parameter.type == later.type or both


def _hints(verb: str, function: Callable[..., None], names: Sequence[str]) -> dict[str, Any]:
    """The types of those parameters; that of the first, and what is returned, need not be there
    when the file runs."""
    unwrapped = inspect.unwrap(function)
    annotations = getattr(unwrapped, "__annotations__", {})
    asked = types.SimpleNamespace(
        __annotations__={name: annotations[name] for name in names if name in annotations}
    )
    try:
        return typing.get_type_hints(
            asked, getattr(unwrapped, "__globals__", {}), include_extras=True
        )
    except Exception as error:  # whatever an annotation does when it is evaluated
        raise TypeError(f"{verb}: the types of its arguments cannot be read: {error}") from error

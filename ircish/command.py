"""``@command``: a typed function becomes a verb with arguments, usage, help and rights."""

from __future__ import annotations

import difflib
import functools
import inspect
import re
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, TypeVar

from ircish import replies
from ircish.errors import Refused
from ircish.text import printable
from ircish.wire import Message

if TYPE_CHECKING:
    from ircish.context import Context

Rest: TypeAlias = Annotated[str, "the text that is left"]
"""A parameter's type: all the text that is left, spaces and all."""

Nick: TypeAlias = Annotated[str, "a nick"]
"""A parameter's type: somebody's nick."""

Channel: TypeAlias = Annotated[str, "a channel"]
"""A parameter's type: a leading ``#channel``, or where there is none the caller's."""

Allow = Literal["anyone", "member", "op", "oper"]
"""Who may: anyone; members, operators of the channel; operators of the server."""

_VERB = re.compile(r"[A-Z][A-Z0-9]*", re.ASCII)
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_FLOAT = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a command."""

    name: str
    type: Any
    required: bool
    default: Any = None

    @property
    def usage(self) -> str:
        """``<dice>``, ``[<reason>]``, ``[#channel]``."""
        if self.type is Channel:
            return "[#channel]"
        word = f"<{self.name}>"
        return word if self.required else f"[{word}]"

    def convert(self, word: str) -> Any:
        """The value that a word means. Raises ValueError with a sentence."""
        if self.type is int:
            if not _INTEGER.fullmatch(word):
                raise ValueError(replies.NOT_WHOLE.format(name=self.name, word=word))
            return int(word)
        if self.type is float:
            if not _FLOAT.fullmatch(word):
                raise ValueError(replies.NOT_A_NUMBER.format(name=self.name, word=word))
            return float(word)
        if typing.get_origin(self.type) is Literal:
            choices = typing.get_args(self.type)
            if word not in choices:
                listed = ", ".join(choices)
                raise ValueError(
                    replies.NOT_A_CHOICE.format(name=self.name, choices=listed, word=word)
                )
        return word


@dataclass(frozen=True, slots=True, eq=False)
class Typed:
    """What a function that people call by a verb tells of itself: for the server's commands and
    for the client's."""

    verb: str
    function: Callable[..., None]
    parameters: tuple[Parameter, ...]
    summary: str
    """one line, from the docstring"""
    help: str
    """the whole docstring, a paragraph a line"""
    aliases: tuple[str, ...] = ()

    @property
    def usage(self) -> str:
        """``KICK [#channel] <nick> [<reason>]``"""
        return " ".join([self.verb, *(parameter.usage for parameter in self.parameters)])

    def values(self, words: Words, channel: Callable[[], str]) -> list[Any]:
        """The arguments that the words of a line mean; ``channel`` takes one of them, or knows
        another. Raises Refused where they are not of this command."""
        values: list[Any] = []
        for parameter in self.parameters:
            if parameter.type is Channel:
                values.append(channel())
            elif parameter.type is Rest:
                values.append(words.rest(parameter))
            else:
                word = words.word(parameter)
                values.append(
                    parameter.default if word is None else self._converted(parameter, word)
                )
        words.end()
        return values

    def _converted(self, parameter: Parameter, word: str) -> Any:
        if parameter.type is str or parameter.type is Nick:
            return word
        try:
            return parameter.convert(word)
        except ValueError as error:
            raise Refused(
                replies.BAD_ARGUMENT, verb=self.verb, wrong=str(error), usage=self.usage
            ) from None

    def missing(self, parameter: Parameter) -> Refused:
        """The refusal that says which argument is not there."""
        return Refused(
            replies.NEED_MORE_PARAMS,
            verb=self.verb,
            missing=parameter.usage,
            usage=self.usage,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Command(Typed):
    """A verb of the server's and all that is known of it."""

    allow: Allow = "anyone"
    unregistered: bool = False
    dialects: tuple[str, ...] = ("irc", "plain")
    hidden: bool = False
    """Spoken by programs: not in the list of HELP, not in the catalogue."""
    strict: bool = False
    """In irc a missing channel is an error, as the RFCs have it, and not the caller's."""
    examples: Mapping[str, str] = field(default_factory=dict)
    plugin: str = ""

    def of(self, plugin: str) -> Command:
        """The same command, named as that plugin's."""
        return replace(self, plugin=plugin)

    def run(self, ctx: Context, message: Message) -> None:
        """Do what a line says. Raises Refused where the arguments are not of this command."""
        words: Words
        if ctx.dialect == "plain":
            words = TypedWords(message.rest, self)
        else:
            words = _Params(message.params, self)

        def channel() -> str:
            ctx.at(self._channel(ctx, words))
            return ctx.channel

        values = self.values(words, channel)
        if self.allow != "anyone":
            ctx.require(self.allow)
        self.function(ctx, *values)

    def _channel(self, ctx: Context, words: Words) -> str:
        if words.peek()[:1] == "#":
            return words.next() or ""
        if self.strict and ctx.dialect == "irc":
            if word := words.peek():
                raise Refused(replies.NO_SUCH_CHANNEL, channel=word)
            raise Refused(replies.NO_CHANNEL, verb=self.verb, usage=self.usage)
        return ctx.here(self)


class Words:
    """The arguments of one line, taken from the left."""

    def __init__(self, command: Typed) -> None:
        self.command = command

    def next(self) -> str | None:
        raise NotImplementedError

    def peek(self) -> str:
        raise NotImplementedError

    def remaining(self) -> str:
        raise NotImplementedError

    def word(self, parameter: Parameter) -> str | None:
        word = self.next()
        if word is None and parameter.required:
            raise self.command.missing(parameter)
        return word

    def rest(self, parameter: Parameter) -> str:
        text = self.remaining()
        if not text:
            if parameter.required:
                raise self.command.missing(parameter)
            return parameter.default or ""
        return text

    def end(self) -> None:
        """Refuse what is left over, where a person typed it."""


class _Params(Words):
    """IRC's parameters; more than a command has are ignored, as IRC does."""

    def __init__(self, params: Sequence[str], command: Typed) -> None:
        super().__init__(command)
        self._params = params
        self._index = 0

    def next(self) -> str | None:
        if self._index == len(self._params):
            return None
        self._index += 1
        return self._params[self._index - 1]

    def peek(self) -> str:
        return self._params[self._index] if self._index < len(self._params) else ""

    def remaining(self) -> str:
        rest = self._params[self._index :]
        self._index = len(self._params)
        return rest[0] if len(rest) == 1 else " ".join(rest)


class TypedWords(Words):
    """What a person typed: words between spaces, and text as it stands."""

    def __init__(self, text: str, command: Typed) -> None:
        super().__init__(command)
        self._text = text.strip(" ")

    def next(self) -> str | None:
        word, _, rest = self._text.partition(" ")
        self._text = rest.lstrip(" ")
        return word or None

    def peek(self) -> str:
        return self._text.partition(" ")[0]

    def remaining(self) -> str:
        text, self._text = self._text, ""
        return text

    def end(self) -> None:
        if self._text:
            verb = self.command.verb
            wrong = replies.TOO_MUCH.format(verb=verb, rest=self._text)
            raise Refused(replies.BAD_ARGUMENT, verb=verb, wrong=wrong, usage=self.command.usage)


Function = TypeVar("Function", bound=Callable[..., None])


def command(
    verb: str,
    *,
    aliases: Sequence[str] = (),
    allow: Allow = "anyone",
    unregistered: bool = False,
    dialects: Sequence[str] = ("irc", "plain"),
    hidden: bool = False,
    strict: bool = False,
    examples: Mapping[str, str] | None = None,
) -> Callable[[Callable[..., None]], Command]:
    """Make a command of a function ``(ctx, ...)``.

    Its parameters say what can be typed: ``str`` is a word, ``int`` and ``float`` numbers,
    ``Literal`` a choice, ``Nick``, ``Channel`` and ``Rest`` (the text that is left) as named; those
    with a default may be left out. Its docstring is the help, the first line the summary.
    ``examples`` are lines and what the caller, ann, then reads.

    Raises TypeError, when the file is loaded, for a function that cannot be one.
    """

    def decorate(function: Callable[..., None]) -> Command:
        for name in (verb, *aliases):
            if not _VERB.fullmatch(name):
                raise TypeError(f"{name!r} cannot be a verb: capital letters and digits")
        if inspect.iscoroutinefunction(function):
            raise TypeError(f"{verb}: write def, not async def; it may wait, in its own thread")
        paragraphs = paragraphs_of(verb, function, examples or ())
        return Command(
            verb=verb,
            function=function,
            parameters=parameters_of(verb, function),
            summary=paragraphs[0],
            help="\n".join(paragraphs),
            aliases=tuple(aliases),
            allow=allow,
            unregistered=unregistered,
            dialects=tuple(dialects),
            hidden=hidden,
            strict=strict,
            examples=dict(examples or {}),
        )

    return decorate


def paragraphs_of(verb: str, function: Callable[..., None], also: Iterable[str] = ()) -> list[str]:
    """The help in a function's docstring, a paragraph each. Raises TypeError where there is none,
    or where it or what is ``also`` shown cannot be shown."""
    text = inspect.getdoc(function)
    if not text:
        raise TypeError(f"{verb} has no help: its function needs a docstring")
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n")]
    for shown in (*paragraphs, *also):
        if shown != printable(shown):
            raise TypeError(f"{verb}: its help has what cannot be shown: {shown!a}")
    return paragraphs


def parameters_of(
    verb: str, function: Callable[..., None], words: Sequence[Any] = ()
) -> tuple[Parameter, ...]:
    """A function's parameters after its first; ``words`` are types that are one word, beside those
    that every command has. Raises TypeError for what nobody could type."""
    hints = _hints(function)
    parameters: list[Parameter] = []
    signature = list(inspect.signature(function).parameters.values())
    if not signature:
        raise TypeError(f"{verb}: its function takes the context as its first argument")
    for argument in signature[1:]:
        kind = hints.get(argument.name, str)
        if argument.kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD:
            raise TypeError(f"{verb}: {argument.name} must be a plain parameter, without *")
        if not all(isinstance(choice, str) for choice in _choices(kind)):
            raise TypeError(f"{verb}: the choices of {argument.name} must be strings")
        if kind not in (str, int, float, Rest, Nick, Channel, *words) and (
            typing.get_origin(kind) is not Literal
        ):
            raise TypeError(f"{verb}: {argument.name} has a type that nobody can type: {kind}")
        if parameters and parameters[-1].type is Rest:
            raise TypeError(f"{verb}: nothing can come after {parameters[-1].name}, the rest")
        required = argument.default is inspect.Parameter.empty
        default = None if required else argument.default
        parameters.append(Parameter(argument.name, kind, required, default))
    return tuple(parameters)


def _choices(kind: Any) -> tuple[Any, ...]:
    return typing.get_args(kind) if typing.get_origin(kind) is Literal else ()


def _hints(function: Callable[..., None]) -> dict[str, Any]:
    """The parameters' types; the first one's name need not be there when the file runs."""
    names: dict[str, Any] = {"Context": object, "Client": object}
    return typing.get_type_hints(function, localns=names, include_extras=True)


class CommandTable:
    """Every verb of each dialect. Never changed: a new one replaces it whole."""

    def __init__(self, commands: Sequence[Command] = ()) -> None:
        self.commands = tuple(commands)
        self._verbs: dict[str, dict[str, Command]] = {"irc": {}, "plain": {}}
        for each in commands:
            for dialect in each.dialects:
                for verb in (each.verb, *each.aliases):
                    other = self._verbs[dialect].setdefault(verb, each)
                    if other is not each:
                        raise Taken(verb, each.plugin, other.plugin)

    def find(self, dialect: str, verb: str) -> Command | None:
        """The command that a verb (in capitals) means in a dialect."""
        return self._verbs[dialect].get(verb)

    @functools.cache  # noqa: B019  # a table lives as long as the server or until replaced
    def listed(self, dialect: str) -> tuple[Command, ...]:
        """What HELP and the catalogue show, in the order of their verbs."""
        commands = {c.verb: c for c in self._verbs[dialect].values() if not c.hidden}
        return tuple(commands[verb] for verb in sorted(commands))

    def nearest(self, dialect: str, verb: str) -> str | None:
        """The verb that was perhaps meant."""
        known = [each.verb for each in self.listed(dialect)]
        return next(iter(difflib.get_close_matches(verb, known, 1, 0.7)), None)


class Taken(Exception):
    """Two plugins want one verb."""

    def __init__(self, verb: str, late: str, early: str) -> None:
        super().__init__(f"{late}: the command {verb} is {early}'s already")
        self.verb = verb

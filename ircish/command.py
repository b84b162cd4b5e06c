"""``@command``: a typed function becomes a verb with arguments, usage, help and rights."""

from __future__ import annotations

import difflib
import functools
import inspect
import re
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from ircish import phrases, replies
from ircish.errors import Refused
from ircish.parameters import Channel, Nick, Parameter, Rest, Unlike, parameters_of
from ircish.rates import Rate, rate_of, waiting
from ircish.text import printable
from ircish.wire import Message

if TYPE_CHECKING:
    from ircish.context import Context
    from ircish.plugin import Plugin
    from ircish.tally import Tally

__all__ = [
    "Allow",
    "Channel",
    "Command",
    "CommandTable",
    "Nick",
    "Parameter",
    "Rest",
    "Taken",
    "Typed",
    "TypedWords",
    "Words",
    "command",
    "paragraphs_of",
    "parameters_of",
]

Allow = Literal["anyone", "member", "op", "oper"]
"""Who may: anyone; members, operators of the channel; operators of the server."""

_VERB = re.compile(r"[A-Z][A-Z0-9]*", re.ASCII)


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
        for index, parameter in enumerate(self.parameters):
            kind = parameter.type
            if kind is Rest:
                values.append(words.rest(parameter))
            elif kind is Channel:
                named = parameter.required or parameter.takes(words.peek())
                values.append(channel() if named else None)
            elif parameter.repeated:
                values += self._repeated(parameter, words)
            elif parameter.read is None:
                word = words.word(parameter)
                values.append(parameter.default if word is None else word)
            else:
                values.append(self._taken(parameter, words, self.parameters[index + 1 :]))
        words.end()
        return values

    def _taken(self, parameter: Parameter, words: Words, later: Sequence[Parameter]) -> Any:
        word = words.peek()
        if not word:
            return words.none(parameter)
        try:
            value = parameter.convert(word)
        except ValueError as error:
            skippable = isinstance(error, Unlike) and not parameter.required
            if skippable and any(each.takes(word) for each in later):
                return parameter.default
            raise self._bad(error) from None
        words.next()
        return value

    def _repeated(self, parameter: Parameter, words: Words) -> Iterator[Any]:
        for word in words.each():
            try:
                yield parameter.convert(word)
            except ValueError as error:
                raise self._bad(error) from None

    def _bad(self, error: ValueError) -> Refused:
        return Refused(replies.BAD_ARGUMENT, verb=self.verb, wrong=str(error), usage=self.usage)

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
    rate: Rate | None = None
    plugin: str = ""
    home: Plugin | None = None
    """the plugin that has brought it"""
    tally: Tally | None = None
    """how it does; None where it is built in, and not watched"""

    def of(self, home: Plugin, tally: Tally | None = None) -> Command:
        """The same command, as one of that plugin's."""
        return replace(self, plugin=home.name, home=home, tally=tally)

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
        if self.rate:
            self._count(ctx, self.rate)
        self.function(ctx, *values)

    def _count(self, ctx: Context, rate: Rate) -> None:
        """Raises Refused where it is too soon; operators of the server need not wait."""
        wait = ctx.server.rates.use(self.verb, ctx.connection.user_id, rate)
        if wait and not (ctx.connection.registered and ctx.user.operator):
            raise Refused(replies.NOT_SO_FAST, verb=self.verb, wait=waiting(wait))

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

    def none(self, parameter: Parameter) -> Any:
        """Its default, where nothing was typed for it."""
        if parameter.required:
            raise self.command.missing(parameter)
        self.next()  # an IRC client may send it empty
        return parameter.default

    def rest(self, parameter: Parameter) -> Any:
        return self.remaining() or self.none(parameter)

    def each(self) -> Iterator[str]:
        """Every word that is left; an IRC client may send them as one parameter."""
        while (words := self.next()) is not None:
            yield from filter(None, words.split(" "))

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
            wrong = phrases.TOO_MUCH.format(verb=verb, rest=self._text)
            raise Refused(replies.BAD_ARGUMENT, verb=verb, wrong=wrong, usage=self.command.usage)


def command(
    verb: str,
    *,
    aliases: Sequence[str] = (),
    allow: Allow = "anyone",
    rate: str = "",
    unregistered: bool = False,
    dialects: Sequence[str] = ("irc", "plain"),
    hidden: bool = False,
    strict: bool = False,
    examples: Mapping[str, str] | None = None,
) -> Callable[[Callable[..., None]], Command]:
    """Make a command of a function ``(ctx, ...)``.

    Its parameters say what can be typed: ``str`` is a word, ``int`` and ``float`` numbers, ``bool``
    on or off, ``Literal["a", "b"]`` a choice, ``Nick``, ``Channel``, ``Duration`` (such as 10m; in
    seconds) and ``Rest`` (the text that is left) as named; ``Annotated[int, Between(1, 6)]`` has
    bounds; ``*nicks: Nick`` is any number of them. (People called ``nick``, ``who`` or ``old_nick``
    are those whose nicks a client offers.) What has a default, or may be None (``Nick | None``),
    may be left out. A word that is nothing like such an argument goes to a later one that can take
    it: with ``times: int = 1, text: Rest = ""``, ``SHOUT hello`` has the text hello, while
    ``SHOUT 1.5 hello`` is refused.

    The docstring is the help, its first line the summary. ``allow`` says who may: anyone, a member
    of the channel, its operators (op), the server's (oper); ``rate`` how often each of them, as
    "5/min" (s, min, h, day); ``unregistered``, that one need not have come in. ``examples`` are
    lines and what the caller, ann, then reads. ``dialects``, ``hidden`` and ``strict`` are for what
    IRC asks of the built-in commands.

    Raises TypeError, a sentence, when the file is loaded, for what cannot be a command.
    """
    _check(verb, aliases, allow, examples or {}, unregistered=unregistered)
    try:
        often = rate_of(rate) if rate != "" else None
    except ValueError as error:
        raise TypeError(f"{verb}: {error}") from None

    def decorate(function: Callable[..., None]) -> Command:
        if inspect.iscoroutinefunction(function):
            raise TypeError(f"{verb}: write def, not async def; it may wait, in its own thread")
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(f"{verb}: its function must not yield; ctx.reply answers")
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
            rate=often,
        )

    return decorate


def _check(
    verb: str, aliases: Sequence[str], allow: str, examples: object, *, unregistered: bool
) -> None:
    if callable(verb):
        raise TypeError('after @command comes its verb: @command("ROLL")')
    if isinstance(aliases, str):
        raise TypeError(f'{verb}: aliases are a list, as ["{aliases}"]')
    for name in (verb, *aliases):
        if not (isinstance(name, str) and _VERB.fullmatch(name)):
            raise TypeError(f"{name!r} cannot be a verb: capital letters and digits")
    may = typing.get_args(Allow)
    if allow not in may:
        raise TypeError(f"{verb}: allow is one of {', '.join(may)}, not {allow!r}")
    if unregistered and allow != "anyone":
        raise TypeError(f"{verb}: who has not come in is no {allow}; leave out one of the two")
    if not isinstance(examples, Mapping) or not all(
        isinstance(text, str) for pair in examples.items() for text in pair
    ):
        raise TypeError(f"{verb}: examples are a dict from a line to what ann then reads")


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

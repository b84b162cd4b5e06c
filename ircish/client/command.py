"""``@slash_command``: a typed function becomes a command of the client; what was typed after the
slash finds its command, an alias, or a verb of the server's."""

from __future__ import annotations

import difflib
import importlib
import inspect
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, TypeAlias

from ircish.client.commands import GROUPS
from ircish.client.receiving import ServerCommand
from ircish.command import Taken, Typed, TypedWords, paragraphs_of, parameters_of
from ircish.errors import Refused

if TYPE_CHECKING:
    from ircish.client.client import Client

SettingName: TypeAlias = Annotated[str, "a setting"]
"""A parameter's type: the name of a setting."""

WindowName: TypeAlias = Annotated[str, "a window"]
"""A parameter's type: a window's number or name."""

CommandName: TypeAlias = Annotated[str, "a command"]
"""A parameter's type: the name of a command, with its slash or without."""

AliasName: TypeAlias = Annotated[str, "an alias"]
"""A parameter's type: the name of one of the user's aliases."""

NAME = re.compile(r"[a-z][a-z0-9]*", re.ASCII)
"""What a slash-command can be called."""

BUILT_IN = "ircish"
"""Whose the client's own commands are."""

IRC_VERBS: Mapping[str, ServerCommand] = {
    verb: ServerCommand(verb, "anyone", usage, summary)
    for verb, usage, summary in (
        ("ADMIN", "[<server>]", "Read who runs the server."),
        ("INFO", "[<server>]", "Read what the server says of its software."),
        ("ISON", "<nicks>", "Ask which of some people are here: /ison ann ben."),
        ("KNOCK", "<channel> [<text>]", "Ask to be let into a channel."),
        ("LINKS", "[<mask>]", "See the servers of this network."),
        ("LUSERS", "", "Read how many people are here."),
        ("MAP", "", "See how the servers of this network are connected."),
        ("MONITOR", "<+|-|c|l|s> [<nicks>]", "Be told when somebody comes or leaves."),
        ("MOTD", "[<server>]", "Read the server's message of the day."),
        ("OPER", "<name> <password>", "Become an operator of the server."),
        ("SETNAME", "<realname>", "Change your real name."),
        ("STATS", "[<letter>] [<server>]", "Read figures of the server."),
        ("TIME", "[<server>]", "Read the server's time."),
        ("USERHOST", "<nicks>", "Ask from where some people come."),
        ("VERSION", "[<server>]", "Read which software the server runs."),
        ("WALLOPS", "<text>", "Tell all operators something."),
        ("WHO", "[<mask>] [<more>]", "See who is in a channel, or whose nick fits a mask."),
        ("WHOWAS", "<nick> [<count>]", "Ask about somebody who has left."),
    )
}
"""Verbs for a server that does not tell its own (Modern IRC §3, RFC 2812 §3)."""

log = logging.getLogger("ircish.client")


class Mistake(Exception):
    """What is shown to the person at the keyboard: one sentence, with the way out.

    What was typed stays in the prompt, unless it is ``done``.
    """

    def __init__(self, sentence: str, *, done: bool = False) -> None:
        super().__init__(sentence)
        self.done = done


@dataclass(frozen=True, slots=True, eq=False)
class SlashCommand(Typed):
    """A command of the client's and all that is known of it. ``verb`` has its slash."""

    group: str = ""
    """under what /help lists it"""
    plugin: str = BUILT_IN

    @property
    def name(self) -> str:
        """``win``"""
        return self.verb[1:]

    @property
    def names(self) -> tuple[str, ...]:
        """Its name, and its aliases."""
        return (self.name, *self.aliases)

    def of(self, plugin: str, group: str = "") -> SlashCommand:
        """The same command, named as that plugin's."""
        return replace(self, plugin=plugin, group=group or plugin)

    def run(self, client: Client, text: str) -> None:
        """Do it, with what was typed after its name. Raises Mistake."""
        words = TypedWords(text, self)

        def channel() -> str:
            if is_channel(client, words.peek()):
                return words.next() or ""
            if client.windows.current.kind == "channel":
                return client.windows.current.name
            raise Mistake(f"This window is no channel's; say which one: {self.usage}")

        try:
            values = self.values(words, channel)
        except Refused as refused:
            raise Mistake(str(refused)) from None
        self.function(client, *values)


def is_channel(client: Client, name: str) -> bool:
    """Whether a name is a channel's, on this server."""
    return client.session.is_channel(name) if client.session else name[:1] in ("#", "&")


def slash_command(
    name: str, *, aliases: Sequence[str] = ()
) -> Callable[[Callable[..., None]], SlashCommand]:
    """Make a slash-command of a function ``(client, ...)``.

    Its parameters say what can be typed, as with ``@command``; ``Channel`` is a leading #channel,
    or the window's. Its docstring is the help, the first line the summary.

    Raises TypeError, when the file is loaded, for a function that cannot be one.
    """

    def decorate(function: Callable[..., None]) -> SlashCommand:
        for each in (name, *aliases):
            if not NAME.fullmatch(each):
                raise TypeError(f"{each!r} cannot be a slash-command: small letters and digits")
        verb = f"/{name}"
        if inspect.iscoroutinefunction(function):
            raise TypeError(f"{verb}: write def, not async def; it must not wait")
        paragraphs = paragraphs_of(verb, function)
        types = (SettingName, WindowName, CommandName, AliasName)
        parameters = parameters_of(verb, function, types)
        help_ = "\n".join(paragraphs)
        return SlashCommand(verb, function, parameters, paragraphs[0], help_, tuple(aliases))

    return decorate


class Commands:
    """The slash-commands of one client."""

    def __init__(self) -> None:
        self.table: Mapping[str, SlashCommand] = {}
        """By name and by alias. Never changed: a new one replaces it whole."""
        self.used: Counter[str] = Counter()
        """How often each name was typed."""
        for group, name in GROUPS.items():
            module = importlib.import_module(f"ircish.client.commands.{name}")
            self.add(BUILT_IN, module.client_commands(), group)

    def add(self, plugin: str, commands: Iterable[SlashCommand], group: str = "") -> None:
        """Add a plugin's commands. Raises Taken, with none of them added, where one of their names
        is another's already."""
        table = dict(self.table)
        for command in commands:
            own = command.of(plugin, group)
            for name in own.names:
                other = table.setdefault(name, own)
                if other is not own:
                    raise Taken(f"/{name}", plugin, other.plugin)
        self.table = table

    def listed(self) -> list[SlashCommand]:
        """Every command once, in the order in which they were added."""
        return list(dict.fromkeys(self.table.values()))

    def find(self, name: str) -> SlashCommand | None:
        """The command of a name or alias, with its slash or without."""
        return self.table.get(name.removeprefix("/").lower())

    def nearest(self, client: Client, name: str) -> str | None:
        """The name that was perhaps meant: one that begins so, or one that looks like it."""
        known = [*self.table, *client.settings.aliases, *map(str.lower, verbs(client))]
        begun = [each for each in known if name and each.startswith(name)]
        if begun:
            return min(begun, key=lambda each: (-self.used[each], len(each)))
        return next(iter(difflib.get_close_matches(name, known, 1, 0.6)), None)

    def meaning(self, client: Client, text: str) -> str:
        """What ``/text`` comes to: where its name is one of the user's aliases, what that stands
        for. Within what it stands for, its name is a command's."""
        within: set[str] = set()
        while True:
            word, _, rest = text[1:].partition(" ")
            name = word.lower()
            alias = client.settings.aliases.get(name)
            if not alias or name in within:
                return text
            within.add(name)
            text = f"/{expanded(client, alias, rest.strip(' '))}"

    def run(self, client: Client, text: str) -> None:
        """Do what was typed after the slash: one of the user's aliases, a command, a verb of the
        server's. Raises Mistake."""
        typed = text.partition(" ")[0].lower()
        word, _, rest = self.meaning(client, f"/{text}")[1:].partition(" ")
        name, rest = word.lower(), rest.strip(" ")
        if command := self.table.get(name):
            self.used[typed] += 1
            _guarded(command, client, rest)
        elif verb := verbs(client).get(name.upper()):
            self.used[typed] += 1
            client.call(verb.verb, *params(client, verb, rest))
        else:
            raise Mistake(self.unknown(client, name))

    def unknown(self, client: Client, name: str) -> str:
        """What to say of a name that nothing has."""
        near = self.nearest(client, name)
        hint = f"did you mean /{near}?" if near else "/help lists what there is."
        if not name:
            return "After the slash comes a command; /help lists them, and //text says /text."
        return f"There is no command /{name}; {hint} Nothing was sent."


def _guarded(command: SlashCommand, client: Client, text: str) -> None:
    """Run it; a fault of its own is logged, and told in a sentence."""
    try:
        command.run(client, text)
    except (Mistake, KeyboardInterrupt):
        raise
    except BaseException as error:  # a plugin's SystemExit must not end the client
        log.error("%s: %s failed", command.plugin, command.verb, exc_info=error)
        raise Mistake(
            f"{command.verb} failed; that is a fault of {command.plugin}'s, and is logged."
        ) from error


# Aliases ----------------------------------------------------------------------------------------

_PLACE = re.compile(r"\$(?:(\*)|([1-9])(-?)|(channel|nick)\b)")


def expanded(client: Client, alias: str, text: str) -> str:
    """What an alias stands for, without its slash: ``$1`` is the first word typed after it, ``$2-``
    the second and all that follow, ``$*`` all, ``$channel`` and ``$nick`` where and who we are.
    Without any of these, what was typed follows."""
    alias = alias.removeprefix("/")

    def meant(match: re.Match[str]) -> str:
        everything, number, on, name = match.groups()
        if name:
            return client.windows.current.name if name == "channel" else client.nick
        if everything:
            return text
        words = _words(text, int(number))
        at = int(number) - 1
        if at >= len(words):
            return ""
        return words[at] if on else words[at].partition(" ")[0]

    if not _PLACE.search(alias):
        return f"{alias} {text}".rstrip(" ")
    return _PLACE.sub(meant, alias).rstrip(" ")


def _words(text: str, most: int) -> list[str]:
    """At most so many words; the last one is all that is left, as it was typed."""
    words: list[str] = []
    while text and len(words) < most - 1:
        word, _, text = text.partition(" ")
        words.append(word)
        text = text.lstrip(" ")
    return [*words, text] if text else words


# Verbs of the server's --------------------------------------------------------------------------


def verbs(client: Client) -> Mapping[str, ServerCommand]:
    """The server's verbs: what it tells of itself, or what IRC servers have."""
    if client.session is None:
        return {}
    return client.session.catalogue or IRC_VERBS


def params(client: Client, verb: ServerCommand, text: str) -> list[str]:
    """The parameters that a verb is sent with, split as its usage says: the last one is all that is
    left, and a channel that was not typed is the window's. Raises Mistake."""
    places = verb.usage.split()
    usage = f"/{verb.verb.lower()} {verb.usage}".rstrip(" ")
    found: list[str] = []
    spare = 0  # words that may be for a later place
    for index, place in enumerate(places):
        word, _, after = text.partition(" ")
        if place == "[#channel]":
            window = client.windows.current
            if is_channel(client, word):
                found.append(word)
                text = after.lstrip(" ")
            elif window.kind == "channel":
                found.append(window.name)
        elif not text:
            if place[0] != "[":
                if not spare:
                    raise Mistake(f"{place} is missing. Usage: {usage}")
                spare -= 1
        elif index == len(places) - 1:
            found.append(text)
            text = ""
        else:
            found.append(word)
            text = after.lstrip(" ")
            spare += place[0] == "["
    if text:
        raise Mistake(f"That is more than /{verb.verb.lower()} takes: {text}. Usage: {usage}")
    return found

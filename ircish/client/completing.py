"""What Tab can make of the word before the cursor, and the one line of help for the command that is
typed. Pure: a text and a Client in, candidates and words out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ircish.client.command import (
    AliasName,
    CommandName,
    SettingName,
    SlashCommand,
    WindowName,
    is_channel,
    verbs,
)
from ircish.client.settings import CHOICES, KNOWN
from ircish.command import Channel, Nick, Parameter, Rest
from ircish.parameters import NAMES_A_NICK

if TYPE_CHECKING:
    from ircish.client.client import Client
    from ircish.client.receiving import ServerCommand

MOST = 200
"""Candidates that are offered at once."""

NOT_LETTERS = "[]\\`_^{|}-"
"""Signs before a nick that need not be typed."""


class Candidate(NamedTuple):
    """What a word could become."""

    text: str
    """what takes its place, with what follows it"""
    shown: str
    about: str = ""


class Completion(NamedTuple):
    """The candidates for ``text[start:cursor]``, the best first."""

    start: int
    candidates: Sequence[Candidate]


class Slot(NamedTuple):
    """A place for an argument."""

    shown: str
    """``<nick>``"""
    name: str
    kind: Any
    """a parameter's type, or the words there are to choose from"""

    @property
    def optional(self) -> bool:
        """Whether a word may be for the next place."""
        return self.kind is Channel or (self.shown[0] == "[" and isinstance(self.kind, tuple))

    @property
    def repeated(self) -> bool:
        """Whether all that is left is for this place."""
        return self.shown.endswith("...]") or self.kind in (Rest, str)

    def passes(self, client: Client, word: str) -> bool:
        """Whether that word is for the next place."""
        if self.kind is Channel:
            return not is_channel(client, word)
        return self.optional and not any(each.startswith(word.lower()) for each in self.kind)


# Candidates -------------------------------------------------------------------------------------


def candidates(text: str, cursor: int, client: Client) -> Completion:
    """What the word before the cursor could become."""
    before = text[:cursor]
    start = max(before.rfind(" "), before.rfind("\n")) + 1
    word = before[start:]
    if not is_command(before):
        line = before.rfind("\n") + 1
        found = [*_spoken(client, word, at_start=start == line), *_plugins(client, word)]
    elif start == 0:
        found = list(_commands(client, word[1:]))
    else:
        name, *words = before[1:start].split()
        found = [*_arguments(client, name.lower(), words, word), *_plugins(client, word)]
    return Completion(start, found[:MOST])


def is_command(text: str) -> bool:
    """Whether what is typed is a command, and not said."""
    return text[:1] == "/" and text[:2] != "//" and "\n" not in text


def _plugins(client: Client, word: str) -> Iterator[Candidate]:
    if word:
        yield from (_plain(each) for each in client.plugins.complete(word, client.session))


def _plain(text: str, about: str = "") -> Candidate:
    return Candidate(f"{text} ", text, about)


def _spoken(client: Client, word: str, *, at_start: bool) -> Iterator[Candidate]:
    """Nicks and channels in what is said."""
    if is_channel(client, word):
        yield from _channels(client, word)
        return
    suffix = client.settings.completion_suffix if at_start else " "
    for nick, about in _nicks(client, word, everywhere=False):
        yield Candidate(f"{nick}{suffix}", nick, about)


def _nicks(client: Client, word: str, *, everywhere: bool) -> Iterator[tuple[str, str]]:
    """Who is here and called so, and whether they are away: who spoke last first, we last; after
    them those in other windows, where these count."""
    session, window = client.session, client.windows.current
    wanted = client.fold(word)
    here: dict[str, tuple[str, str]] = {}
    elsewhere: dict[str, tuple[str, str]] = {}
    for channel in session.channels.values() if session else ():
        known = window.kind == "channel" and client.fold(window.name) == client.fold(channel.name)
        for folded, member in channel.members.items() if known or everywhere else ():
            if folded.startswith(wanted) or folded.lstrip(NOT_LETTERS).startswith(wanted):
                about = "away" if member.away else ""
                (here if known else elsewhere)[folded] = (member.nick, about)
    for each in client.windows:
        folded = client.fold(each.name)
        if each.kind == "query" and folded.startswith(wanted) and (everywhere or each is window):
            (here if each is window else elsewhere).setdefault(folded, (each.name, ""))
    spoke, own = client.hears.spoke.get(window, {}), client.fold(client.nick)
    ranked = sorted(here, key=lambda each: (each == own, -spoke.get(each, 0), each))
    yield from (here[each] for each in ranked)
    yield from (elsewhere[each] for each in sorted(elsewhere) if each not in here)


def _channels(client: Client, word: str) -> Iterator[Candidate]:
    """Channels that are called so: this window's, those we are in, those that /list told."""
    window, session = client.windows.current, client.session
    names = [window.name] if window.kind == "channel" else []
    names += sorted(each.name for each in session.channels.values()) if session else []
    names += [each.name for each in client.windows if each.kind == "channel"]
    names += client.listed
    folded, wanted = {client.fold(name): name for name in reversed(names)}, client.fold(word)
    for name in dict.fromkeys(client.fold(name) for name in names):
        if name.startswith(wanted) or name.lstrip("#&").startswith(wanted or " "):
            yield _plain(folded[name])


def _commands(client: Client, word: str, *, slash: str = "/") -> Iterator[Candidate]:
    """Commands that are called so, the most used first: ours, the user's own, the server's."""
    word, table = word.lower(), client.commands.table
    used, rows = client.commands.used, []
    for command in client.commands.listed():
        names = [name for name in command.names if name.startswith(word)]
        if names:
            uses = sum(used[name] for name in command.names)
            end = " " if command.parameters else ""
            rows.append((-uses, names[0], end, command.summary))
    for name, text in client.settings.aliases.items():
        if name.startswith(word):
            rows.append((-used[name], name, " ", f"your own, for {text}"))
    for verb, each in verbs(client).items():
        name = verb.lower()
        if name.startswith(word) and name not in table:
            rows.append((-used[name], name, " " if each.usage else "", each.summary))
    for _, name, end, about in sorted(rows):
        yield Candidate(f"{slash}{name}{end}", f"{slash}{name}", about)


# Arguments --------------------------------------------------------------------------------------


def _slots(client: Client, name: str) -> list[Slot] | None:
    """The places for the arguments of a command or a verb; None where there is none of that
    name."""
    if name in client.settings.aliases:
        return []
    if command := client.commands.find(name):
        return [_slot(each) for each in command.parameters]
    if verb := verbs(client).get(name.upper()):
        return _server_slots(verb)
    return None


def _slot(parameter: Parameter) -> Slot:
    return Slot(parameter.usage, parameter.name, parameter.choices or parameter.type)


def _server_slots(verb: ServerCommand) -> list[Slot]:
    """From a usage as ``[#channel] <nick> <on|off> [<reason>]``."""
    slots = []
    for shown in verb.usage.split():
        name = shown.strip("[]<>.")
        kind: Any = Rest if name in ("text", "reason") else str
        if shown in ("[#channel]", "[<channel>]"):
            kind = Channel
        elif "|" in name:
            kind = tuple(name.split("|"))
        elif NAMES_A_NICK.fullmatch(name):
            kind = Nick
        slots.append(Slot(shown, name, kind))
    return slots


def _at(client: Client, slots: Sequence[Slot], words: Sequence[str]) -> int:
    """The place of the word after these; the last place takes all that is left."""
    index = 0
    for word in words:
        while index < len(slots) and slots[index].passes(client, word):
            index += 1
        index += 1
    last = len(slots) - 1
    return min(index, last) if slots and slots[last].repeated else index


def _arguments(client: Client, name: str, words: Sequence[str], word: str) -> Iterable[Candidate]:
    slots = _slots(client, name) or []
    index = _at(client, slots, words)
    places = slots[index : index + 2]
    if places and not places[0].optional:
        places = places[:1]
    elif places and places[0].kind is Channel and client.windows.current.kind == "channel":
        places = places[::-1]  # the window's channel is meant, mostly
    found: dict[Candidate, None] = {}
    for slot in places:
        found.update(dict.fromkeys(_fitting(client, name, slot, words, word)))
    return found


def _fitting(
    client: Client, name: str, slot: Slot, words: Sequence[str], word: str
) -> Iterator[Candidate]:
    """What a word in this place could become."""
    kind = slot.kind
    if kind is Channel or slot.name in ("channel", "channels") or is_channel(client, word):
        yield from _channels(client, word)
    elif kind is SettingName:
        yield from _matching(word, ((each, KNOWN[each].doc) for each in KNOWN))
    elif slot.name == "value" and words:
        yield from _matching(word, ((each, "") for each in _values(client, words[0])))
    elif kind is WindowName:
        yield from _windows(client, word)
    elif kind is CommandName:
        yield from _matching(word, [("keys", "every key and what it does")])
        yield from _commands(client, word.removeprefix("/"), slash="")
    elif kind is AliasName:
        yield from _matching(word, client.settings.aliases.items())
    elif name in ("unignore", "unhighlight"):
        listed = client.settings.get(name.removeprefix("un"))
        yield from _matching(word, ((each, "") for each in listed))
    elif isinstance(kind, tuple):
        yield from _matching(word, ((each, "") for each in kind))
    elif kind in (Nick, Rest) or slot.name in ("nicks", "mask"):
        everywhere = kind is not Rest or slot.name == "nicks"
        yield from (_plain(*each) for each in _nicks(client, word, everywhere=everywhere))


def _matching(word: str, named: Iterable[tuple[str, str]]) -> Iterator[Candidate]:
    wanted = word.lower()
    yield from (_plain(*each) for each in named if each[0].lower().startswith(wanted))


def _values(client: Client, name: str) -> tuple[str, ...]:
    """What a setting can be set to, or is."""
    return CHOICES.get(name, (client.settings.shown(name),)) if name in KNOWN else ()


def _windows(client: Client, word: str) -> Iterator[Candidate]:
    from ircish.client.commands.windows import WORDS

    wanted = client.fold(word).lstrip("#&")
    for number, window in enumerate(client.windows, 1):
        if client.fold(window.name).lstrip("#&").startswith(wanted):
            yield _plain(window.name, f"window {number}")
    yield from _matching(word, ((each, "") for each in WORDS))


# The hint ---------------------------------------------------------------------------------------


class Hint(NamedTuple):
    """The line under the prompt: a usage in three parts, of which ``current`` is what is typed now,
    and what the command does."""

    before: str = ""
    current: str = ""
    after: str = ""
    about: str = ""


def hint(text: str, client: Client) -> Hint:
    """What to say of the command that is typed; nothing of anything else."""
    if not is_command(text) or text == "/":
        return Hint()
    typed, space, rest = text[1:].partition(" ")
    name = typed.lower()
    slots = _slots(client, name)
    if slots is None:
        if not space and any(_commands(client, name)):
            return Hint()
        near = client.commands.nearest(client, name)
        way = f"did you mean /{near}?" if near else "/help lists what there is."
        return Hint(about=f"nothing is called /{name}; {way}")
    words = rest.split()
    word = words.pop() if words and not rest.endswith(" ") else ""
    index = _at(client, slots, words) if space else len(slots)
    if word and index < len(slots) and slots[index].passes(client, word):
        index += 1
    shown = [f"/{name}", *(slot.shown for slot in slots)]
    before, after = shown[: index + 1], shown[index + 2 :]
    current = shown[index + 1] if index < len(slots) else ""
    return Hint(
        " ".join(before) + (" " if current else ""),
        current,
        (" " if after else "") + " ".join(after),
        _summary(client, name),
    )


def _summary(client: Client, name: str) -> str:
    if alias := client.settings.aliases.get(name):
        return f"your own, for {alias}"
    command: SlashCommand | ServerCommand | None = client.commands.find(name)
    command = command or verbs(client).get(name.upper())
    return command.summary if command else ""

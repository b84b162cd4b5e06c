"""What people say becomes lines: where it belongs, whether it names us, whom we do not hear; and
what one program asks another (CTCP)."""

from __future__ import annotations

import functools
import re
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from ircish.client.events import Message, Redacted
from ircish.client.fitting import ctcp
from ircish.client.log import MENTION, OWN, PAST, PRIVATE, Entry, Kind, shown
from ircish.client.windows import Window
from ircish.dialects.irc import CATALOGUE
from ircish.events import Source
from ircish.text import printable

if TYPE_CHECKING:
    from ircish.client.client import Client

CTCP_SECONDS = 2.0
"""Between two answers to CTCP questions: nobody makes us flood."""

CTCP_LENGTH = 200
"""Characters of a CTCP question that are answered (PING)."""

MOST_WINDOWS = 200
"""Windows up to which people who speak to us get one each; others are in the server's."""

MOST_SPEAKERS = 1_000
"""People in a window of whom is known when they last spoke."""

TAKEN_BACK = "(taken back)"
"""What is shown in place of words that were taken back (IRCv3 message-redaction)."""

LONGEST_LAG = 600_000
"""ms that an answer to PING may have taken to be one."""


class Messages:
    """Words on their way into windows."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.spoke: dict[Window, dict[str, int]] = {}
        """Who said something in each window, folded, and when (ms): the latest last."""
        self._answered_ctcp = float("-inf")

    def take(self, event: Message) -> None:
        """Show words where they belong."""
        client, session = self._client, self._client.session
        if session is None or (not event.own and self.ignores(event.source)):
            return
        entry = self.entry(event)
        if entry is None:
            self._ctcp(event)
            return
        if event.own and client.speech.confirm(event):
            return
        mark, channel = session.audience(event.target)
        is_private = not session.is_channel(channel)
        window = self._window(event, channel)
        if _is_server(event) and client.asking.knows(event.label):  # answers a command of ours
            words = Entry(entry.time, "info", entry.text)
            entry = words if is_private else replace(entry, flags=entry.flags & ~MENTION)
        elif mark or self._is_elsewhere(event, window, is_private):
            entry = replace(entry, where=printable(event.target))
        client.windows.add(window, entry)
        self._note_speaker(window, event.source.nick, entry.time)
        self.note_mention(window, entry)
        if entry.flags & (MENTION | PRIVATE):
            self._notify(window, entry)

    def take_back(self, event: Redacted) -> None:
        """Words are not shown any more; that others took theirs back is told."""
        client, session, windows = self._client, self._client.session, self._client.windows
        if session is None:
            return
        channel = session.audience(event.target)[1]
        is_theirs = session.is_me(channel) and not event.own
        window = windows.find(printable(event.source.nick if is_theirs else channel))
        for place in (window, windows.find("mentions", "mentions")):
            for entry in tuple(place.log) if place else ():
                if place and entry.msgid == event.msgid:
                    place.log.put(entry, replace(entry, text=TAKEN_BACK))
        if not event.own and not self.ignores(event.source):
            at = client.now() if event.time is None else event.time
            reason = f" ({event.reason})" if event.reason else ""
            words = shown(f"{event.source.nick} took back a message{reason}")
            windows.add(window or windows.server, Entry(at, "info", words))

    def entry(self, message: Message, flags: int = 0) -> Entry | None:
        """Words as a line of a window; None for CTCP other than ACTION, and for whom we ignore."""
        kind: Kind = message.kind
        text = message.text
        if request := ctcp(text):
            if request[0] != "ACTION":
                return None
            kind, text = "action", request[1]
        if message.own:
            flags |= OWN
        elif message.past and self.ignores(message.source):
            return None
        elif self.names_us(text):
            flags |= MENTION
        client, session, nick = self._client, self._client.session, message.source.nick
        assert session is not None
        channel = session.audience(message.target)[1]
        is_public = message.own or message.kind == "notice" or _is_server(message)
        if not is_public and not session.is_channel(channel):
            flags |= PRIVATE
        mark = session.mark(channel, nick)
        at = client.now() if message.time is None else message.time
        words, who = shown(text), printable(nick)
        return Entry(at, kind, words, who, mark, flags, message.msgid, line=message.line)

    def _window(self, event: Message, channel: str) -> Window:
        """Where words belong."""
        client, session = self._client, self._client.session
        assert session is not None
        windows, other = client.windows, printable(event.source.nick)
        if session.is_channel(channel):
            return windows.find(printable(channel), "channel") or windows.server
        if event.own and not session.is_me(event.target):
            other = printable(event.target)
        elif _is_server(event):
            if client.asking.knows(event.label):
                return client.asking.window(event.label)
            # a plugin of such a server tells somebody something: a reminder, a welcome
            tells = event.kind == "notice" and CATALOGUE in session.caps and client.arrived
            return windows.current if tells and session.is_me(event.target) else windows.server
        found = windows.find(other, "query")
        if found:
            return found
        if event.kind == "notice":
            here = client.asking.window(event.label) if event.own else windows.current
            return windows.server if here.kind == "mentions" else here
        return client.query(other) if other and len(windows) < MOST_WINDOWS else windows.server

    def _is_elsewhere(self, event: Message, window: Window, is_private: bool) -> bool:
        """Whether it was said to somebody whom the window does not tell."""
        fold, us = self._client.fold, self._client.nick
        for_us = fold(event.target) in (fold(us), "*")
        match window.kind:
            case "query":
                return not for_us and not event.own
            case "server":
                return event.own or not (for_us or _is_server(event))
        return is_private

    def _note_speaker(self, window: Window, nick: str, at: int) -> None:
        spoke = self.spoke.setdefault(window, {})
        folded = self._client.fold(nick)
        spoke.pop(folded, None)
        spoke[folded] = at
        if len(spoke) > MOST_SPEAKERS:
            del spoke[next(iter(spoke))]

    def renamed(self, window: Window, old: str, new: str) -> None:
        """Somebody who may have spoken is called otherwise now."""
        spoke = self.spoke.get(window, {})
        if (at := spoke.pop(self._client.fold(old), None)) is not None:
            spoke[self._client.fold(new)] = at

    def forget(self) -> None:
        """Keep nothing of windows that are closed."""
        for window in set(self.spoke) - set(self._client.windows):
            del self.spoke[window]

    # Who is meant -------------------------------------------------------------------------------

    def names_us(self, text: str) -> bool:
        """Whether words name us, or something that we want to hear of."""
        pattern = highlights(self._client.nick, tuple(self._client.settings.highlight))
        return pattern is not None and pattern.search(printable(text)) is not None

    def ignores(self, source: Source) -> bool:
        """Whether we do not want to hear somebody."""
        settings = self._client.settings
        return bool(settings.ignore) and settings.ignores(source)

    def note_mention(self, window: Window, entry: Entry) -> None:
        """Words that name us in a channel are in the mentions window, too."""
        past = entry.flags & PAST
        if entry.flags & MENTION and not past and window.kind == "channel":
            windows = self._client.windows
            mentions = windows.open("mentions", "mentions")
            windows.add(mentions, replace(entry, where=entry.where or window.name))

    def _notify(self, window: Window, entry: Entry) -> None:
        windows = self._client.windows
        if windows.looking and window is windows.current:
            return
        place = "" if entry.flags & PRIVATE else f" in {window.name}"
        self._client.face.notify(f"{entry.nick}{place}", printable(entry.text))

    # CTCP ---------------------------------------------------------------------------------------

    def _ctcp(self, event: Message) -> None:
        if event.own:
            return
        client, nick = self._client, printable(event.source.nick)
        verb, text = ctcp(event.text) or ("", "")
        verb, at = printable(verb), client.now() if event.time is None else event.time
        if event.kind == "notice":
            words = _lag(text, client.now()) if verb == "PING" else text
            answer = f"CTCP {verb} from {nick}: {words}"
            client.windows.add(client.asking.window(), Entry(at, "info", shown(answer)))
        elif client.settings.ctcp and not _is_server(event):
            asks = shown(f"{nick} asks by CTCP: {verb} {text}").rstrip()
            client.windows.add(client.windows.server, Entry(at, "info", asks))
            self._answer(event.source.nick, verb, text)

    def _answer(self, nick: str, verb: str, text: str) -> None:
        client = self._client
        answer = {
            "VERSION": f"ircish {_version()}",
            "PING": text[:CTCP_LENGTH],
            "TIME": time.strftime("%a, %d %b %Y %H:%M:%S %z", time.localtime(client.now() / 1000)),
            "CLIENTINFO": "ACTION CLIENTINFO PING TIME VERSION",
        }.get(verb)
        now = client.monotonic()
        if answer is None or client.session is None or now - self._answered_ctcp < CTCP_SECONDS:
            return
        self._answered_ctcp = now
        with suppress(ValueError):  # a nick that cannot be in a line
            client.session.send("NOTICE", nick, f"\1{verb} {answer}".rstrip(" ") + "\1")


def _is_server(event: Message) -> bool:
    """Whether a server says it, not a person: a nick has no dot, and some servers send no host."""
    source = event.source
    if source.host or event.own:
        return False
    return event.kind == "notice" or not source.nick or "." in source.nick


def _lag(text: str, now: int) -> str:
    """What came back of our PING: how long it took."""
    lag = now - int(text) if text.isascii() and text.isdigit() and len(text) < 15 else -1
    return f"{lag} ms" if 0 <= lag < LONGEST_LAG else text


def _version() -> str:
    from ircish import __version__

    return __version__


@functools.lru_cache(8)
def highlights(nick: str, words: tuple[str, ...]) -> re.Pattern[str] | None:
    """What finds our nick or any of the words as whole ones; ``*`` is any part of a word, ``?`` one
    character of it. It takes time by the length of the text, whatever the words are."""
    parts = [_as_regex(word) for word in words if word.strip("*")]
    parts += [re.escape(nick)] if nick else []
    if not parts:
        return None
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE)


def _as_regex(word: str) -> str:
    """Each piece between stars is taken where it first stands and not looked for again (atomic
    groups), for a later place could not fit better. Only the last one must reach the word's end."""
    first, *pieces = [re.escape(piece).replace(r"\?", r"\w") for piece in word.split("*")]
    if not pieces:
        return first
    *pieces, last = pieces
    return first + "".join(rf"(?>\w*?{piece})" for piece in pieces) + rf"\w*{last}"

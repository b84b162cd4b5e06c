"""The server's history in our windows: the last lines on coming in, what was missed while away,
older lines when scrolling up (IRCv3 chathistory). Nothing is shown twice, and nothing that is heard
meanwhile waits: what was said before is put in above it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from ircish.client.events import Failed, Message, Past
from ircish.client.log import OWN, PAST, TALK, Entry
from ircish.client.windows import Window
from ircish.dialects.irc import timestamp

if TYPE_CHECKING:
    from ircish.client.client import Client

PATIENCE = 30.0
"""Seconds after which an answer is not waited for."""

ROUNDS = 20
"""Answers after one another that may fill one gap."""

NEAR = 2_000
"""Entries before and after a place in which the same message is looked for."""

SAME_WORDS = 5 * 60_000
"""ms between the same words of ours, here and in the history, that are the same line."""

What = Literal["latest", "gap", "older"]


@dataclass(slots=True, eq=False)
class Request:
    """What a window has asked the server for."""

    what: What
    label: str
    count: int
    at: int
    """The answer belongs above the entry of this number."""
    known: Entry | None = None
    """the last message before a gap"""
    rounds: int = 1
    by_time: bool = False
    """asked for by a time, because the server does not know the message"""


class Recall:
    """What each window knows of its past, and has asked for."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._asked: dict[Window, Request] = {}
        self._foreign: set[Window] = set()  # what they have is of another server
        self._oldest: dict[Window, Entry] = {}
        """The oldest message that each was given, though it may show none of it."""

    @property
    def offered(self) -> bool:
        """Whether the server has a history to ask for."""
        client = self._client
        has_history = client.session is not None and client.session.has_history
        return has_history and client.inside and client.settings.history_lines > 0

    def enter(self, window: Window, at: int | None = None) -> None:
        """We can hear in a window again, from entry ``at`` on: ask for what was said since we last
        did, or for the last lines."""
        if not self.offered or window in self._asked:
            return
        at = window.log.end if at is None else at
        if window in self._foreign:
            self._foreign.discard(window)
            self._ask(window, "latest", at)
            return
        before = reversed(range(window.log.first, min(at, window.log.end)))
        talk = (window.log[number] for number in before)
        last = next((each for each in talk if each.kind in TALK and _is_told(each)), None)
        if last:
            self._ask_since(window, at, last)
        else:
            self._ask(window, "latest", window.log.first)

    def emptied(self, window: Window) -> None:
        """A window was emptied: what the server has is new to it again."""
        self._oldest.pop(window, None)
        window.all_read = False

    def older(self, window: Window) -> None:
        """Ask for what was said before all that a window has."""
        log = window.log
        if not self.offered or window in self._asked or window.all_read:
            return
        if window.kind not in ("channel", "query") or len(log) >= log.most:
            return
        first = next((e for e in log if e.kind in TALK and _is_told(e)), None)
        oldest = self._oldest.get(window)
        if oldest and len(log) and (first is None or oldest.time <= first.time):
            first = oldest
        if first is None:
            self._ask(window, "latest", log.first)
        else:
            self._ask(window, "older", log.first, before=_selector(first))

    def _ask_since(self, window: Window, at: int, known: Entry, rounds: int = 1) -> None:
        self._ask(window, "gap", at, known=known, rounds=rounds, after=_selector(known))

    def _ask(
        self,
        window: Window,
        what: What,
        at: int,
        *,
        known: Entry | None = None,
        rounds: int = 1,
        by_time: bool = False,
        **bound: str,
    ) -> None:
        client, session = self._client, self._client.session
        assert session is not None
        count = client.settings.history_lines
        limit = session.isupport.get("CHATHISTORY", "")
        if limit.isascii() and limit.isdigit() and int(limit[:6]):
            count = min(count, int(limit[:6]))
        try:
            label = session.history(window.name, count, **bound)
        except ValueError:  # a name that cannot be in a line
            return
        request = Request(what, label, count, at, known, rounds, by_time)
        self._asked[window] = request
        client.later(PATIENCE, lambda: self._give_up(window, request))
        client.flush()

    # Answers ------------------------------------------------------------------------------------

    def take(self, past: Past) -> None:
        """Show what was said."""
        client = self._client
        window = next(
            (each for each, request in self._asked.items() if self._answers(past, each, request)),
            None,
        )
        if window is None:
            if not past.label and (found := client.windows.find(past.channel)):
                self._take_unasked(found, past.messages)
            return
        request = self._asked.pop(window)
        if window not in client.windows:
            return
        flags = 0 if request.what == "gap" else PAST
        at = max(request.at, window.log.first)
        new = list(self._new(window, at, past.messages, flags))
        client.windows.insert(window, at, new)
        if request.what != "gap":
            window.all_read = not past.messages
            if past.messages:
                self._oldest[window] = _told(past.messages[0])
        elif len(past.messages) >= request.count and new:
            if request.rounds < ROUNDS:
                self._ask_since(window, at, _told(past.messages[-1]), request.rounds + 1)
            else:
                self._say(window, at, "More was said here than is fetched: lines are missing.")
        client.changed()

    def _answers(self, past: Past, window: Window, request: Request) -> bool:
        if request.label:
            return past.label == request.label
        return self._client.fold(past.channel) == self._client.fold(window.name)

    def _take_unasked(self, window: Window, messages: Sequence[Message]) -> None:
        """What a bouncer plays back: below all that is here, or above where it is older."""
        log, times = window.log, [each.time for each in messages if each.time is not None]
        first = next((each for each in log if each.kind in TALK), None)
        if first and times and max(times) < first.time:
            new = list(self._new(window, log.first, messages, PAST))
            self._client.windows.insert(window, log.first, new)
        else:
            new = list(self._new(window, log.end, messages, 0))
            self._client.windows.insert(window, log.end, new)

    def _new(
        self, window: Window, at: int, messages: Sequence[Message], flags: int
    ) -> Iterator[Entry]:
        """The messages that a window does not have, as entries to be put above ``at``."""
        client, log = self._client, window.log
        numbers = range(max(log.first, at - NEAR), min(log.end, at + NEAR))
        near = [each for number in numbers if (each := log[number]).kind in TALK]
        known = set(map(_identity, near))
        ours = [each for each in near if each.flags & OWN and not each.msgid]
        for message in messages:
            entry = client.hears.talk.entry(message, flags)
            if entry is None or _identity(entry) in known:
                continue
            known.add(_identity(entry))
            same = next((each for each in ours if _is_same(each, entry)), None)
            if same:  # the server had it, though it could not tell us any more
                ours.remove(same)
                log.put(same, replace(entry, mark=same.mark, flags=OWN))
                continue
            client.hears.talk.note_mention(window, entry)
            yield entry

    # No answers ---------------------------------------------------------------------------------

    def fail(self, failed: Failed) -> bool:
        """The server refused a request; whether it was one of these."""
        for window, request in list(self._asked.items()):
            if self._refuses(failed, window, request):
                del self._asked[window]
                self._refused(window, request, failed.text)
                return True
        return False

    def _refuses(self, failed: Failed, window: Window, request: Request) -> bool:
        if request.label:
            return failed.label == request.label
        if failed.numeric.isdigit():
            return failed.numeric == "421" and failed.about[:1] == ("CHATHISTORY",)
        return any(
            self._client.fold(each) == self._client.fold(window.name) for each in failed.about
        )

    def _refused(self, window: Window, request: Request, why: str) -> None:
        known = request.known
        if request.what != "gap" or known is None:
            window.all_read = True
        elif known.msgid and not request.by_time:  # it may have forgotten that message
            after = _selector(replace(known, msgid=""))
            self._ask(window, "gap", request.at, known=known, by_time=True, after=after)
        elif window.kind == "channel":
            self._say(window, request.at, f"What was said meanwhile is not to be had: {why}")

    def answered(self, label: str) -> None:
        """The server is done with a command: if it was one of these, it has nothing to tell."""
        for window, request in list(self._asked.items()):
            if request.label == label:
                self._give_up(window, request)

    def _give_up(self, window: Window, request: Request) -> None:
        if self._asked.get(window) is request:
            del self._asked[window]
            if request.what == "gap" and window.kind == "channel":
                words = "The server does not tell what was said meanwhile."
                self._say(window, request.at, words)

    def _say(self, window: Window, at: int, words: str) -> None:
        entry = Entry(self._client.now(), "info", words)
        if window in self._client.windows:
            self._client.windows.insert(window, max(at, window.log.first), [entry])
            self._client.changed()

    def lost(self) -> None:
        """The connection is gone, and all answers with it."""
        self._asked.clear()

    def forget(self) -> None:
        """What windows have is of another server than the next one."""
        self._foreign.update(self._client.windows)


def _told(message: Message) -> Entry:
    """Where the next answer begins."""
    return Entry(message.time or 0, "message", "", msgid=message.msgid)


def _is_told(entry: Entry) -> bool:
    """Whether the server knows a line as well."""
    return entry.msgid != "" or not entry.flags & OWN


def _selector(entry: Entry) -> str:
    return f"msgid={entry.msgid}" if entry.msgid else f"timestamp={timestamp(entry.time)}"


def _identity(entry: Entry) -> object:
    return (entry.msgid, entry.line) if entry.msgid else (entry.time, entry.nick, entry.text)


def _is_same(ours: Entry, told: Entry) -> bool:
    """Whether what the history tells is a line of ours that was not confirmed."""
    return (
        bool(told.flags & OWN)
        and (ours.kind, ours.text) == (told.kind, told.text)
        and abs(ours.time - told.time) < SAME_WORDS
    )

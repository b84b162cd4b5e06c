"""What we say: shown as pending, sent no faster than a server takes it, confirmed by its echo, and
marked where it was not sent."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ircish.client.events import Failed, Message
from ircish.client.fitting import ctcp, split
from ircish.client.formatting import plain
from ircish.client.log import FAILED, OWN, PENDING, Entry, Kind, shown
from ircish.client.windows import Window
from ircish.text import cleaned, printable

if TYPE_CHECKING:
    from ircish.client.client import Client
    from ircish.client.session import Session

SLOW, FAST = 0.5, 4.0
"""Lines a second after the first ones: what every server takes, and what ircish takes."""

NEARLY = 0.999
"""Of a line that may be sent: clocks and timers are not exact."""

UNHEARD = ("401", "402", "403", "404", "407", "415", "442", "477", "486", "489", "531", "716")
"""Refusals of words; they are about whom these were for."""

_VERBS = {"message": "PRIVMSG", "action": "ACTION", "notice": "NOTICE"}


@dataclass(slots=True, eq=False)
class Line:
    """One line of ours that the server has not confirmed."""

    window: Window
    entry: Entry
    """as it stands in the window's log"""
    target: str
    text: str
    """as it was typed"""
    label: str = ""


class Speech:
    """The lines that wait to be sent, and those that wait to be confirmed."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._waiting: deque[Line] = deque()
        self._sent: list[Line] = []
        self._credit = float(client.settings.send_burst)
        self._counted = client.monotonic()
        self._armed = False

    @property
    def waiting(self) -> int:
        """How many lines are not sent yet."""
        return len(self._waiting)

    def waiting_in(self, window: Window) -> int:
        """How many lines of a window are not sent yet."""
        return sum(line.window is window for line in self._waiting)

    @property
    def unconfirmed(self) -> int:
        """How many lines are sent, and the server has not said that it has them."""
        return len(self._sent)

    def say(self, session: Session, window: Window, kind: Kind, target: str, text: str) -> None:
        """Show a text as pending, in as many lines as it needs, and send them in turn."""
        nick, mark = printable(session.nick), session.mark(window.name, session.nick)
        where = target if target != window.name else ""
        now = self._client.now()
        for part in split(text, session.fits(target, _VERBS[kind])):
            entry = Entry(now, kind, shown(part), nick, mark, OWN | PENDING, where=where)
            self._client.windows.add(window, entry)
            self._waiting.append(Line(window, entry, target, part))
        self.pump()

    def spend(self) -> None:
        """Another line was sent, past the queue."""
        self._earn()
        self._credit -= 1

    def _rate(self) -> float:
        """Lines a second."""
        session = self._client.session
        is_ircish = session is not None and session.default_channel != ""
        return self._client.settings.send_rate or (FAST if is_ircish else SLOW)

    def _earn(self) -> None:
        now = self._client.monotonic()
        earned = (now - self._counted) * self._rate()
        self._credit = min(float(self._client.settings.send_burst), self._credit + earned)
        self._counted = now

    def pump(self) -> None:
        """Queue in the session what may be sent by now, and come back for the rest."""
        session = self._client.session
        if session is None or not self._client.inside or not self._waiting:
            return
        self._earn()
        while self._waiting and self._credit > NEARLY:
            self._credit -= 1
            self._send(session, self._waiting.popleft())
        if self._waiting and not self._armed:
            self._armed = True
            self._client.later((1 - self._credit) / self._rate(), self._again)

    def _again(self) -> None:
        self._armed = False
        self.pump()
        self._client.flush()

    def _send(self, session: Session, line: Line) -> None:
        ways = {"action": session.act, "notice": session.notice}
        try:
            line.label = ways.get(line.entry.kind, session.say)(line.target, line.text)
        except ValueError:
            self._mark(line, FAILED)
            why = f"Not sent: it cannot be one line to {printable(line.target)}."
            self._client.show(why, "error", line.window)
        else:
            self._sent.append(line)

    # What became of it --------------------------------------------------------------------------

    def confirm(self, message: Message) -> bool:
        """The server has it: whether it was one that waited for this."""
        line = self._with_label(message.label) or self._with_words(message)
        if line is None:
            return False
        self._sent.remove(line)
        self._mark(line, 0, message)
        return True

    def _with_label(self, label: str) -> Line | None:
        return next((line for line in self._sent if label and line.label == label), None)

    def _with_words(self, message: Message) -> Line | None:
        """The first that says so, of servers without labels; some take colours away."""
        kind, text = _said(message)
        words = plain(text).strip()
        for line in self._sent if not message.label else ():
            is_to = line.entry.kind == kind and self._same(line.target, message.target)
            if is_to and plain(cleaned(line.text)).strip() == words:
                return line
        return None

    def answered(self, label: str) -> None:
        """The server is done with a line; it has it, though it did not echo it."""
        if line := self._with_label(label):
            self._sent.remove(line)
            self._mark(line, 0)

    def fail(self, failed: Failed) -> Window | None:
        """The server refused a line, found by its label or by whom it was to; its window."""
        line = self._with_label(failed.label)
        if line is None and not failed.label and failed.numeric in UNHEARD:
            line = next(
                (
                    each
                    for each in self._sent
                    if any(self._same(each.target, about) for about in failed.about)
                ),
                None,
            )
        if line is None:
            return None
        self._sent.remove(line)
        self._mark(line, FAILED)
        return line.window

    def lost(self) -> Counter[Window]:
        """The connection is gone: what was not confirmed is marked; how many lines, and where."""
        lines = [*self._sent, *self._waiting]
        self._sent.clear()
        self._waiting.clear()
        for line in lines:
            self._mark(line, FAILED)
        self._credit = float(self._client.settings.send_burst)
        return Counter(line.window for line in lines)

    def cancel(self, window: Window) -> int:
        """Do not send what still waits in a window, and mark it; how many lines."""
        cancelled = [line for line in self._waiting if line.window is window]
        self._waiting = deque(line for line in self._waiting if line.window is not window)
        for line in cancelled:
            self._mark(line, FAILED)
        return len(cancelled)

    def _same(self, one: str, other: str) -> bool:
        return self._client.fold(one) == self._client.fold(other)

    def _mark(self, line: Line, flags: int, message: Message | None = None) -> None:
        entry = replace(line.entry, flags=OWN | flags)
        if message:
            time = entry.time if message.time is None else message.time
            text = shown(_said(message)[1])
            entry = replace(entry, time=time, text=text, msgid=message.msgid)
        line.window.log.put(line.entry, entry)


def _said(message: Message) -> tuple[Kind, str]:
    """What kind of words a message is, and these."""
    request = ctcp(message.text)
    if request and request[0] == "ACTION":
        return "action", request[1]
    return message.kind, message.text

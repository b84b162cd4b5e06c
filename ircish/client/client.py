"""The whole client without a terminal and without a socket: what is heard becomes lines in windows,
what is typed becomes commands and speech. A face shows it, a link connects it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ircish.chat.names import fold
from ircish.client.asking import Asking
from ircish.client.command import Commands, Mistake
from ircish.client.events import ClientEvent
from ircish.client.hearing import Hearing
from ircish.client.log import FAILED, Entry, Kind, shown
from ircish.client.recall import Recall
from ircish.client.returning import Returning
from ircish.client.session import ALL_CAPS, Session
from ircish.client.sides import Connector, Face, LinkState
from ircish.client.speech import Speech
from ircish.client.troubles import unverified
from ircish.client.windows import Window, Windows
from ircish.dialects.irc import CATALOGUE, WHERE
from ircish.text import cleaned
from ircish.wire import NO_TAGS

if TYPE_CHECKING:
    from ircish.client.place import Place
    from ircish.client.plugins import Plugins
    from ircish.client.settings import Settings

ARRIVING = 10.0
"""Seconds after which a server that let us in has said all of itself, though it does not say so."""


class Client:
    """One person's client. ``clock`` is in seconds since the epoch, ``monotonic`` in seconds."""

    face: Face
    link: Connector

    def __init__(
        self,
        settings: Settings,
        commands: Commands,
        plugins: Plugins,
        *,
        clock: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self.settings = settings
        self.commands = commands
        self.plugins = plugins
        self.monotonic = monotonic
        self.session: Session | None = None
        self.windows = Windows(self.fold, settings.lines, left=self._read)
        self.state: LinkState = "off"
        self.place: Place | None = None
        self.retry_at: float | None = None
        """On the monotonic clock, where the state is ``waiting``."""
        self.arrived = False
        """Whether the server has said all of itself, and we are where we want to be."""
        self.listed: tuple[str, ...] = ()
        """The channels that /list told last."""
        self.last_words = ""
        """What the server said when it closed the connection (ERROR)."""
        self.asking = Asking(self.windows)
        self.returning = Returning(self.fold)
        self.speech = Speech(self)
        self.recall = Recall(self)
        self.hears = Hearing(self)
        self._clock = clock
        self._affected: list[Window] = []  # where a lost connection was told of
        self._parting = ""
        settings.on_change(self._set)

    # Around it ----------------------------------------------------------------------------------

    def now(self) -> int:
        """ms since the epoch"""
        return int(self._clock() * 1000)

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        """Call back after a while."""
        self.face.later(seconds, call)

    def changed(self) -> None:
        """Something is to be shown anew."""
        self.face.changed()

    def fold(self, name: str) -> str:
        """A name as the server compares it."""
        return self.session.fold(name) if self.session else fold(name)

    @property
    def inside(self) -> bool:
        """Whether the server has let us in."""
        return self.session is not None and self.session.registered and not self.session.closed

    @property
    def nick(self) -> str:
        """Our nick, or the one that we want."""
        if self.session:
            return self.session.nick
        return self.place.nick if self.place else ""

    def _set(self, name: str) -> None:
        if name == "lines":
            self.windows.keep(self.settings.lines)

    # The link's side ----------------------------------------------------------------------------

    def connecting(self, place: Place) -> None:
        """A try to connect begins."""
        if self.state == "connected" and self.place:
            self._ended(f"You have left {self.place.shown}.")
        if self.returning.goes(place):
            self.recall.forget()
        self.place, self.state, self.retry_at = place, "connecting", None
        self.show(f"Connecting to {place.shown}…", window=self.windows.server)

    def connected(self) -> None:
        """There is a connection: introduce ourselves."""
        assert self.place is not None
        self.state, self.arrived, self.last_words = "connected", False, ""
        self.session = Session(
            self.returning.nick or self.place.nick,
            realname=self.settings.real_name,
            password=self.place.password,
            caps=ALL_CAPS,
            clean=cleaned,
        )
        self.session.start()
        if self.place.insecure:
            self.show(unverified(self.place), "error", self.windows.server)
        self.changed()

    def welcomed(self) -> None:
        """The server has let us in; most say when they have said all of themselves."""
        session = self.session

        def arrive_anyway() -> None:
            if session is self.session and self.inside and not self.arrived:
                self.arrive()
                self.flush()

        self.later(ARRIVING, arrive_anyway)

    def arrive(self) -> None:
        """The server has said all of itself: go where we were, or wanted to go."""
        session = self.session
        assert session is not None
        self.arrived = True
        self.plugins.started(session)
        self.returning.arrive(session)
        affected, self._affected = self._affected, []
        for window in affected:
            if window.kind == "query" and window in self.windows:
                number = self.windows.add(window, self._entry("You are connected again."))
                self.recall.enter(window, number)

    def renamed(self, nick: str) -> None:
        """We have another nick, which we take again after a lost connection."""
        self.returning.nick = nick

    def received(self, data: bytes) -> None:
        """Bytes have come."""
        if self.session:
            self.heard(self.session.receive(data))

    def outgoing(self) -> bytes:
        """What is to be sent now."""
        return self.session.outgoing() if self.session else b""

    def lost(self, reason: str, retry_at: float | None) -> None:
        """The connection has ended, or could not be made; the next try is at ``retry_at``."""
        if retry_at is not None and not self.settings.reconnect:
            self.link.give_up()
            retry_at, reason = None, f"{reason} /reconnect connects again."
        if self.last_words:
            reason = f"{reason} It said: {self.last_words}"
        self._ended(reason)
        self.state, self.retry_at = ("off" if retry_at is None else "waiting"), retry_at
        self.changed()

    def _ended(self, reason: str) -> None:
        """There is no connection any more: say so wherever it is felt, and mark what was not
        sent."""
        session, affected = self.session, [self.windows.server]
        if session and self.state == "connected":
            if session.registered:
                here = map(session.channel, (window.name for window in self.windows))
                for window, channel in zip(self.windows, here, strict=True):
                    if window.kind == "query" or (window.kind == "channel" and channel):
                        affected.append(window)
                self._affected = affected
            self.returning.left(session)
            session.closed = True
            session.channels.clear()
        self.last_words = ""
        self.recall.lost()
        self.asking.lost()
        for window in affected:
            self.show(reason, "error", window)
        for window, many in self.speech.lost().items():
            lines = "1 line was" if many == 1 else f"{many} lines were"
            words = f"{lines} not sent, or not confirmed; /resend says them again."
            self.show(words, "error", window)

    def flush(self) -> None:
        """Send what is queued, and hear what that tells by itself."""
        self.link.flush()
        if self.session and (events := self.session.told()):
            self.heard(events)

    def heard(self, events: Sequence[ClientEvent]) -> None:
        """Show what the server told."""
        for event in events:
            self.plugins.event(event, self.session)
            self.hears.take(event)
        self.speech.pump()
        self.flush()
        self.changed()

    def answered(self, label: str) -> None:
        """All of the answer to a command has come."""
        self.asking.answered(label)
        self.speech.answered(label)
        self.recall.answered(label)

    def disconnect(self, reason: str = "") -> None:
        """Leave the server, and stay away."""
        self.goodbye(reason)
        self.link.disconnect()

    def leave(self, reason: str = "") -> None:
        """End the program; the server is told why."""
        self._parting = reason
        self.face.leave()

    def goodbye(self, reason: str = "") -> None:
        """Tell the server that we leave, once."""
        if self.session and self.inside and not self.session.leaving:
            self.session.quit(reason or self._parting or self.settings.quit_message)
            self.link.flush()

    # Showing ------------------------------------------------------------------------------------

    def show(self, text: str, kind: Kind = "info", window: Window | None = None) -> None:
        """Words of the client's own, in the window that is shown if no other is named."""
        self.windows.add(window or self.windows.current, self._entry(text, kind))
        self.changed()

    def _entry(self, text: str, kind: Kind = "info") -> Entry:
        return Entry(self.now(), kind, shown(text))

    def query(self, nick: str) -> Window:
        """The window for talking to somebody, with what the server knows of it; it is made where
        there is none, and not switched to."""
        window = self.windows.find(nick, "query")
        if window is None:
            window = self.windows.open("query", nick)
            self.recall.enter(window)
            self.hears.forget()
        return window

    # Sending ------------------------------------------------------------------------------------

    def online(self) -> Session:
        """The session, to say something by. Raises Mistake where we are not in."""
        if self.session is None or not self.inside:
            ways = {
                "waiting": "it is tried again by itself",
                "connecting": "it is being tried",
                "connected": "the server has not let you in yet",
            }
            way = ways.get(self.state, "/reconnect" if self.place else "/connect HOST")
            raise Mistake(f"Not connected; {way}. Nothing was sent.")
        return self.session

    def send(self, verb: str, *params: str, tags: Mapping[str, str] = NO_TAGS) -> str:
        """Send a command; its answer will be shown where we are. Raises Mistake."""
        session = self.online()
        try:
            label = session.send(verb, *params, label=True, tags=tags)
        except ValueError:
            raise Mistake(f"That cannot be sent as one line: {verb} {' '.join(params)}") from None
        self._sent(label)
        return label

    def call(self, verb: str, *params: str) -> None:
        """Send a command that the server tells of itself; a server like ours learns which channel
        is meant (IRCv3 channel-context). Raises Mistake."""
        session, window = self.online(), self.windows.current
        tells = CATALOGUE in session.caps and window.kind == "channel"
        self.send(verb, *params, tags={WHERE: window.name} if tells else NO_TAGS)

    def send_line(self, line: str) -> None:
        """Send a line as it is (/quote). Raises Mistake."""
        session = self.online()
        try:
            label = session.send_line(line)
        except ValueError:
            raise Mistake("That is not one line of text.") from None
        self._sent(label)

    def _sent(self, label: str) -> None:
        self.asking.sent(label)
        self.speech.spend()
        self.flush()

    def join(self, channel: str, key: str = "") -> None:
        """Go into a channel, and show it. Raises Mistake."""
        window, session = self.windows.find(channel, "channel"), self.online()
        if window and session.channel(channel):
            self.windows.show(window)
            return
        self.returning.want(channel, key)
        self.send("JOIN", channel, *([key] if key else []))

    def say(
        self, text: str, window: Window | None = None, kind: Kind = "message", target: str = ""
    ) -> None:
        """Say something in a window, line by line; to ``target`` where that is not what the window
        is for (``@#dev``). Raises Mistake where that cannot be."""
        window = window or self.windows.current
        session = self._may_speak(window)
        window.follow()
        self.asking.here(window)
        if window.kind == "query" and not len(window.log):
            self.recall.enter(window)
        for line in text.split("\n"):
            if line.strip():
                self.speech.say(session, window, kind, target or window.name, line)
        self.flush()
        self.changed()

    def _read(self, window: Window) -> None:
        """All of a window has been read: the server may tell our other clients."""
        last = window.log.last
        if self.session and self.inside and last and window.kind in ("channel", "query"):
            self.session.mark_read(window.name, last.time)
            self.link.flush()

    def _may_speak(self, window: Window) -> Session:
        session = self.online()
        if window.kind in ("server", "mentions"):
            raise Mistake(f"Nobody hears you in this window; {self._elsewhere()}")
        if window.kind == "channel" and not session.channel(window.name):
            raise Mistake(f"You are not in {window.name}; /join {window.name} goes in.")
        return session

    def _elsewhere(self) -> str:
        for number, window in enumerate(self.windows, 1):
            if window.kind in ("channel", "query"):
                return f"{window.name} is window {number} (Alt-{number}), /join goes elsewhere."
        return "/join #CHANNEL goes into a channel, /msg NICK TEXT tells one person."

    def resend(self, window: Window) -> int:
        """Say again what was not sent of a window, in order; how many lines. Raises Mistake."""
        failed = [entry for entry in window.log if entry.flags & FAILED]
        if failed:
            self._may_speak(window)
        for entry in failed:
            words = f"Said again below: {entry.text}"
            again = replace(entry, kind="info", text=words, nick="", mark="", flags=0, where="")
            window.log.put(entry, again)
            self.say(entry.text, window, entry.kind, entry.where)
        return len(failed)

    # Typing -------------------------------------------------------------------------------------

    def type(self, text: str) -> bool:
        """Do what was typed; whether it was done, or somebody may want it back.

        ``/name`` is a command, ``//x`` says "/x", several lines are said one after another. Blanks
        before the slash do not make it speech: it may be a password that follows.
        """
        text = self.plugins.typed(text)
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        commands = [line for line in lines if line[0] == "/" and line[:2] != "//"]
        if not commands:
            first = text.lstrip()
            return self.speak(first[1:] if first.startswith("//") else text)
        return self._try(lambda: self._command(lines))

    def _command(self, lines: Sequence[str]) -> None:
        if len(lines) > 1:
            raise Mistake("A command is one line; //text says /text. Nothing was sent.")
        self.windows.current.follow()  # what it answers is below
        self.commands.run(self, lines[0][1:])

    def speak(self, text: str) -> bool:
        """Say a text in the window that is shown, whatever it begins with; whether that was
        done."""
        return self._try(lambda: self.say(text))

    def _try(self, do: Callable[[], None]) -> bool:
        try:
            do()
        except Mistake as mistake:
            self.show(str(mistake), "error")
            return mistake.done
        return True

"""One connection: its thread reads lines and does the commands in them, one after the other."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from ircish import replies
from ircish.chat.names import fold
from ircish.dialects.plain import ALONE
from ircish.errors import Gone
from ircish.events import (
    SERVER,
    Event,
    Joined,
    Kicked,
    Opered,
    Parted,
    Quit,
    Registered,
    Renamed,
    Said,
    Stamped,
)
from ircish.log import logger
from ircish.multiline import Draft
from ircish.server.doing import answer, do, labelled
from ircish.server.negotiation import Negotiation
from ircish.server.reader import Reader
from ircish.server.readiness import hung_up
from ircish.server.watching import GivenUp, Turn
from ircish.stuck import TakenOver
from ircish.wire import MAX_CLIENT_TAGS, MAX_LINE, Fault, LineBuffer, Message, decode, encode, parse

if TYPE_CHECKING:
    from ircish.context import Context
    from ircish.server.server import Server

RECEIVE = 2048
"""Bytes asked for at once: an idle connection holds a buffer of that size."""

SAID = 300
"""Messages of which one who spoke is known, until they leave, to have said them."""

EMPTY = 0.05
"""What a whole buffer of empty lines counts, in lines."""

_LOGGED: Mapping[type[Event], str] = {
    Registered: "is {event.nick}",
    Renamed: "is now {event.nick}",
    Joined: "joined {event.channel}",
    Parted: "left {event.channel}",
    Kicked: "put {event.nick} out of {event.channel}",
    Opered: "is operator {event.name}",
}
"""What the log tells of; not what anybody says."""

log = logger("ircish")


class Connection:
    """A client, from accept to close. Its own thread's, but for ``drop`` and what says so."""

    def __init__(
        self,
        server: Server,
        sock: socket.socket,
        host: str,
        over: Callable[[], None] = lambda: None,
    ) -> None:
        """``over`` is called when nothing is read from it any more."""
        self.server = server
        self.host = host
        self.socket = sock
        self.reader = Reader(sock, ALONE, self.drop)
        self.connected = time.monotonic()
        self.heard = self.connected
        """The monotonic time of the last bytes that came; anyone reads it."""
        self.pinged = 0.0
        """The monotonic time of the last PING; the listener's."""
        self.registered = False
        self.user_id = server.hub.next_id()
        self.nick = "*"
        self.wanted_nick = ""
        self.username = ""
        self.realname = ""
        self.away = ""
        """Why they are away who said so before they came in."""
        self.password: str | None = None
        self.caps: set[str] = set()
        self.cap_version = 301
        self.negotiating_caps = False
        self.draft: Draft | None = None
        """The message of several lines of which not all have come (IRCv3 multiline)."""
        self.current_channel = ""
        """Where a person at plain speaks, as displayed."""
        self.said: deque[tuple[str, str]] = deque(maxlen=SAID)
        """What was said last, each with its msgid and to whom; only the caller may take it back."""
        self.ended = False
        self.progress = self.connected
        """The monotonic time at which the last line was begun; anyone reads it."""
        self._reset = False
        self._lines: list[bytes | Fault] = []
        self._line = 0
        """How many of the lines that came together have been begun."""
        self._messages: list[Message] = []
        self._message = 0
        """How many of those that were held back for the dialect have been begun."""
        self.goodbye = b""
        """The last line, for after what answers the command that ended it."""
        self._buffer = LineBuffer()
        self._negotiation = Negotiation(self.connected)
        self._over = over
        self.lock = threading.Lock()  # guards turn and _gone
        self.turn = Turn()
        """That of the thread which reads and does what is read."""
        self._gone = False
        self._tokens = float(server.config.limits.flood_burst)
        self._filled = self.connected

    @property
    def dialect(self) -> str | None:
        """``irc`` or ``plain``, None while that is not known."""
        return self._negotiation.dialect

    # The thread ---------------------------------------------------------------------------------

    def run(self) -> None:
        """Read until the other side closes or leaves; then take the user out of the chat."""
        self._until_the_end(self.turn, self._talk)

    def _until_the_end(self, turn: Turn, talk: Callable[[], str]) -> None:
        """``talk`` gives why it is over; but who has lost their turn only goes away."""
        turn.ident = threading.get_ident()
        reason = "Connection lost"
        try:
            reason = talk()
        except (Gone, TakenOver):
            pass
        finally:
            if turn.given_up:
                turn.given_up.over = True
                self._say_late(turn.given_up)
            else:
                self._leave(reason)
                self.server.hub.finish(self.reader)
                self._over()

    def _talk(self) -> str:
        while not self.ended and not self.registered:
            if not self._begin():
                break
        while not self.ended:
            data = self._receive()
            if not data:
                break
            self._take(data)
        if self.ended:
            return "Connection lost"
        self._feed(self._buffer.end())
        self._do_all(self._negotiation.silence())
        return "Connection lost" if self._reset else "Connection closed"

    def give_up(self, seconds: float) -> None:
        """Let the caller go on in another thread, where a plugin's call takes longer than this.
        For the listener's thread."""
        turn, going_on = self.turn, Turn()
        if turn.call is None or not turn.call.longer_than(seconds):
            return
        with self.lock:
            call = turn.call and turn.call.longer_than(seconds)
            if call is None or self.turn is not turn:
                return
            given_up = GivenUp(turn.ident, call)
            talk = partial(self._go_on, given_up, seconds)
            args = (going_on, talk)
            threading.Thread(target=self._until_the_end, args=args, daemon=True).start()
            turn.given_up, self.turn = given_up, going_on
        self.server.gave_up(given_up, self.user_id)

    def _go_on(self, given_up: GivenUp, seconds: float) -> str:
        """Say so, and talk on behind the command that does not come back."""
        with self.lock:  # until give_up is through with it
            ctx = given_up.call.ctx
        messages, rest = self._messages[self._message :], self._lines[self._line :]
        sentence = self._reply(replies.TAKES_LONG, verb=ctx.command.verb, seconds=f"{seconds:g}")
        lines = [*given_up.told, (self.server.hub.seq, sentence)]
        answer(self, labelled(self, ctx.label, lines))
        self._do_all(messages)
        self._feed(rest)
        return self._talk()

    def _say_late(self, given_up: GivenUp) -> None:
        """What the handler said in the moment in which it was given up; what it published then
        holds back what others say no longer."""
        lines = given_up.call.ctx.finish()[len(given_up.told) :]
        self.server.hub.answer(self.reader, lines)

    def _receive(self) -> bytes:
        """The next bytes, b"" when there are no more: closed or reset, all of it has been read."""
        try:
            data = self.socket.recv(RECEIVE)
        except OSError as error:
            log.debug("%s: %s", self.label, error)
            self._reset = True
            self.server.hub.retire(self.reader)  # what waits for it need not be gathered
            return b""
        self.heard = time.monotonic()
        return data

    def _begin(self) -> bool:
        """Read once before it is known who this is, waiting no longer than the dialect's
        decision does. False when the other side has closed."""
        waits = self._negotiation.waits(time.monotonic())
        if waits is not None:
            poll = select.poll()
            poll.register(self.socket, select.POLLIN)
            if not poll.poll(waits * 1000 + 1):
                self._do_all(self._negotiation.silence())
                if self._negotiation.greet:
                    self._negotiation.greet = False
                    self._send(self._reply(replies.GREETING, server=self.server.name))
                return True
        data = self._receive()
        if data:
            self._take(data)
        return bool(data)

    def _take(self, data: bytes) -> None:
        lines = self._buffer.feed(data)
        if not lines and b"\n" in data:
            self._slow_down(EMPTY)  # empty lines are not done, but they are not free
        self._feed(lines)

    def _feed(self, lines: list[bytes | Fault]) -> None:
        for number, line in enumerate(lines, 1):
            if self.ended:
                return
            self._slow_down()
            self.progress = time.monotonic()
            self._lines, self._line = lines, number
            fault = line if isinstance(line, Fault) else None
            message = None
            if isinstance(line, bytes):
                text = decode(line)
                if isinstance(text, Fault):
                    fault = text
                else:
                    message = parse(text)
                    if message is None and self.dialect == "plain" and text.strip(" "):
                        message = Message(text.split(" ")[0], typed=text)  # ":)" and the like
                    if message and message.tags and line.find(b" ") >= MAX_CLIENT_TAGS:
                        message, fault = None, Fault.TAGS_TOO_LONG
            if message and self.registered:
                do(self, message)
            elif message:
                self._found_out(self._negotiation.feed(message, time.monotonic()))
            if fault:
                verb = b"" if isinstance(line, Fault) else line.partition(b" ")[0].upper()
                self._found_out(self._negotiation.refused(verb.decode(errors="replace")))
                self._refuse_line(fault)

    def _slow_down(self, lines: float = 1) -> None:
        """Wait where lines come faster than allowed; TCP holds the rest back."""
        limits = self.server.config.limits
        rate = limits.flood_rate
        if not rate:
            return
        now = time.monotonic()
        self._tokens = min(limits.flood_burst, self._tokens + (now - self._filled) * rate)
        self._filled = now
        self._tokens -= lines
        if self._tokens < 0:
            self.server.stopping.wait(-self._tokens / rate)

    def _refuse_line(self, fault: Fault) -> None:
        reply = {
            Fault.TOO_LONG: replies.LINE_TOO_LONG,
            Fault.TAGS_TOO_LONG: replies.TAGS_TOO_LONG,
            Fault.NOT_UTF8: replies.NOT_UTF8,
            Fault.CONTROL: replies.CONTROL_INSIDE,
        }[fault]
        log.info("%s: a line refused: %s", self.label, fault.value)
        answer(self, [(self.server.hub.seq, self._reply(reply, longest=MAX_LINE - 2))])

    # Commands -----------------------------------------------------------------------------------

    def _found_out(self, messages: list[Message]) -> None:
        """Do what the negotiation lets go, from now on in the dialect that it found."""
        if self.dialect == "irc" != self.reader.kind.name:
            self._speak_irc()
        self._do_all(messages)

    def _do_all(self, messages: list[Message]) -> None:
        for number, message in enumerate(messages, 1):
            self._messages, self._message = messages, number
            if not self.ended:
                do(self, message)

    # For commands -------------------------------------------------------------------------------

    def count(self, lines: float) -> None:
        """What is being done is worth so many lines more than one, or (below 0) less."""
        self._tokens -= lines

    def publish(self, event: Event, ctx: Context, *, shown: bool = False) -> Stamped:
        """Let something happen of which this connection is the origin, unless its command is over
        already. Raises Refused or Gone."""
        if self._gone:
            raise Gone
        self.server.refuse(ctx, event)
        origin = None if ctx.over else self.reader
        stamped = self.server.hub.publish(event, origin, shown=shown)
        if type(event) is Said:
            if event.user != SERVER:
                said: Said = stamped.event  # type: ignore[assignment]
                self.said.append((stamped.msgid, said.target))
        elif doing := _LOGGED.get(type(event)):
            log.info("%s %s", self.label, doing.format(event=stamped.event))
            if self._gone and type(event) is Registered:  # dropped before there was a user
                self.server.hub.publish(Quit(self.user_id, "Connection lost"))
        return stamped

    def is_tool(self) -> bool:
        """Whether the client spoke without waiting for the answer to the line being done, or will
        send nothing more: a person does neither."""
        behind = [*self._messages[self._message :], *self._lines[self._line :]]
        return any(map(_speaks, behind)) or hung_up(self.socket)

    def is_current(self, channel: str) -> bool:
        """Whether a channel is the one in which a person at plain speaks."""
        return fold(channel) == self.reader.current

    def set_current(self, channel: str) -> None:
        """Speak in another channel, or ("") in none; only people at plain have a current one."""
        if self.dialect == "plain":
            self.current_channel = channel
            self.server.hub.change(
                self.reader, lambda: setattr(self.reader, "current", fold(channel))
            )

    def set_caps(self, caps: set[str]) -> None:
        """Ask for other capabilities from now on."""
        self.caps = caps
        self.server.hub.change(self.reader, self._speak_irc)

    def end(self, reason: str, goodbye: replies.Reply, /, **fields: object) -> None:
        """Leave the chat for ``reason``; ``goodbye`` is the last that the client reads."""
        self.ended = True
        self.goodbye = self._reply(goodbye, **fields)
        self._leave(reason)

    @property
    def label(self) -> str:
        """How the log names it."""
        return f"{self.nick} ({self.host})" if self.registered else self.host

    def _speak_irc(self) -> None:
        self.reader.kind = self.server.irc_kind(frozenset(self.caps))

    def _reply(self, reply: replies.Reply, **fields: object) -> bytes:
        return self.reader.kind.reply(self.nick, reply, fields)

    def _send(self, line: bytes) -> None:
        self.server.hub.tell(self.reader, line)

    # Any thread ---------------------------------------------------------------------------------

    def tell(self, reply: replies.Reply, /, **fields: object) -> None:
        """A reply that answers no command."""
        self._send(self._reply(reply, **fields))

    def ping(self) -> None:
        """Ask an IRC client whether it is still there."""
        self._send(encode(f"PING :{self.server.name}"))

    def drop(self, reason: str, said: replies.Reply | None = None, /, **fields: object) -> None:
        """Take the user out of the chat and end the connection, whatever its thread is doing."""
        if said:
            self._send(self._reply(said, **fields))
        self.ended = True
        self._leave(reason)
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RD if said else socket.SHUT_RDWR)

    def _leave(self, reason: str) -> None:
        with self.lock:
            if self._gone:
                return
            self._gone = True
        with contextlib.suppress(Gone):  # they never came in, or the server stops
            self.server.hub.publish(Quit(self.user_id, reason))
        log.info("%s left: %s", self.label, reason)


def _speaks(line: bytes | Fault | Message) -> bool:
    if isinstance(line, bytes):
        return line[:4].upper() == b"MSG " or line[:3].upper() == b"ME "
    return isinstance(line, Message) and line.verb in ("MSG", "ME")

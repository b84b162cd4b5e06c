"""One connection: its thread reads lines and does the commands in them, one after the other."""

from __future__ import annotations

import contextlib
import logging
import re
import select
import socket
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ircish import replies
from ircish.chat import fold
from ircish.context import Context
from ircish.dialects.plain import HERE
from ircish.errors import Gone, Refused
from ircish.events import Event, Joined, Kicked, Opered, Parted, Quit, Registered, Renamed, Stamped
from ircish.server.negotiation import Negotiation
from ircish.server.reader import Reader
from ircish.server.readiness import hung_up
from ircish.text import shortened
from ircish.wire import MAX_CLIENT_TAGS, MAX_LINE, Fault, LineBuffer, Message, decode, encode, parse

if TYPE_CHECKING:
    from ircish.command import Command
    from ircish.server.server import Server

RECEIVE = 2048
"""Bytes asked for at once: an idle connection holds a buffer of that size."""

EMPTY = 0.05
"""What a whole buffer of empty lines counts, in lines."""

ANSWER_AHEAD = 64 * 1024
"""Bytes of an answer queued at once; for more its own thread waits until they are sent."""

NOT_READING = 60.0
"""Seconds without progress after which one who does not read their own answers is dropped."""

HINT = 60
"""Characters of what somebody typed that are shown again to them."""

_HTTP = re.compile(r" HTTP/[0-9.]+$", re.ASCII)
"""How the first line of a request ends; where that was too long a line, ``Host:`` is next."""

_LOGGED: Mapping[type[Event], str] = {
    Registered: "is {event.nick}",
    Renamed: "is now {event.nick}",
    Joined: "joined {event.channel}",
    Parted: "left {event.channel}",
    Kicked: "put {event.nick} out of {event.channel}",
    Opered: "is operator {event.name}",
}
"""What the log tells of; not what anybody says."""

log = logging.getLogger("ircish")


class Connection:
    """A client, from accept to close. Its own thread's, but for ``drop`` and what says so."""

    def __init__(self, server: Server, sock: socket.socket, host: str) -> None:
        self.server = server
        self.host = host
        self.socket = sock
        self.reader = Reader(sock, HERE, self.drop)
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
        self.password: str | None = None
        self.caps: set[str] = set()
        self.cap_version = 301
        self.negotiating_caps = False
        self.current_channel = ""
        """Where a person at plain speaks, as displayed."""
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
        self._goodbye = b""
        """The last line, for after what answers the command that ended it."""
        self._buffer = LineBuffer()
        self._negotiation = Negotiation(self.connected)
        self._lock = threading.Lock()  # guards _gone
        self._gone = False
        limits = server.config.limits
        self._rate, self._burst = limits.flood_rate, limits.flood_burst
        self._tokens, self._filled = float(self._burst), self.connected

    @property
    def dialect(self) -> str | None:
        """``irc`` or ``plain``, None while that is not known."""
        return self._negotiation.dialect

    # The thread ---------------------------------------------------------------------------------

    def run(self) -> None:
        """Read until the other side closes or leaves; then take the user out of the chat."""
        reason = "Connection lost"
        try:
            while not self.ended and not self.registered:
                if not self._begin():
                    break
            while not self.ended:
                data = self._receive()
                if not data:
                    break
                self._take(data)
            if not self.ended:
                self._feed(self._buffer.end())
                self._do_all(self._negotiation.silence())
                reason = "Connection lost" if self._reset else "Connection closed"
        except Gone:
            pass
        finally:
            self._leave(reason)
            self.server.hub.finish(self.reader)

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
                self._do(message)
            elif message:
                self._found_out(self._negotiation.feed(message, time.monotonic()))
            if fault:
                verb = b"" if isinstance(line, Fault) else line.partition(b" ")[0].upper()
                self._found_out(self._negotiation.refused(verb.decode(errors="replace")))
                self._refuse_line(fault)

    def _slow_down(self, lines: float = 1) -> None:
        """Wait where lines come faster than allowed; TCP holds the rest back."""
        if not self._rate:
            return
        now = time.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._filled) * self._rate)
        self._filled = now
        self._tokens -= lines
        if self._tokens < 0:
            self.server.stopping.wait(-self._tokens / self._rate)

    def _refuse_line(self, fault: Fault) -> None:
        reply = {
            Fault.TOO_LONG: replies.LINE_TOO_LONG,
            Fault.TAGS_TOO_LONG: replies.TAGS_TOO_LONG,
            Fault.NOT_UTF8: replies.NOT_UTF8,
            Fault.CONTROL: replies.CONTROL_INSIDE,
        }[fault]
        log.info("%s: a line refused: %s", self.label, fault.value)
        self._answer([(self.server.hub.seq, self._reply(reply, longest=MAX_LINE - 2))])

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
                self._do(message)

    def _do(self, message: Message) -> None:
        """Do one command and send what answers it."""
        kind = self.reader.kind
        verb = (
            message.verb[1:] if message.verb[:1] == "/" and kind.name == "plain" else message.verb
        )
        found = self.server.commands.find(kind.name, verb)
        if found is None or (kind.name == "plain" and message.typed[:1] in "@:"):
            # before a person's words these are no tags and no source
            self._unknown(verb, message)
            return
        ctx = Context(self, found, message)
        try:
            if not (self.registered or found.unregistered):
                raise Refused(replies.NOT_REGISTERED)
            found.run(ctx, message)
        except Refused as refused:
            self._refuse(ctx, found, refused)
        except Gone:
            raise
        except BaseException:
            # whatever a plugin does, SystemExit too, must not end its caller's connection
            self.server.fault(found)
            ctx.answer(replies.BROKEN, verb=found.verb)
        lines = self._labelled(message, ctx.finish())
        if lines or self.reader.held:
            self._answer(lines)
        if self._goodbye:
            self._send(self._goodbye)

    def _refuse(self, ctx: Context, found: Command, refused: Refused) -> None:
        try:
            ctx.refused(refused)
        except Exception:
            # a plugin's refusal that is no line: two lines, half a surrogate pair, no reply at all
            self.server.fault(found)
            ctx.answer(replies.BROKEN, verb=found.verb)

    def _labelled(
        self, message: Message, lines: list[tuple[int, bytes]]
    ) -> list[tuple[int, bytes]]:
        label = message.tags.get("label") if message.tags else None
        if not label or len(label) > 64 or "labeled-response" not in self.caps:
            return lines
        seq = lines[0][0] if lines else self.server.hub.seq
        each = [part for _, line in lines for part in line.splitlines(keepends=True)]
        reference = f"{self.user_id:x}l{seq:x}"
        return [(seq, line) for line in self.reader.kind.labelled(each, label, reference)]

    def _answer(self, lines: list[tuple[int, bytes]]) -> None:
        """Queue an answer; of a long one, or where earlier ones have not been read, a part at a
        time, so that it drops nobody and fills no memory."""
        size = self.reader.answers
        size += sum(len(what) for _, what, *_ in self.reader.outbox if isinstance(what, bytes))
        if size + sum(len(line) for _, line in lines) <= ANSWER_AHEAD:
            self.server.hub.answer(self.reader, lines)
            return
        part = []
        for seq, line in lines:
            part.append((seq, line))
            size += len(line)
            if size > ANSWER_AHEAD:
                self._answer_and_wait(part)
                size, part = 0, []
        self.server.hub.answer(self.reader, part)

    def _answer_and_wait(self, part: list[tuple[int, bytes]]) -> None:
        drained = self.reader.drained = threading.Event()
        self.server.hub.answer(self.reader, part)
        taken = self.reader.taken
        while not drained.wait(NOT_READING) and not self.server.stopping.is_set():
            if self.reader.taken == taken:
                self.drop("Did not read its answers")
                break
            taken = self.reader.taken
        self.reader.drained = None
        if self.reader.dead:
            raise Gone

    def _unknown(self, verb: str, message: Message) -> None:
        kind = self.reader.kind
        if not self.registered and (verb == "HOST:" or _HTTP.search(message.rest)):
            # a web page can make its visitor's browser send this, and commands behind it
            self.end("Sent HTTP", replies.NO_WEB_SERVER)
            self._send(self._goodbye)
            return
        hint = replies.TO_SPEAK.format(typed=shortened(message.typed, HINT))
        if kind.name == "plain":
            verb = shortened(message.typed.partition(" ")[0], HINT)
        nearest = self.server.commands.nearest(kind.name, verb.removeprefix("/").upper())
        if nearest:
            hint = replies.DID_YOU_MEAN.format(verb=nearest)
        reply = replies.UNKNOWN_COMMAND
        if kind.name == "irc" and not self.registered:
            reply = replies.NOT_REGISTERED
        log.info("%s: an unknown command refused", self.label)  # it may be a password
        lines = [(self.server.hub.seq, self._reply(reply, verb=verb, hint=hint))]
        self._answer(self._labelled(message, lines))

    # For commands -------------------------------------------------------------------------------

    def publish(self, event: Event, *, shown: bool = False, late: bool = False) -> Stamped:
        """Let something happen of which this connection is the origin, unless its command is over
        already (``late``). Raises Refused or Gone."""
        if self._gone:
            raise Gone
        self.server.refuse(self, event)
        origin = None if late else self.reader
        stamped = self.server.hub.publish(event, origin, shown=shown)
        if self._gone and type(event) is Registered:  # dropped before there was a user to take out
            self.server.hub.publish(Quit(self.user_id, "Connection lost"))
        if doing := _LOGGED.get(type(event)):
            log.info("%s %s", self.label, doing.format(event=stamped.event))
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
        self._goodbye = self._reply(goodbye, **fields)
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
        with self._lock:
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

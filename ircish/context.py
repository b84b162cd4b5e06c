"""Context: what a command's handler is given. It acts for one caller, in the caller's own thread.

A handler holds no lock: what it reads are snapshots, and it changes the chat only by ``publish``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ircish import phrases, replies
from ircish.chat.modes import is_operator
from ircish.dialects.irc import WHERE, WHERE_DRAFT
from ircish.errors import Refused
from ircish.events import SERVER, Event, Said, Stamped
from ircish.log import logger
from ircish.replies import Reply
from ircish.wire import Message, one_line

if TYPE_CHECKING:
    from ircish.command import Allow, Command
    from ircish.plugin import Plugin
    from ircish.server.connection import Connection
    from ircish.server.server import Server
    from ircish.server.snapshots import Person
    from ircish.storage import Storage
    from ircish.worker import Timer

LONGEST_ANSWER = 1 << 20
"""Bytes that a plugin's command may answer: they are held until it returns."""

MOST_EVENTS = 1000
"""What one call of a plugin's command may publish, say and announce."""

log = logger("ircish")


class TooMuch(RuntimeError):
    """A plugin's command answers or publishes without end: its fault, not its caller's."""


class Context:
    """One command being done for one caller."""

    __slots__ = (
        "_behind",
        "_channel",
        "_lines",
        "_published",
        "_replayed",
        "_size",
        "command",
        "connection",
        "label",
        "message",
        "over",
        "server",
    )

    def __init__(self, connection: Connection, command: Command, message: Message) -> None:
        self.connection = connection
        self.server: Server = connection.server
        self.command = command
        self.message = message
        self.label = message.tags.get("label", "")
        """What the answer is labelled with (IRCv3 labeled-response), "" for nothing."""
        self._channel = ""
        self._lines: list[tuple[int, bytes]] = []
        self._replayed = self._published = self._size = 0
        self._behind: int | None = None
        self.over = False
        """Whether the handler has returned, or was given up: it, or a thread or timer of its own,
        may still use this."""

    # Who and where ------------------------------------------------------------------------------

    @property
    def nick(self) -> str:
        """The caller's nick, ``*`` before they have one."""
        return self.connection.nick

    @property
    def user(self) -> Person:
        """The caller as others see them now."""
        return self.server.snapshots.caller(self.connection.user_id)

    @property
    def dialect(self) -> str:
        """``irc`` or ``plain``."""
        return self.connection.reader.kind.name

    @property
    def channel(self) -> str:
        """The channel that the command is about: named in it, or the one the caller is in.

        Raises Refused where that is not clear.
        """
        if not self._channel:
            self._channel = self.here(self.command)
        return self._channel

    # The plugin's own ---------------------------------------------------------------------------

    @property
    def plugin(self) -> Plugin:
        """The plugin that the command is of; it may be kept for later, a Context may not."""
        assert self.command.home
        return self.command.home

    @property
    def log(self) -> logging.Logger:
        """The log, under the plugin's name."""
        return self.plugin.log

    @property
    def storage(self) -> Storage:
        """What the plugin keeps from one run to the next: a mapping of str to what JSON holds."""
        return self.plugin.storage

    @property
    def config(self) -> Any:
        """The plugin's ``Config``, made of ``[plugins.NAME]`` in ircish.toml; else that table."""
        return self.plugin.config

    def after(self, seconds: float, call: Callable[[], object]) -> Timer:
        """Call back once, in so many seconds, in the plugin's own thread."""
        return self.plugin.after(seconds, call)

    def every(self, seconds: float, call: Callable[[], object]) -> Timer:
        """Call back again and again, every so many seconds, in the plugin's own thread."""
        return self.plugin.every(seconds, call)

    def at(self, channel: str) -> None:
        """The command is about ``channel``."""
        self._channel = channel

    def here(self, command: Command) -> str:
        """The channel that is meant where none is named. Raises Refused."""
        tags = self.message.tags
        told = tags.get(WHERE) or tags.get(WHERE_DRAFT, "")
        current = self.connection.current_channel or told
        snapshots, me = self.server.snapshots, self.connection.user_id
        if current and snapshots.status(me, current) is not None:
            return current
        channels = snapshots.channels_of(me)
        if current:  # they have been put out: what is typed now was not meant for another channel
            now = channels[-1] if channels else ""
            self.connection.set_current(now)
            where = phrases.IN_NOW.format(channel=now) if now else phrases.IN_NONE_NOW
            raise Refused(replies.NO_LONGER_IN, channel=current, where=where)
        if len(channels) == 1:
            return channels[0]
        if channels:
            raise Refused(
                replies.AMBIGUOUS_CHANNEL,
                verb=command.verb,
                usage=command.usage,
                channels=", ".join(channels),
            )
        raise Refused(replies.NO_CHANNEL, verb=command.verb, usage=command.usage)

    def users(self) -> list[Person]:
        """Everyone on the server."""
        return self.server.snapshots.people()

    def members(self, channel: str | None = None) -> list[Person]:
        """Who is in a channel (the caller's). Raises Refused where there is none."""
        return self.server.snapshots.members(channel or self.channel)

    def require(self, allow: Allow) -> None:
        """Raises Refused where the caller is not one of ``allow``. What the operators of a channel
        may, an operator of the server may in every channel."""
        person = self.user
        if allow == "oper" and not person.operator:
            raise Refused(replies.NOT_SERVER_OPERATOR)
        if allow in ("member", "op"):
            lists = self.command.strict  # as in KICK #a,#b ann,ben
            for name in self.channel.split(",") if lists else [self.channel]:
                channel = self.server.snapshots.place(name).name
                if allow == "op" and person.operator:
                    continue
                status = self.require_presence(channel)
                if allow == "op" and not is_operator(status):
                    raise Refused(replies.NOT_CHANNEL_OPERATOR, channel=channel)

    # Answering ----------------------------------------------------------------------------------

    def reply(self, text: str) -> None:
        """Tell the caller alone; each line of ``text`` is one."""
        for line in text.split("\n"):
            self.answer(replies.TOLD, text=line)

    def answer(self, reply: Reply, **fields: object) -> None:
        """Tell the caller alone, by one of the named replies."""
        line = self.connection.reader.kind.reply(self.nick, reply, fields)
        if line:
            self.lines([line])

    def refused(self, error: Refused, *, told: bool = True) -> None:
        """Log why something was not done, and tell the caller alone, unless they are not to be
        ``told``."""
        verb = self.command.verb
        error = Refused(error.reply, **{"verb": verb, **error.fields})
        log.info("%s: %s refused: %s", self.connection.label, verb, error.logged)
        if told:
            self.answer(error.reply, **error.fields)

    def replay(self, past: Sequence[Stamped], channel: str) -> None:
        """Show the caller a channel's past, oldest first."""
        now = int(self.server.clock() * 1000)
        self.lines(self.connection.reader.kind.replay(past, channel, self.reference(), now))

    def lines(self, lines: Sequence[bytes]) -> None:
        """Lines to the caller that a dialect has made."""
        seq = self.server.hub.seq if self._behind is None else self._behind
        for line in lines:
            self._add(seq, line)

    def _add(self, seq: int, line: bytes) -> None:
        if self.over:
            self.server.hub.tell(self.connection.reader, line)
            return
        self._size += len(line)
        if self._size > LONGEST_ANSWER and self.command.tally:  # what is built in is bounded itself
            self._lines, self._size = [], 0  # nor can one fill the memory that does not hear of it
            raise TooMuch(f"an answer is longer than {LONGEST_ANSWER} bytes")
        self._lines.append((seq, line))

    def behind(self, stamped: Stamped) -> None:
        """What is answered from now on is read right behind this event, before what others did
        since."""
        self._behind = stamped.seq

    def refuse(self, text: str) -> Refused:
        """A refusal to raise: ``raise ctx.refuse("that is not dice")``."""
        return Refused(replies.REFUSED, text=text if one_line(text) else repr(text))

    # Acting -------------------------------------------------------------------------------------

    def publish(self, event: Event) -> Stamped:
        """Let something happen. Raises Refused where it may not, Gone where the caller has left."""
        stamped = self._publish(event)
        if stamped.origin and (own := self.connection.reader.kind.own(stamped)):
            self._own(stamped, own)
        return stamped

    def say(self, text: str, channel: str | None = None) -> None:
        """Speak as the caller, who sees it too."""
        self._speak(Said(self.connection.user_id, channel or self.channel, text))

    def announce(self, text: str, channel: str | None = None) -> None:
        """Tell a channel that the caller is in, the caller too, in the server's name."""
        self.require_presence(channel or self.channel)
        self._speak(Said(SERVER, channel or self.channel, text, "notice"))

    def _speak(self, said: Said) -> None:
        stamped = self._publish(said, shown=True)
        if stamped.origin:  # else they hear it with the others
            kind = self.connection.reader.kind.inside(self.connection.is_current(said.target))
            self._own(stamped, kind.render(stamped))

    def _publish(self, event: Event, *, shown: bool = False) -> Stamped:
        self._published += 1
        if self._published > MOST_EVENTS and self.command.tally:
            raise TooMuch(f"one command lets more than {MOST_EVENTS} things happen")
        return self.connection.publish(event, self, shown=shown)

    def _own(self, stamped: Stamped, line: bytes) -> None:
        self._add(stamped.seq, line)
        if self.over:  # given up meanwhile: no answer comes that ends the hold on what others say
            self.server.hub.answer(self.connection.reader, ())

    def require_presence(self, channel: str) -> str:
        """The caller's status in a channel. Raises Refused where they are not in it."""
        status = self.server.snapshots.status(self.connection.user_id, channel)
        if status is None:
            raise Refused(replies.NOT_IN_CHANNEL, channel=channel)
        return status

    def answered(self) -> list[tuple[int, bytes]]:
        """The caller's lines so far, each with the number of the event it belongs to."""
        return self._lines

    def finish(self) -> list[tuple[int, bytes]]:
        """The handler has returned, or is waited for no longer: all that answers its command. What
        is said later is told by itself."""
        self.over = True
        return self._lines

    def reference(self) -> str:
        """A name for a batch, unique in this answer."""
        self._replayed += 1
        return f"{self.server.hub.seq:x}r{self._replayed}"

"""Server: the parts put together, started and stopped."""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from ircish import __version__, replies
from ircish.chat.chat import Chat
from ircish.command import Command, CommandTable
from ircish.config import Config, check_password
from ircish.dialects.irc import CATALOGUE, Irc
from ircish.errors import Refused
from ircish.events import SHOWN, Event, Source, Stamped, from_row
from ircish.indexing import SearchIndex
from ircish.log import logger
from ircish.pluginfiles import own_directory
from ircish.pluginmanager import PluginManager
from ircish.rates import Rates
from ircish.rows import HistoryError
from ircish.sandbox import Sandbox, problems
from ircish.saving import History
from ircish.server.connection import Connection
from ircish.server.cores import Cores
from ircish.server.hub import Hub
from ircish.server.kinds import Kinds
from ircish.server.limits import bounds, remembered
from ircish.server.listener import STACK, Listener
from ircish.server.readiness import readiness
from ircish.server.rehash import rehash
from ircish.server.sending import send
from ircish.server.snapshots import Person, Snapshots
from ircish.server.watching import GivenUp, watched
from ircish.server.writer import Writer
from ircish.storage import Store
from ircish.worker import LINGER

if TYPE_CHECKING:
    from ircish.context import Context

HANGS = 10.0
"""Seconds that a closed connection's handler may go on before its user is taken out."""

CHECKED_AT_ONCE = 2
"""Passwords compared at one time: the hash of each takes 64 MiB meanwhile."""

MINUTE = 60_000
DAY = 86_400_000
"""ms"""

EXPIRE_EVERY = 60.0
"""Seconds between looks for history that is too old."""

log = logger("ircish")


class Server:
    """One ircish server. ``start`` returns when it listens; ``stop`` tells everyone and saves."""

    def __init__(
        self,
        config: Config,
        *,
        clock: Callable[[], float] = time.time,
        plugins: PluginManager | None = None,
        reread: Callable[[], Config] | None = None,
    ) -> None:
        """Opens the history and loads the plugins: those of ``config``, or ``plugins``, which are
        loaded already. ``reread`` reads the configuration again, or raises ConfigError.

        Raises HistoryError when the history cannot be opened.
        """
        self.config = config
        self.name = config.server.name
        self.version = __version__
        self.clock = clock
        self.started = clock()
        self.stopping = threading.Event()
        self._reread = reread
        self._rehashing = threading.Lock()
        self.one_time_password = "" if config.operators else secrets.token_urlsafe(9)
        """What OPER takes in this run, where no operator is configured."""
        self.plugins = plugins or loaded(config)
        self.commands: CommandTable = self.plugins.table
        self.history = History(config.server.data_dir, synchronous=config.history.synchronous)  # type: ignore[arg-type]
        self.search = SearchIndex(config.server.data_dir, self.history)
        self.rates = Rates(time.monotonic)
        self.store = Store(config.server.data_dir)
        """What plugins keep."""
        self._cores = Cores(one=config.server.one_core)
        self._checking = threading.Semaphore(CHECKED_AT_ONCE)
        self._readiness = readiness()
        self.hub = self._make_hub()
        self.snapshots = Snapshots(self.hub)
        self.writer = Writer(
            self.hub,
            self,
            self._readiness,
            sendq=config.limits.sendq,
            tell=self._tell_origin,
            alarm=self.alarm,
            idle=self._idle,
        )
        self._expired = 0.0
        self._irc = Kinds(self.name)
        self._listener: Listener | None = None
        self._serving: threading.Thread | None = None
        self.plugins.attach(self)

    def _make_hub(self) -> Hub:
        chat = Chat(Source(self.name), bounds(self.config), self.history.channels())
        memory = remembered(self.config)
        last = self.history.last()
        if last[1] > int(self.started * 1000) + MINUTE:
            log.warning("the last message is from the future: what is said now has its time")
        hub = Hub(
            chat,
            last=last,
            memory=memory,
            clock=self.clock,
            wake=self._readiness.wake,
            send=send,
        )
        for channel in chat.channels.values():
            rows = self.history.latest(channel.folded, memory, kinds=SHOWN)
            hub.restore(channel, [from_row(row, channel.name) for row in rows])
        return hub

    @property
    def description(self) -> str:
        """What the server says of itself."""
        return self.config.server.description

    @property
    def operators(self) -> Mapping[str, str]:
        """Who may become an operator, each with a hash or a password."""
        if self.one_time_password and not self.config.operators:
            return {"admin": self.one_time_password}
        return self.config.operators

    @property
    def started_text(self) -> str:
        """When this run began, in local time."""
        return time.strftime("%Y-%m-%d %H:%M:%S %z", time.localtime(self.started))

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens, or was told to."""
        if self._listener is None:
            return self.config.server.host, self.config.server.port
        host, port = self._listener.server_address[:2]
        return str(host), int(port)

    # Starting and stopping ----------------------------------------------------------------------

    def start(self) -> None:
        """Listen. Raises OSError where the address cannot be had; nothing is left running then."""
        threading.stack_size(STACK)
        address = (self.config.server.host, self.config.server.port)
        try:
            self._listener = Listener(address, self, self._upkeep)
        except (OSError, UnicodeError):  # the latter for a host such as a..b
            self.plugins.stop()
            self.store.close()
            self.search.close()
            self.history.close()
            raise
        self.search.start()
        self.hub.observers = self.plugins.observers()
        self._serving = threading.Thread(
            target=self._listener.serve_forever, name="listener", daemon=True
        )
        with self._cores.one():
            self.writer.thread.start()
            self._serving.start()
        with self._cores.one():  # their threads are of the chat
            self.plugins.started()

    def stop(self, reason: str = "The server stops", seconds: float = 3.0) -> None:
        """Tell everyone, send and save what waits, close. Takes ``seconds`` and a little."""
        assert self._listener
        self.stopping.set()
        self._listener.shutdown()
        self._listener.server_close()
        self.plugins.notify("server_stopping")
        self.hub.stop()
        connections = self._listener.snapshot()
        for connection in connections:
            connection.drop(reason, replies.STOPPING, reason=reason)
        self.writer.stop(seconds)
        deadline = time.monotonic() + 0.5
        while self._listener.snapshot() and time.monotonic() < deadline:
            time.sleep(0.01)
        self.plugins.stop()
        self.store.close()
        self.search.close()
        self.history.close()

    def begin(self) -> None:
        """Save and send, without listening: what a sandbox needs."""
        self.writer.thread.start()

    def abandon(self) -> None:
        """End what ``begin`` began."""
        self.stopping.set()
        self.hub.stop()
        self.writer.stop(0.0)
        self.plugins.stop()
        self.store.close()
        self.search.close()
        self.history.close()

    # Another configuration ----------------------------------------------------------------------

    def rehash(self, by: str) -> list[str]:
        """Read the configuration again because ``by`` wants it, and do as it says. A sentence for
        each thing that has to wait. Raises ConfigError, with nothing changed."""
        with self._rehashing:
            return rehash(self, self._reread, by)

    def use(self, config: Config) -> None:
        """Do as another configuration says from now on."""
        self.config = config  # what is asked for each time it is needed
        self.hub.limit(bounds(config), remembered(config))
        self.writer.sendq = config.limits.sendq
        examine = partial(problems, tables=config.plugins)
        self.plugins.configure(config.plugins, examine, config.limits.command_seconds)
        if self._listener:
            self._listener.limit(config.limits)

    # For connections ----------------------------------------------------------------------------

    def connections(self) -> list[Connection]:
        """All of them, also those that have not come in."""
        return self._listener.snapshot() if self._listener else []

    def connection(self, user: int) -> Connection | None:
        """That of a user."""
        return next((each for each in self.connections() if each.user_id == user), None)

    def strangers(self) -> int:
        """How many have connected and not come in."""
        return sum(not (each.registered or each.ended) for each in self.connections())

    def irc_kind(self, caps: frozenset[str]) -> Irc:
        """The one kind of IRC client that asked for ``caps``."""
        return self._irc.of(caps)

    def replace_commands(self, table: CommandTable) -> None:
        """Other commands from now on; clients that know the catalogue are told it anew."""
        before, self.commands = self.commands, table
        reference = f"c{self.hub.seq:x}"
        news: dict[frozenset[str], bytes] = {}  # nothing where the catalogue reads as it did
        for reader in self.hub.readers():
            caps = reader.kind.caps
            if CATALOGUE in caps:
                if caps not in news:
                    old, new = (
                        b"".join(self.irc_kind(caps).catalogue(each.listed("irc"), reference))
                        for each in (before, table)
                    )
                    news[caps] = new if new != old else b""
                self.hub.tell(reader, news[caps])

    def refuse(self, ctx: Context, event: Event) -> None:
        """Raises Refused where a plugin does not want an event to happen."""
        connection = ctx.connection
        if connection.registered and self.plugins.refuses():
            person = self.snapshots.caller(connection.user_id)
            if reason := self.plugins.refusal(person, event, partial(watched, ctx)):
                raise Refused(replies.REFUSED, text=reason)

    def fault(self, command: Command, caller: int) -> None:
        """The exception being handled is that command's plugin's."""
        if command.home and command.tally:
            self.plugins.fault(command.home, command.verb, caller)
        else:
            log.exception("plugin %s: %s failed", command.plugin, command.verb)

    def gave_up(self, given_up: GivenUp, caller: int) -> None:
        """A plugin's call has not come back to its caller, who goes on without it."""
        self.plugins.gave_up(given_up, caller)

    def is_operator(self, name: str, password: str) -> bool:
        """Whether an operator of that name has that password; takes its time."""
        stored = self.operators.get(name)
        return stored is not None and self._fits(stored, password)

    def is_password(self, given: str) -> bool:
        """Whether that lets people come in; takes its time."""
        stored = self.config.server.password
        return not stored or (given != "" and self._fits(stored, given))

    def _fits(self, stored: str, given: str) -> bool:
        with self._checking, self._cores.all():
            return check_password(stored, given)

    # For the writer: its Store ------------------------------------------------------------------

    def commit(self, rows: object, channels: object) -> None:
        """Save rows and tell the full-text index. Raises HistoryError."""
        self.history.commit(rows, channels)  # type: ignore[arg-type]
        self.search.committed(len(rows))  # type: ignore[arg-type]

    def _tell_origin(self, stamped: Stamped, reply: replies.Reply) -> None:
        if reader := self.hub.reader(stamped.origin):
            target = getattr(stamped.event, "target", "") or getattr(stamped.event, "channel", "")
            nick = stamped.source.nick
            line = reader.kind.reply(nick, reply, {"channel": target or "everyone"})
            self.hub.tell(reader, line)

    def alarm(self, text: str) -> None:
        """Tell the log and all operators."""
        log.error("%s", text)
        self._tell_people(replies.TOLD, text, lambda person: person.operator)

    def notice(self, text: str, *, but: str = "") -> None:
        """Tell the operators who want to know what goes on (user mode +s), ``but`` the one with
        that nick, who knows."""
        self._tell_people(
            replies.SERVER_NOTICE, text, lambda each: "s" in each.modes and each.nick != but
        )

    def _tell_people(
        self, reply: replies.Reply, text: str, chosen: Callable[[Person], object]
    ) -> None:
        for person in filter(chosen, self.snapshots.people()):
            if reader := self.hub.reader(person.id):
                self.hub.tell(reader, reader.kind.reply(person.nick, reply, {"text": text}))

    def _idle(self) -> None:
        now = time.monotonic()
        if now >= self._expired:
            keep = self.config.history
            more = False
            if keep.keep_days or keep.keep_messages:
                ms = int(self.clock() * 1000)
                if keep.keep_days:
                    self.hub.forget(ms - keep.keep_days * DAY)
                with contextlib.suppress(HistoryError):  # it is tried again in a while
                    more = self.history.expire(ms, keep.keep_days, keep.keep_messages)
            self._expired = now + (0 if more else EXPIRE_EVERY)

    # Upkeep, in the listener's thread -----------------------------------------------------------

    def _upkeep(self) -> None:
        assert self._listener
        self._cores.balance()
        limits = self.config.limits
        with contextlib.suppress(Exception):
            self.plugins.watch(limits.command_seconds)
        now = time.monotonic()
        for connection in self._listener.snapshot():
            with contextlib.suppress(Exception):
                self._look_after(connection, now, limits.registration_seconds, limits.ping_seconds)

    def _look_after(
        self, connection: Connection, now: float, registration: float, ping: float
    ) -> None:
        connection.give_up(self.config.limits.command_seconds)
        broken = connection.reader.broken_since
        if broken and now - max(broken, connection.progress) > HANGS:
            connection.drop("Connection lost")
        elif not connection.registered:
            if now - connection.connected > registration:
                connection.drop("Came in too slowly", replies.TOO_SLOW)
        elif connection.dialect == "irc" and (silent := now - connection.heard) > ping:
            if silent > 2 * ping:
                seconds = int(silent)
                connection.drop("Timed out", replies.TIMED_OUT, seconds=seconds)
            elif connection.pinged < connection.heard:
                connection.pinged = now
                connection.ping()


def loaded(config: Config, *, examples: bool = True, linger: float = LINGER) -> PluginManager:
    """The plugins as a configuration wants them, loaded, and their ``examples`` tried (those
    of what is loaded later always are). Their
    threads wait so many seconds from one look at what has happened to the next."""
    plugins = PluginManager(
        directories=(*config.server.plugins, own_directory()),
        without=config.server.without,
        tables=config.plugins,
        examine=partial(problems, tables=config.plugins),
        patience=config.limits.command_seconds,
        linger=linger,
    )
    plugins.load_builtin()
    with Sandbox(config.plugins) as sandbox:  # one for all
        plugins.load_all(sandbox.problems if examples else lambda source: [])
    return plugins

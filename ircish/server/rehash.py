"""Rehash: another configuration for a server that runs, as far as that can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from ircish import replies
from ircish.config import Config, ConfigError, running
from ircish.dialects.isupport import NOTIFY, VALUES, offered, shown, token_lines, tokens
from ircish.errors import Gone
from ircish.events import ModeSet
from ircish.log import logger

if TYPE_CHECKING:
    from ircish.server.server import Server

log = logger("ircish")


def rehash(server: Server, reread: Callable[[], Config] | None, by: str) -> list[str]:
    """Let what ``reread`` gives take effect, and the log and operators know. A sentence for each
    thing that has to wait. Raises ConfigError, with nothing changed."""
    try:
        if reread is None:
            raise ConfigError("This server has no file to read it from.")
        notes = reconfigure(server, reread())
    except ConfigError as error:
        log.error("%s: the configuration stays as it was: %s", by, error)
        server.notice(f"{by}: the configuration stays as it was: {error}", but=by)
        raise
    log.warning("%s", " ".join([f"{by}: the configuration has been read again.", *notes]))
    server.notice(f"{by}: the configuration has been read again.", but=by)
    return notes


def reconfigure(server: Server, wanted: Config) -> list[str]:
    """Let ``wanted`` take effect. A sentence for each thing that has to wait."""
    before = server.config
    after, later = running(before, wanted)
    server.use(after)
    if after.server.log_level != before.server.log_level:
        log.setLevel(after.server.log_level.upper())
    _dismiss(server)
    _tell_capabilities(server, before, after)
    _tell_tokens(server, before, after)
    notes = [f"{name} takes effect at the next start." for name in later]
    return notes + list(_plugins_to_reload(server, before, after))


def _tell_capabilities(server: Server, before: Config, after: Config) -> None:
    """Take away what is no longer offered, and tell those who want to be told what is new, has
    another value, or is gone."""
    old, new = offered(before), offered(after)
    gone = old.keys() - new.keys()
    for connection in server.connections():
        values = connection.cap_version >= VALUES  # who is shown none is not told of another
        known, now = shown(old, values=values), shown(new, values=values)
        for subcommand, words in (
            ("NEW", [word for name, word in now.items() if known.get(name) != word]),
            ("DEL", sorted(gone)),
        ):
            if words and NOTIFY in connection.caps:
                connection.tell(replies.CAP, subcommand=subcommand, caps=" ".join(words))
        if lost := connection.caps & gone:
            connection.set_caps(connection.caps - lost)


def _tell_tokens(server: Server, before: Config, after: Config) -> None:
    """Tell every IRC client which tokens have other values now; there are always the same."""
    old = set(tokens(before))
    changes = [token for token in tokens(after) if token not in old]
    for connection in server.connections():
        if connection.registered and connection.dialect == "irc":
            for line in token_lines(changes):
                connection.tell(replies.ISUPPORT, tokens=line)


def _dismiss(server: Server) -> None:
    """Who is no longer configured as an operator ceases to be one."""
    for person in server.snapshots.people():
        if person.operator and person.operator not in server.operators:
            with suppress(Gone):  # they have just left
                stamped = server.hub.publish(ModeSet(person.id, "", (("-", "o", ""),)))
                if reader := server.hub.reader(person.id):
                    server.hub.tell(reader, reader.kind.render(stamped))


def _plugins_to_reload(server: Server, before: Config, after: Config) -> Iterator[str]:
    for name in sorted({*before.plugins, *after.plugins}):
        if before.plugins.get(name) != after.plugins.get(name) and name in server.plugins.plugins:
            yield f"[plugins.{name}] takes effect with PLUGIN reload {name}."

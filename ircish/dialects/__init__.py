"""How a connection speaks: events and replies to bytes. Two dialects, irc and plain.

A ``Kind`` is one kind of recipient: a dialect and what its client asked for. Equal recipients
share one Kind object, so that an event is rendered once for all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from ircish.events import Source, Stamped
from ircish.replies import Reply


class Kind(Protocol):
    """What every recipient of a kind reads. Immutable; any thread."""

    name: str
    """``irc`` or ``plain``"""

    echo: bool
    """Whether people read their own words (IRCv3 echo-message)."""

    tags: bool
    """Whether they read tags, and may send some that are passed on (IRCv3 message-tags)."""

    implicit_names: bool
    """Whether who comes into a channel is told who is there (IRCv3 no-implicit-names)."""

    read_markers: bool
    """Whether they are told how far they had read there (IRCv3 read-marker)."""

    replayed: Collection[str]
    """The kinds of event that they are shown of a channel's past."""

    caps: frozenset[str]
    """The capabilities asked for."""

    def inside(self, current: bool) -> Kind:
        """How the same reader hears a channel: their current one, or another."""

    def signs(self, status: str) -> str:
        """The signs of a member's status as this kind reads them (IRCv3 multi-prefix)."""

    def names(self, members: Iterable[tuple[Source, str]]) -> list[str]:
        """Who is in a channel, each with the status held, for a list of names (IRCv3
        userhost-in-names)."""

    def render(self, stamped: Stamped) -> bytes:
        """The lines in which others hear of an event; b"" where this kind does not."""

    def own(self, stamped: Stamped) -> bytes:
        """The lines in which the one who did it hears of it."""

    def reply(self, nick: str, reply: Reply, fields: Mapping[str, object]) -> bytes:
        """The lines of a reply to ``nick``."""

    def replay(self, past: Sequence[Stamped], target: str, reference: str, now: int) -> list[bytes]:
        """The lines of things past, oldest first; ``now`` in ms since the epoch."""

    def labelled(self, lines: list[bytes], label: str, reference: str) -> list[bytes]:
        """The whole answer to a command that carried a label (IRCv3 labeled-response)."""

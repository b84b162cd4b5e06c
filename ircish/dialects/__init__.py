"""How a connection speaks: events and replies to bytes. Two dialects, irc and plain.

A ``Kind`` is one kind of recipient: a dialect and what its client asked for. Equal recipients
share one Kind object, so that an event is rendered once for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from ircish.events import Stamped
from ircish.replies import Reply


class Kind(Protocol):
    """What every recipient of a kind reads. Immutable; any thread."""

    name: str
    """``irc`` or ``plain``"""

    echo: bool
    """Whether people read their own words (IRCv3 echo-message)."""

    caps: frozenset[str]
    """The capabilities asked for."""

    def inside(self, current: bool) -> Kind:
        """How the same reader hears a channel: their current one, or another."""

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

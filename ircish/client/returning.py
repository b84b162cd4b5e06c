"""Where we want to be: the nick and the channels that are taken again after a lost connection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from ircish.wire import MAX_LINE

if TYPE_CHECKING:
    from ircish.client.place import Place
    from ircish.client.session import Session

ROOM = MAX_LINE - 60
"""Bytes of channels and keys in one JOIN."""


class Returning:
    """What is remembered of a place from one connection to the next."""

    def __init__(self, fold: Callable[[str], str]) -> None:
        self._fold = fold
        self._place: Place | None = None
        self._was_there = self._is_there = False
        self._channels: list[str] = []
        self._going: dict[str, str] = {}  # asked for on arriving, and not answered
        self._keys: dict[str, str] = {}
        self._shown: set[str] = set()
        self.nick = ""
        """The nick that we want."""

    def goes(self, place: Place) -> bool:
        """It goes to a place now; whether that is another server than before."""
        before, self._place, self._is_there = self._place, place, False
        is_other = before is None or (before.host, before.port) != (place.host, place.port)
        if is_other:
            self._was_there, self._channels = False, []
            self._keys.clear()
            self._shown.clear()
        if before is None or is_other or before.nick != place.nick:
            self.nick = place.nick
        return is_other and before is not None

    def left(self, session: Session) -> None:
        """The connection has ended: remember where we were."""
        if self._is_there:
            here = {name: channel.name for name, channel in session.channels.items()}
            self._channels = list((self._going | here).values())

    def arrive(self, session: Session) -> None:
        """Go where we were; the first time, where we want to be: the server's default channel
        where nobody said."""
        channels = self._channels
        if not self._was_there:
            default = (session.default_channel,) if session.default_channel else ()
            channels = list((self._place.join if self._place else ()) or default)
            self._shown.update(map(self._fold, channels))
        self._was_there = self._is_there = True
        self._going = {self._fold(name): name for name in channels}
        for names, keys in self._lines(channels):
            session.join(names, keys)

    def _lines(self, channels: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Names and keys for as few JOINs as possible; those with keys come first."""
        names: list[str] = []
        keys: list[str] = []
        for name in sorted(channels, key=lambda each: self._fold(each) not in self._keys):
            key = self._keys.get(self._fold(name))
            if names and len(",".join([*names, name, *keys, key or ""]).encode()) > ROOM:
                yield ",".join(names), ",".join(keys)
                names, keys = [], []
            names.append(name)
            keys += [key] if key else []
        if names:
            yield ",".join(names), ",".join(keys)

    def want(self, channel: str, key: str = "") -> None:
        """A channel is to be shown once we are in it."""
        self._shown.add(self._fold(channel))
        if key:
            self._keys[self._fold(channel)] = key

    def wants(self, channel: str) -> bool:
        """We are in a channel, or cannot be: whether it was to be shown; true once."""
        folded = self._fold(channel)
        self._going.pop(folded, None)
        wanted = folded in self._shown
        self._shown.discard(folded)
        return wanted

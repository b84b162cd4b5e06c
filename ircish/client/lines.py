"""Lines from standard input on an asyncio loop, be it a terminal, a pipe or a file; what they mean
is plain's."""

from __future__ import annotations

import asyncio
import os

READ = 64 * 1024
"""Bytes taken at once."""

LONGEST = 64 * 1024
"""Bytes after which a line counts as ended: somebody pipes what has no lines."""


class Lines:
    """The lines of a file descriptor, which is read only when one is wanted, and stays as it is:
    a terminal that is made not to block is so for everyone who has it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._data = b""
        self._ended = False

    async def next(self) -> str | None:
        """The next line, without its end; None where there are no more."""
        while not self._ended and b"\n" not in self._data and len(self._data) <= LONGEST:
            await self._readable()
            try:
                data = os.read(self._descriptor, READ)
            except OSError:  # the terminal is gone, or there never was one
                data = b""
            self._data += data
            self._ended = not data
        if not self._data:
            return None
        line, _, self._data = self._data.partition(b"\n")
        if len(line) > LONGEST:
            line, self._data = line[:LONGEST], line[LONGEST:] + b"\n" + self._data
        return line.removesuffix(b"\r").decode(errors="replace")

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        try:
            loop.add_reader(self._descriptor, ready.set)
        except (OSError, ValueError):  # a file, which never lets anyone wait, or none at all
            return
        try:
            await ready.wait()
        finally:
            loop.remove_reader(self._descriptor)

"""`ircish history`: reads a data directory and prints; whether a server runs there or not."""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from ircish.arguments import Failure
from ircish.chat.names import fold
from ircish.dialects.plain import HERE
from ircish.events import SHOWN, from_row
from ircish.history import Archive
from ircish.rows import HistoryError, Row
from ircish.search import Search
from ircish.text import UNSAFE, printable

ALL = 1 << 40
"""More rows than there are."""

END = 1 << 60
"""A time, in ms, after all others."""

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def print_history(directory: Path, args: argparse.Namespace) -> None:
    """What ``args`` ask for, oldest first, a line each. Raises Failure."""
    if not args.channel:
        raise Failure("say which channel, in quotes: ircish history '#lobby'.")
    since = moment(args.since, "--since") if args.since else 0
    until = moment(args.until, "--until", to_its_end=True) if args.until else END
    try:
        archive = Archive(directory)
        try:
            name = channel(archive, args.channel)
            rows = selected(archive, directory, fold(name), since, until, args)
            as_json = (json_line(row._asdict()) for row in rows)
            for line in as_json if args.json else as_text(rows, name):
                print(line)
        finally:
            archive.close()
    except HistoryError as error:
        raise Failure(str(error)) from None


def channel(archive: Archive, asked: str) -> str:
    """The channel that is meant, as it is displayed. Raises Failure where there is none."""
    names = {each.folded: each.name for each in archive.channels()}
    found = names.get(fold(asked)) or names.get(fold(f"#{asked}"))
    if not found:
        there_are = f"there are {', '.join(names.values())}" if names else "there is none yet"
        raise Failure(printable(f"there is no channel {asked} in {archive.path}; {there_are}."))
    return found


def selected(
    archive: Archive, directory: Path, folded: str, since: int, until: int, args: argparse.Namespace
) -> Iterable[Row]:
    """The rows from ``since`` to before ``until`` (ms): all, or the newest ``args.limit``."""
    limit = ALL if args.limit is None else args.limit
    if args.search is not None:
        search = Search(directory, archive)
        try:
            before = archive.seq_at(folded, until)
            found = search.search([folded], args.search, limit, before_seq=before)
        finally:
            search.close()
        return [row for row in found if row.time >= since]
    if args.limit is None:
        page = archive.page(folded, since, until)
        return page if args.all else (row for row in page if row.kind in SHOWN)
    after, before = archive.seq_at(folded, since) - 1, archive.seq_at(folded, until)
    kinds = None if args.all else SHOWN
    return archive.latest(folded, limit, after_seq=after, before_seq=before, kinds=kinds)


def as_text(rows: Iterable[Row], name: str) -> Iterator[str]:
    """``[2026-11-22 10:31] <ann> hello``, in local time; a line for each that a message has, none
    for rows with nothing to read."""
    for row in rows:
        clock = time.strftime("%Y-%m-%d %H:%M", time.localtime(row.time / 1000))
        for told in map(printable, HERE.lines(from_row(row, name))):
            yield f"[{clock}] {told}"


def json_line(fields: Mapping[str, object]) -> str:
    """A JSON object on one line, with nothing in it that a terminal obeys."""
    text = json.dumps(fields, ensure_ascii=False)
    return UNSAFE.sub(lambda match: json.dumps(match[0])[1:-1], text)


def moment(text: str, flag: str, *, to_its_end: bool = False) -> int:
    """The time in ms since the epoch that is meant: ``2h`` (ago), a day, an ISO time; local where
    it names no zone. A day is its beginning, or ``to_its_end``. Raises Failure."""
    try:
        if match := re.fullmatch(r"([0-9]{1,6})([smhdw])", text):
            when = datetime.now() - timedelta(**{UNITS[match[2]]: int(match[1])})
        else:
            when = datetime.fromisoformat(text)
            if to_its_end and re.fullmatch(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}", text):
                when += timedelta(days=1)
        return round(when.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise Failure(
            f"{flag} {text!r} is not a time; try 2026-11-22, '2026-11-22 10:31', 2h or 3d."
        ) from None

"""Reminders: REMIND 10m tea, and ten minutes later, or when you come back, you are told of tea."""

from __future__ import annotations

from functools import partial
from typing import Any

from ircish import (
    Command,
    Context,
    Duration,
    Plugin,
    Refused,
    Registered,
    Renamed,
    Rest,
    Stamped,
    Timer,
    command,
    hookimpl,
    spelt,
)

MOST = 20  # reminders of one person
PEOPLE = 400  # who have some; a plugin may have 10,000 timers
LONGEST = 300  # bytes of a text: what is told must fit into a line
MONTH = 30 * 86_400  # seconds after which nobody waits for a reminder any more

timers: dict[tuple[str, str], Timer] = {}


@command(
    "REMIND",
    rate="20/min",
    examples={"REMIND 10m tea": "1: tea, in 10m", "REMIND": "1: tea, in 10m"},
)
def remind(ctx: Context, when: Duration | None = None, what: Rest = "") -> None:
    """Be told of something later: REMIND 10m tea.

    REMIND alone lists what you will be told, REMIND cancel 2 takes one back. Who is not here when
    it is time is told on coming back under the same nick.
    """
    mine = ctx.nick.lower()
    with ctx.storage.transaction() as storage:
        notes: dict[str, Any] = storage.get(mine, {})
        if when is not None and what:
            if len(notes) >= MOST or (not notes and len(storage) >= PEOPLE):
                raise ctx.refuse("There is no room for more; REMIND cancel 1 takes one back.")
            if len(what.encode()) > LONGEST:
                raise ctx.refuse("That is too long to be told in one line.")
            number = str(max(map(int, notes), default=0) + 1)
            notes[number] = [ctx.server.clock() + when, what]
            arm(ctx.plugin, mine, number, when)
            ctx.reply(f"{number}: {what}, in {spelt(when)}")
        elif what.startswith("cancel "):
            number = what.removeprefix("cancel ").strip()
            if number not in notes:
                raise ctx.refuse(f"You have no reminder {number}; REMIND lists them.")
            timers.pop((mine, number)).cancel()
            ctx.reply(f"You will not be told: {notes.pop(number)[1]}")
        elif when is not None or what:
            raise ctx.refuse("Say when and of what: REMIND 10m tea, or REMIND cancel 1.")
        else:
            for number, (due, text) in notes.items():
                ctx.reply(f"{number}: {text}, in {spelt(max(0, due - ctx.server.clock()))}")
            if not notes:
                ctx.reply("You have no reminders; REMIND 10m tea makes one.")
        keep(storage, mine, notes)


def arm(plugin: Plugin, who: str, number: str, seconds: float) -> None:
    timers[who, number] = plugin.after(seconds, partial(tell, plugin, who, number))


def tell(plugin: Plugin, who: str, timed: str = "") -> None:
    """Tell somebody what it is time for, if they are here: what was ``timed``, and what is late."""
    now = plugin.server.clock()
    with plugin.storage.transaction() as storage:
        notes: dict[str, Any] = storage.get(who, {})
        for number, (due, text) in list(notes.items()):
            if number == timed or due <= now:
                late = f" ({spelt(now - due)} ago)" if now - due >= 60 else ""
                try:
                    plugin.tell(who, f"Reminder: {text}{late}")
                except Refused:
                    return  # not here: server_event tells them
                del notes[number]
                timers.pop((who, number), None)
        keep(storage, who, notes)


def keep(storage: Any, who: str, notes: dict[str, Any]) -> None:
    if notes:
        storage[who] = notes
    else:
        storage.pop(who, None)


@hookimpl
def server_started(plugin: Plugin) -> None:
    """Timers end with the server and with the plugin; what is stored does not."""
    now = plugin.server.clock()
    for who, notes in plugin.storage.items():
        keep(plugin.storage, who, {n: note for n, note in notes.items() if now - note[0] < MONTH})
        for number, (due, _) in notes.items():
            arm(plugin, who, number, due - now)


@hookimpl
def server_event(event: Stamped[Registered | Renamed], plugin: Plugin) -> None:
    tell(plugin, event.event.nick.lower())


@hookimpl
def server_commands() -> list[Command]:
    return [remind]

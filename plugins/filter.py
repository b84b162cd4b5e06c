"""A filter: refuses what fits a rule, and who says too much in a minute. Operators may say all.
FILTER add spam makes a rule, and so does ircish.toml, which must have this for it to begin at all:

[plugins.filter]
rules = ["spam", "buy*now"]
per_minute = 20
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Literal

from ircish import (
    Command,
    Context,
    Event,
    Person,
    Plugin,
    Rest,
    Said,
    command,
    hookimpl,
    matches,
    printable,
)


@dataclass(frozen=True)
class Config:
    """``[plugins.filter]`` in ircish.toml."""

    rules: tuple[str, ...]  # refused wherever they stand; * is any text, ? any character
    per_minute: int = 0  # messages of one person; 0 is as many as they like
    dry_run: bool = False  # refuse nothing, tell operators what would be

    def __post_init__(self) -> None:
        if self.per_minute < 0 or not all(rule.strip(" *?") for rule in self.rules):
            raise ValueError("per_minute is 0 or more, and a rule has a letter to look for")


clock = time.monotonic
lock = threading.Lock()  # people speak in threads of their own
spoken: dict[int, deque[float]] = {}


@hookimpl
def server_refuse(user: Person, event: Event, plugin: Plugin) -> str | None:
    """Asked before anything happens, in the thread of who wants it: so it must be quick."""
    # words, a topic, why somebody is away or leaves
    text = getattr(event, "text", "") or getattr(event, "reason", "")
    most: int = plugin.config.per_minute
    if not text or user.operator:
        return None
    if rule := broken(plugin, text):
        why = f"the rule {rule!r}"
    elif isinstance(event, Said) and most and too_much(user.id, most):
        why = f"more than {most} messages in a minute"
    else:
        return None
    if not plugin.config.dry_run:
        return f"Not said: {why}."
    plugin.log.warning("would refuse %s: %s", user.nick, why)
    for each in plugin.users():
        if each.operator:
            plugin.tell(each.nick, f"filter would refuse {user.nick}: {why}")
    return None


def broken(plugin: Plugin, text: str) -> str | None:
    """The first rule that a text fits; found in linear time, whatever somebody made up."""
    lines = [printable(line).casefold() for line in text.split("\n")]
    rules = (*plugin.config.rules, *plugin.storage.get("rules", ()))
    for rule in rules:
        if any(matches(f"*{rule.casefold()}*", line) for line in lines):
            return rule
    return None


def too_much(user: int, most: int) -> bool:
    """Whether somebody has said so much within a minute; if not, this counts."""
    with lock:
        if len(spoken) > 10_000:  # most of them have left
            spoken.clear()
        times = spoken.setdefault(user, deque(maxlen=most))
        if len(times) == most and clock() - times[0] < 60:
            return True
        times.append(clock())
        return False


@command("FILTER", allow="oper", examples={"FILTER add spam": "Refused from now on: spam"})
def filter_(
    ctx: Context, action: Literal["list", "add", "remove", "test"] = "list", text: Rest = ""
) -> None:
    """Change what nobody may say: FILTER add buy*now, FILTER remove spam.

    FILTER lists the rules; FILTER test TEXT tells which one refuses a text.
    """
    if action != "list" and not text:
        raise ctx.refuse(f"Say what: FILTER {action} spam")
    with ctx.storage.transaction() as storage:
        own = storage.get("rules", [])
        if action == "list":
            ctx.reply(", ".join((*ctx.config.rules, *own)) or "There are no rules.")
        elif action == "test":
            rule = broken(ctx.plugin, text)
            ctx.reply(f"It is refused by the rule {rule!r}." if rule else "It may be said.")
        elif action == "add":
            storage["rules"] = [*own, text]
            ctx.reply(f"Refused from now on: {text}")
        elif text not in own:
            raise ctx.refuse(f"{text} is no rule that can be removed; FILTER lists them.")
        else:
            storage["rules"] = [rule for rule in own if rule != text]
            ctx.reply(f"Refused no more: {text}")


@hookimpl
def server_commands() -> list[Command]:
    return [filter_]

"""Polls: POLL lunch? pizza | sushi, then VOTE 1; in the client, the result is a bar chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ircish import Channel, Command, Context, Rest, command, fold, hookimpl

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ircish import Entry

LONGEST = 250  # bytes: the result must fit into a line


@command(
    "POLL",
    allow="member",
    rate="10/min",
    examples={
        "POLL lunch? pizza | sushi": "ann asks: lunch? 1 pizza | 2 sushi. Say VOTE 1 to VOTE 2.",
        "POLL": "Poll: lunch? | pizza 0 | sushi 0",
    },
)
def poll(ctx: Context, channel: Channel, text: Rest = "") -> None:
    """Ask all in a channel: POLL lunch? pizza | sushi | soup.

    POLL alone shows the votes, POLL close ends it: who asked may, and the channel's operators.
    """
    key = fold(channel)
    with ctx.storage.transaction() as polls:
        if not text:
            ctx.reply(f"Poll: {votes(the_poll(ctx, key))}")
        elif text == "close":
            closing = the_poll(ctx, key)
            if closing["by"] != ctx.nick:
                ctx.require("op")
            del polls[key]
            ctx.announce(f"Poll closed: {votes(closing)}")
        elif key in polls:
            raise ctx.refuse("There is a poll already; POLL shows it, POLL close ends it.")
        else:
            question, mark, rest = text.partition("?")
            options = [option.strip() for option in rest.split("|")]
            if not mark or not 2 <= len(options) <= 9 or not all(options) or "|" in question:
                raise ctx.refuse("Ask so: POLL lunch? pizza | sushi, with 2 to 9 answers.")
            if len(text.encode()) > LONGEST:
                raise ctx.refuse("That is too long to be told in one line.")
            asked = {"by": ctx.nick, "question": f"{question}?", "options": options, "votes": {}}
            polls[key] = asked
            choices = " | ".join(f"{number} {each}" for number, each in enumerate(options, 1))
            last = len(options)
            ctx.announce(f"{ctx.nick} asks: {question}? {choices}. Say VOTE 1 to VOTE {last}.")


@command("VOTE", allow="member", examples={"VOTE 2": "You vote for sushi."})
def vote(ctx: Context, channel: Channel, answer: int) -> None:
    """Choose an answer of the channel's poll; voting again changes your vote."""
    with ctx.storage.transaction() as polls:
        asked = the_poll(ctx, fold(channel))
        if not 1 <= answer <= len(asked["options"]):
            raise ctx.refuse(f"There is no answer {answer}: {votes(asked)}")
        asked["votes"][ctx.nick.lower()] = answer
        polls[fold(channel)] = asked
        ctx.reply(f"You vote for {asked['options'][answer - 1]}.")


def the_poll(ctx: Context, key: str) -> dict[str, Any]:
    """The one that is open. Raises Refused."""
    found: dict[str, Any] | None = ctx.storage.get(key)
    if not found:
        raise ctx.refuse("There is no poll here; POLL lunch? pizza | sushi opens one.")
    return found


def votes(asked: dict[str, Any]) -> str:
    """``lunch? | pizza 2 | sushi 0``"""
    given = list(asked["votes"].values())
    rows = [f"{option} {given.count(n)}" for n, option in enumerate(asked["options"], 1)]
    return " | ".join([asked["question"], *rows])


@hookimpl
def server_commands() -> list[Command]:
    return [poll, vote]


@hookimpl
def client_render(event: Entry) -> RenderableType | None:
    """The votes as bars; only the server's own words, whose name has a dot, are taken for them."""
    head, *rows = event.text.split(" | ")
    if event.kind != "notice" or "." not in event.nick or not head.startswith("Poll"):
        return None
    start, _, question = head.partition(": ")
    counted = [row.rpartition(" ") for row in rows]
    if start not in ("Poll", "Poll closed") or len(rows) < 2:
        return None
    if not all(count.isascii() and count.isdigit() and len(count) < 6 for _, _, count in counted):
        return None
    from rich.table import Table
    from rich.text import Text

    most = max(int(count) for _, _, count in counted) or 1
    table = Table.grid(padding=(0, 1))
    table.title, table.title_justify = Text(f"{start}: {question}", "bold"), "left"
    for option, _, count in counted:
        bar = "█" * round(20 * int(count) / most)
        table.add_row(Text(option), Text(bar, "green"), Text(count))
    return table

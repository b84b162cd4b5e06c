"""Karma: ann++ in a channel thanks ann, ann-- does not; KARMA ann tells what she has."""

from __future__ import annotations

from ircish import Command, Context, Nick, Plugin, Said, Stamped, command, hookimpl

BEST = 5  # who are listed by KARMA top
SIGNS = ("++", "--")


@hookimpl
def server_event(event: Stamped[Said], plugin: Plugin) -> None:
    """All that is said comes by here, in order, in this plugin's own thread."""
    said = event.event
    if said.kind != "message" or said.target[:1] != "#":
        return
    if not any(sign in said.text for sign in SIGNS):  # most messages: be done with them soon
        return
    words = {word.rstrip(",.:;!?").lower() for word in said.text.split()}
    points = {word[:-2]: 1 if word[-1] == "+" else -1 for word in words if word[-2:] in SIGNS}
    here = {person.nick.lower() for person in plugin.members(said.target)}
    with plugin.storage.transaction() as karma:
        for nick in points.keys() & here - {event.source.nick.lower()}:
            karma[nick] = karma.get(nick, 0) + points[nick]
            if not karma[nick]:
                del karma[nick]


@command(
    "KARMA",
    examples={"KARMA": "ann has 0 points.", "KARMA top": "Nobody has points; say ann++ to thank."},
)
def karma(ctx: Context, nick: Nick = "") -> None:
    """See how often somebody was thanked: KARMA ann.

    KARMA alone is about you, KARMA top about those who have most. To thank ann, say ann++ in a
    channel; ann-- takes a point away.
    """
    if nick == "top":
        best = sorted(ctx.storage.items(), key=lambda entry: -entry[1])[:BEST]
        listed = ", ".join(f"{name} {points}" for name, points in best)
        ctx.reply(listed or "Nobody has points; say ann++ to thank.")
    else:
        points = ctx.storage.get((nick or ctx.nick).lower(), 0)
        ctx.reply(f"{nick or ctx.nick} has {points} point{'' if points == 1 else 's'}.")


@hookimpl
def server_commands() -> list[Command]:
    return [karma]

"""Dice: ROLL 2d6 on the wire, /roll 2d6 in the client."""

import random
import re

from ircish import Command, Context, command, hookimpl

DICE = re.compile(r"([0-9]{0,2})d([0-9]{1,4})", re.ASCII)
rng = random.SystemRandom()


@command("ROLL", examples={"ROLL 2d1": "ann rolled 2d1: 1 + 1"})
def roll(ctx: Context, dice: str = "1d6") -> None:
    """Roll dice for everyone to see."""
    match = DICE.fullmatch(dice)
    if not match or not int(match[2]) or not int(match[1] or 1):
        raise ctx.refuse(f"{dice} is not dice; try 2d6")
    throws = [rng.randint(1, int(match[2])) for _ in range(int(match[1] or 1))]
    ctx.announce(f"{ctx.nick} rolled {dice}: {' + '.join(map(str, throws))}")


@hookimpl
def server_commands() -> list[Command]:
    return [roll]

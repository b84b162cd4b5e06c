"""Parts of sentences: what may stand in a ``{field}`` of a reply. Whole answers are ``replies``."""

from __future__ import annotations

from collections.abc import Mapping

WHO_MAY: Mapping[str, str] = {
    "anyone": "",
    "member": "",
    "op": " (channel operators)",
    "oper": " (operators)",
}
"""Behind a command's summary, by its ``allow``."""

CHANNEL_MODES_MEAN: Mapping[str, str] = {
    "C": "no CTCP",
    "i": "on invitation only",
    "k": "needs a key",
    "l": "at most so many people",
    "m": "only those with a voice speak",
    "n": "only members speak",
    "s": "secret",
    "t": "operators set the topic",
}
"""What a channel is that has a mode."""

USER_MODES_MEAN: Mapping[str, str] = {
    "B": "a bot",
    "i": "not shown to those who are in none of your channels",
    "o": "an operator of this server",
    "s": "told what the server does",
    "w": "told what operators tell all",
}
"""What somebody is who has a mode."""

NO_CHANNEL_MODES = "open to all, no modes"
NO_USER_MODES = "no modes"

NO_SIGN = "A change begins with + or -: +{word} or -{word}."

ALONE = "alone"
IN_NOW = "You are in {channel} now."
IN_NONE_NOW = "You are in no channel now: JOIN one."
WITH = "with {names}"
WITH_MORE = "with {names} and {more} others"
AND = "{most} and {last}"
NOBODY_THERE = "nobody"
OPERATOR_HERE = ", operator here"
VOICE_HERE = ", voice here"
A_BOT = ", a bot"
UNTIL = "until {time}"
IS_HERE = "{nick} is here."
IS_NOT_HERE = "{nick} is not here."
HERE_NOW = "{nick} (here)"
ANYBODY = "anybody"
AWAY_NOW = ", away"
JUST_NOW = "just now"
MINUTES_AGO = "{count} min ago"
HOURS_AGO = "{count} h ago"
DAYS_AGO = "{count} days ago"

DID_YOU_MEAN = "Did you mean {verb}?"
TO_SPEAK = "To speak: MSG {typed}."
SEE_HELP = "HELP lists the commands."
NOT_WHOLE = "{name} is a whole number, not {word}."
NOT_A_NUMBER = "{name} is a number, not {word}."
NOT_A_CHOICE = "{name} is one of {choices}, not {word}."
NOT_A_SWITCH = "{name} is on or off, not {word}."
NOT_A_DURATION = "{name} is a time such as 30s, 10m, 1h30m or 2d, not {word}."
NO_UNIT = "{name} needs a unit, as {word}s, {word}m, {word}h or {word}d; not {word} alone."
OUT_OF_BOUNDS = "{name} must be {limits}, not {word}."
FROM_TO = "from {least} to {most}"
AT_LEAST = "at least {least}"
AT_MOST = "at most {most}"
TOO_MUCH = "That is more than {verb} takes: {rest}."

QUIT = "Quit"
QUIT_BECAUSE = "Quit: {reason}"
KILLED_BY = "Killed ({by} ({reason}))"
NO_REASON = "no reason given"

MIXED_LINES = "All lines are PRIVMSG, or all NOTICE"
NOTHING_TO_JOIN = "Such a line goes on with another, and has a text"
ONLY_BLANK = "There is no line with a text"
NO_SUCH_BATCH = "That batch was not begun"
NO_BATCH_TARGET = "Say to whom: BATCH +1 draft/multiline #dev"
BATCH_WITHIN = "A batch cannot be in another"
BATCH_NOT_ENDED = "The batch before was not ended, nothing of it was sent"

UNKNOWN_SUBCOMMAND = "Unknown subcommand"
LIMIT_IS_A_NUMBER = "The limit is a number"
TOO_FEW_PARAMS = "Insufficient parameters"
TOO_MANY_PARAMS = "Too many parameters"
NO_SUCH_MESSAGE = "There is no such message here"
NOT_READABLE = "Messages could not be retrieved"
SAY_WHICH_MESSAGE = "Say timestamp=2026-11-22T09:50:00.000Z or msgid=..."
SAY_WHICH_TIME = "Say timestamp=2026-11-22T09:50:00.000Z"

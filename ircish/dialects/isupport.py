"""What IRC clients are told that this server is like: ISUPPORT (005), and capabilities with their
values. Both follow from the configuration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from ircish.chat.modes import CHANMODES, LISTS, STATUS
from ircish.chat.names import CASEMAPPING
from ircish.chat.people import HOST_LENGTH
from ircish.dialects.irc import CAPABILITIES, MULTILINE

if TYPE_CHECKING:
    from ircish.config import Config

TOKENS_A_LINE = 12
"""ISUPPORT tokens in one 005: at most 13 (Modern IRC), of which the longest would not fit."""

VALUES = 302
"""The version of CAP negotiation from which on clients are shown values, and told of changes."""

NOTIFY = "cap-notify"

MAX_TARGETS = 4
"""Targets of one PRIVMSG, NOTICE, TAGMSG, WHOIS or WHOWAS (TARGMAX)."""

USER_LENGTH = 18
"""Characters of a user name, its ``~`` included."""

NAME_LENGTH = 150
"""Characters of a real name."""


def tokens(config: Config) -> Iterator[str]:
    """All of them, in the order of their names (Modern IRC, RPL_ISUPPORT)."""
    limits = config.limits
    signs = "".join(STATUS.values())
    yield f"AWAYLEN={limits.away_length}"
    yield "BOT=B"
    yield f"CASEMAPPING={CASEMAPPING}"
    yield f"CHANLIMIT=#:{limits.channels_per_user}"
    yield f"CHANMODES={CHANMODES}"
    yield f"CHANNELLEN={limits.channel_length}"
    yield "CHANTYPES=#"
    yield f"CHATHISTORY={config.history.chathistory_limit}"
    yield "ELIST=MNU"  # C and T are not told: what they mean is not the same everywhere
    yield "EXCEPTS=e"
    yield "EXTBAN=,m"
    yield f"HOSTLEN={HOST_LENGTH}"
    yield "INVEX=I"
    yield f"ircish/DEFAULTCHANNEL={config.server.default_channel}"
    yield f"KICKLEN={limits.kick_length}"
    yield f"MAXLIST={LISTS}:{limits.bans}"
    yield "MODES"
    yield f"MONITOR={limits.monitor}"
    yield "MSGREFTYPES=msgid,timestamp"
    yield f"NAMELEN={NAME_LENGTH}"
    yield f"NETWORK={config.server.network}"
    yield f"NICKLEN={limits.nick_length}"
    yield f"PREFIX=({''.join(STATUS)}){signs}"
    yield "SAFELIST"
    yield f"STATUSMSG={signs}"
    talk = ",".join(f"{verb}:{MAX_TARGETS}" for verb in ("NOTICE", "PRIVMSG", "TAGMSG"))
    yield f"TARGMAX=JOIN:,KICK:,LIST:,NAMES:,PART:,{talk},WHOIS:{MAX_TARGETS}"
    yield f"TOPICLEN={limits.topic_length}"
    yield f"USERLEN={USER_LENGTH}"
    yield "UTF8ONLY"
    yield "WHOX"


def token_lines(tokens: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """The tokens, as many together as one 005 may have."""
    rest = tuple(tokens)
    while rest:
        yield rest[:TOKENS_A_LINE]
        rest = rest[TOKENS_A_LINE:]


def offered(config: Config) -> dict[str, str]:
    """What a client may ask for, each with the value that is shown to it, "" for none."""
    limits, capabilities = config.limits, dict(CAPABILITIES)
    size, count = limits.multiline_bytes, limits.multiline_lines
    capabilities[MULTILINE] = f"max-bytes={size},max-lines={count}"
    if not count:
        del capabilities[MULTILINE]
    return capabilities


def shown(capabilities: Mapping[str, str], *, values: bool) -> dict[str, str]:
    """Each with what a client is shown of it: ``name=value``, or the name alone."""
    return {
        name: f"{name}={value}" if value and values else name
        for name, value in capabilities.items()
    }

"""ISUPPORT, the line 005: what an IRC client is told that this server is like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ircish import replies
from ircish.chat.modes import CHANMODES, LISTS, STATUS, USER_MODES
from ircish.chat.names import CASEMAPPING
from ircish.commands.talk import MAX_TARGETS
from ircish.context import Context

if TYPE_CHECKING:
    from ircish.config import Config
    from ircish.server.server import Server

TOKENS_A_LINE = 13
"""ISUPPORT tokens in one 005 (Modern IRC)."""

USER_LENGTH = 18
"""Characters of a user name, its ``~`` included."""

NAME_LENGTH = 150
"""Characters of a real name."""


def tokens(config: Config) -> Iterator[str]:
    """All of them, in the order of their names (Modern IRC, RPL_ISUPPORT)."""
    limits = config.limits
    signs = "".join(STATUS.values())
    yield f"AWAYLEN={limits.away_length}"
    if "B" in USER_MODES:
        yield "BOT=B"
    yield f"CASEMAPPING={CASEMAPPING}"
    yield f"CHANLIMIT=#:{limits.channels_per_user}"
    yield f"CHANMODES={CHANMODES}"
    yield f"CHANNELLEN={limits.channel_length}"
    yield "CHANTYPES=#"
    yield f"CHATHISTORY={config.history.chathistory_limit}"
    yield "ELIST=CMNTU"
    yield "EXCEPTS=e"
    yield "EXTBAN=,m"
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
    yield f"TARGMAX=JOIN:,KICK:,NAMES:,PART:,{talk},WHOIS:{MAX_TARGETS}"
    yield f"TOPICLEN={limits.topic_length}"
    yield f"USERLEN={USER_LENGTH}"
    yield "UTF8ONLY"
    yield "WHOX"


def lines(tokens: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """The tokens, as many together as one 005 may have."""
    rest = tuple(tokens)
    while rest:
        yield rest[:TOKENS_A_LINE]
        rest = rest[TOKENS_A_LINE:]


def send_isupport(ctx: Context) -> None:
    """All tokens, to the caller."""
    for line in lines(tokens(ctx.server.config)):
        ctx.answer(replies.ISUPPORT, tokens=line)


def tell_changes(server: Server, before: Config, after: Config) -> None:
    """Tell every IRC client which tokens have other values now; there are always the same."""
    old = set(tokens(before))
    changes = [token for token in tokens(after) if token not in old]
    for connection in server.connections():
        if connection.registered and connection.dialect == "irc":
            for line in lines(changes):
                connection.tell(replies.ISUPPORT, tokens=line)

"""The rules of people: coming and going, what they are called, what others may know of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ircish import replies
from ircish.chat.modes import toggled
from ircish.chat.names import fold
from ircish.chat.outcome import Outcome, Told
from ircish.chat.state import Past, User
from ircish.chat.texts import check_line, cut
from ircish.errors import Refused
from ircish.events import (
    AccountSet,
    AwaySet,
    HostSet,
    Monitored,
    NameSet,
    Opered,
    Quit,
    Registered,
    Renamed,
    Source,
)

if TYPE_CHECKING:
    from ircish.chat.chat import Chat

HOST_LENGTH = 63
"""Bytes of a host, and of a user name: with a nick they leave a line room for words."""


def register(chat: Chat, event: Registered, time: int) -> Outcome:
    """Somebody comes in."""
    chat.check_nick(event.nick)
    source = Source(event.nick, event.username, event.host)
    user = User(event.user, source, event.realname, signon=time, spoke=time)
    chat.users[event.user] = chat.nicks[fold(event.nick)] = user
    chat.most_users = max(chat.most_users, len(chat.users))
    told = chat.notice(replies.SOMEBODY_CAME, nick=source.nick, prefix=source.prefix)
    return Outcome(event, source, told=(*_online(chat, source), *told))


def leave(chat: Chat, event: Quit, time: int) -> Outcome:
    """Somebody goes."""
    user = chat.who(event.user)
    event = replace(event, reason=cut(event.reason, f":{user.source.prefix} QUIT :"))
    channels = tuple(user.channels.values())
    del chat.users[user.id], chat.nicks[fold(user.nick)]
    chat.noticed.discard(user)
    for channel in channels:
        chat.remove(user, channel)
    for nick in list(user.monitored):
        _unwatch(chat, user, nick)
    _remember(chat, user, time)
    told = chat.notice(replies.SOMEBODY_LEFT, prefix=user.source.prefix, reason=event.reason)
    told = (*_offline(chat, user.nick), *told)
    return Outcome(event, user.source, channels, told=told, left=(user, channels))


def rename(chat: Chat, event: Renamed, time: int) -> Outcome:
    """Somebody takes another nick."""
    user = chat.who(event.user)
    chat.check_nick(event.nick, user)
    before = user.source
    told: tuple[Told, ...] = ()
    if fold(before.nick) != fold(event.nick):
        _remember(chat, user, time)
        told = _offline(chat, before.nick)
    del chat.nicks[fold(before.nick)]
    _seen_as(user, before._replace(nick=event.nick))
    chat.nicks[fold(event.nick)] = user
    if fold(before.nick) != fold(event.nick):
        told += _online(chat, user.source)
    return Outcome(event, before, tuple(user.channels.values()), told=told)


def set_away(chat: Chat, event: AwaySet, time: int) -> Outcome:
    """Somebody goes away, or is back."""
    user = chat.who(event.user)
    check_line(event.text)
    if event.text == user.away:
        return Outcome(event, user.source)
    user.away = event.text
    return _changed(chat, user, event, user.source)


def set_name(chat: Chat, event: NameSet, time: int) -> Outcome:
    """Somebody's real name changes."""
    user = chat.who(event.user)
    check_line(event.realname)
    user.realname = event.realname
    return _changed(chat, user, event, user.source)


def set_host(chat: Chat, event: HostSet, time: int) -> Outcome:
    """Somebody is seen under another user name and host."""
    user, before = chat.who(event.user), chat.who(event.user).source
    for word in (event.username, event.host):
        check_line(word)
        fits = 0 < len(word.encode()) <= HOST_LENGTH and word.isprintable() and word[0] != ":"
        if not fits or any(sign in word for sign in " !@*?"):
            raise Refused(replies.BAD_HOST, host=word)
    _seen_as(user, before._replace(user=event.username, host=event.host))
    outcome = _changed(chat, user, event, before)
    return outcome if user.channels else replace(outcome, users=(user, *outcome.users))


def set_account(chat: Chat, event: AccountSet, time: int) -> Outcome:
    """Somebody logs in or out."""
    user, before = chat.who(event.user), chat.who(event.user).source
    user.source = before._replace(account=event.account)
    return _changed(chat, user, event, before)


def make_operator(chat: Chat, event: Opered, time: int) -> Outcome:
    """Somebody becomes an operator of the server."""
    user = chat.who(event.user)
    user.operator = event.name
    if "o" not in user.modes:
        user.modes = toggled(user.modes, "o")
    told = chat.notice(replies.SOMEBODY_OPERATES, nick=user.nick, name=event.name)
    return Outcome(event, user.source, told=told)


def monitor(chat: Chat, event: Monitored, time: int) -> Outcome:
    """Somebody wants to be told of nicks, or no longer (IRCv3 monitor). Refused as a whole where
    they would be too many."""
    user = chat.who(event.user)
    nicks = {fold(nick): nick for nick in event.nicks}
    if event.wanted:
        most = chat.bounds.monitored
        if len(user.monitored | nicks) > max(most, len(user.monitored)):  # there may be more
            raise Refused(replies.MONITOR_FULL, most=most, nicks=",".join(event.nicks))
        user.monitored.update(nicks)
        for nick in nicks:
            chat.watchers.setdefault(nick, {})[user] = None
    else:
        for nick in nicks or list(user.monitored):
            _unwatch(chat, user, nick)
    return Outcome(event, user.source)


def _unwatch(chat: Chat, user: User, folded: str) -> None:
    if user.monitored.pop(folded, None) is not None:
        del chat.watchers[folded][user]
        if not chat.watchers[folded]:
            del chat.watchers[folded]


def _online(chat: Chat, source: Source) -> tuple[Told, ...]:
    fields = {"nick": source.nick, "prefix": source.prefix}
    watchers = chat.watchers.get(fold(source.nick), ())
    return tuple(Told(user, replies.MONITOR_ONLINE, fields) for user in watchers)


def _offline(chat: Chat, nick: str) -> tuple[Told, ...]:
    watchers = chat.watchers.get(fold(nick), ())
    return tuple(Told(user, replies.MONITOR_OFFLINE, {"nick": nick}) for user in watchers)


def _seen_as(user: User, source: Source) -> None:
    user.source = source
    for channel in user.channels.values():
        channel.silenced.pop(user, None)


def _changed(
    chat: Chat, user: User, event: AwaySet | NameSet | HostSet | AccountSet, source: Source
) -> Outcome:
    """What those hear who share a channel, and those who monitor the nick and do not."""
    watchers = tuple(
        watcher
        for watcher in chat.watchers.get(fold(user.nick), ())
        if watcher is not user and user.channels.keys().isdisjoint(watcher.channels)
    )
    return Outcome(event, source, tuple(user.channels.values()), watchers)


def _remember(chat: Chat, user: User, time: int) -> None:
    chat.gone.append(Past(user.source, user.realname, time))
    while len(chat.gone) > chat.bounds.whowas:
        chat.gone.popleft()

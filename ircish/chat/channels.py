"""The rules of channels: who may come in, who is put out, the topic, invitations."""

from __future__ import annotations

import hmac
from dataclasses import replace
from typing import TYPE_CHECKING

from ircish import replies
from ircish.chat.names import fold, valid_channel
from ircish.chat.outcome import Outcome
from ircish.chat.state import Channel, User, fits
from ircish.chat.texts import check_fits, cut
from ircish.errors import Refused
from ircish.events import SERVER, Invited, Joined, Kicked, Parted, TopicSet

if TYPE_CHECKING:
    from ircish.chat.chat import Chat

INVITATIONS = 100
"""Open invitations that one user can have; more, and the oldest no longer counts."""


def join(chat: Chat, event: Joined, time: int) -> Outcome:
    """Somebody comes into a channel, or founds it."""
    user = chat.who(event.user)
    folded = fold(event.channel)
    channel = chat.channels.get(folded)
    if channel is None and not valid_channel(event.channel, chat.bounds.channel_length):
        rest = chat.bounds.channel_length - 1
        raise Refused(replies.BAD_CHANNEL, channel=event.channel, rest=rest)
    name, key = channel.name if channel else event.channel, event.key
    event = Joined(user.id, name, realname=user.realname, away=user.away)
    if channel is not None and user in channel.members:
        return Outcome(event, user.source)
    most = chat.bounds.channels_per_user
    if len(user.channels) >= most:
        raise Refused(replies.TOO_MANY_CHANNELS, channel=event.channel, most=most)
    if channel is None:
        channel = chat.channels[folded] = Channel(event.channel, created=time)
        if folded == fold(chat.bounds.default_channel):
            channel.flags = "n"
    elif channel not in user.invited:
        _admit(channel, user, key)
    founds = not channel.members and folded != fold(chat.bounds.default_channel)
    channel.members[user] = "o" if founds else ""
    user.channels[folded] = channel
    user.invited.pop(channel, None)
    return Outcome(event, user.source, (channel,))


def _admit(channel: Channel, user: User, key: str) -> None:
    """Raises Refused where the channel's modes keep somebody out who has not been invited."""
    if channel.lists and channel.bars(user.source):
        raise Refused(replies.BANNED, channel=channel.name)
    if "i" in channel.flags and not fits(channel.lists.get("I", {}), user.source):
        raise Refused(replies.INVITE_ONLY, channel=channel.name)
    if channel.key and not hmac.compare_digest(channel.key.encode(), key.encode()):
        raise Refused(replies.WRONG_KEY, channel=channel.name)
    if channel.limit and len(channel.members) >= channel.limit:
        raise Refused(replies.FULL, channel=channel.name, most=channel.limit)


def part(chat: Chat, event: Parted, time: int) -> Outcome:
    """Somebody leaves a channel."""
    user = chat.who(event.user)
    channel = chat.member(user, event.channel)
    reason = "" if channel.mutes(user) else event.reason
    reason = cut(reason, f":{user.source.prefix} PART {channel.name} :")
    chat.remove(user, channel)
    event = replace(event, channel=channel.name, reason=reason)
    return Outcome(event, user.source, (channel,), left=(user, (channel,)))


def kick(chat: Chat, event: Kicked, time: int) -> Outcome:
    """Somebody is put out of a channel."""
    source, channel = chat.acting(event.user, event.channel)
    target = chat.user(event.nick)
    if target not in channel.members:
        raise Refused(replies.THEY_ARE_NOT_IN, nick=target.nick, channel=channel.name)
    if "q" in channel.members[target] and not chat.is_founder(event.user, channel):
        raise Refused(replies.NOT_FOUNDER, channel=channel.name)
    reason = cut(event.reason, f":{source.prefix} KICK {channel.name} {target.nick} :")
    chat.remove(target, channel)
    event = replace(event, channel=channel.name, nick=target.nick, reason=reason)
    return Outcome(event, source, (channel,), left=(target, (channel,)))


def set_topic(chat: Chat, event: TopicSet, time: int) -> Outcome:
    """A channel gets another topic, or none."""
    source, channel = chat.acting(event.user, event.channel, freely="t")
    user = chat.users.get(event.user)
    if user and not user.operator and channel.mutes(user):
        moderated = "m" in channel.flags
        raise Refused(replies.MODERATED if moderated else replies.SILENCED, channel=channel.name)
    check_fits(event.text, source, channel.name)
    if len(event.text) > chat.bounds.topic_length:
        over = len(event.text) - chat.bounds.topic_length
        raise Refused(replies.RELAY_TOO_LONG, over=over, fits=chat.bounds.topic_length)
    channel.topic, channel.topic_time = event.text, time
    channel.topic_by = source.prefix if event.text else ""
    channel.spoken = True
    return Outcome(replace(event, channel=channel.name), source, (channel,), changed=channel)


def invite(chat: Chat, event: Invited, time: int) -> Outcome:
    """Somebody is asked into a channel, and, where an operator asks, may come in whatever keeps
    others out. Members hear of it (IRCv3 invite-notify)."""
    source, channel = chat.acting(event.user, event.channel, freely="i")
    target = chat.user(event.nick)
    if target in channel.members:
        raise Refused(replies.ALREADY_IN, nick=target.nick, channel=channel.name)
    if event.user == SERVER or chat.is_operator(chat.who(event.user), channel):
        target.invited.pop(channel, None)
        target.invited[channel] = None
        if len(target.invited) > INVITATIONS:
            del target.invited[next(iter(target.invited))]
    event = replace(event, channel=channel.name, nick=target.nick)
    return Outcome(event, source, (channel,), (target,))

"""What lines about channels and the people in them mean: a part of receiving's table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from ircish.client.channels import Channel, Member
from ircish.client.events import (
    AwayChanged,
    Entered,
    Invited,
    JoinedChannel,
    LeftChannel,
    LeftChat,
    ModeSet,
    ModesTold,
    NamesListed,
    OwnAway,
    Renamed,
    Told,
    TopicBy,
    TopicSet,
    TopicTold,
)

if TYPE_CHECKING:
    from ircish.client.receiving import Heard
    from ircish.client.session import Session


def _joined(session: Session, line: Heard) -> None:
    channel, account, realname = line.first(3)
    if not (channel and line.source.nick):
        return
    source, own = line.source, session.is_me(line.source.nick)
    account = (source.account or "") if account in ("", "*") else account
    if own:
        session.channels[session.fold(channel)] = Channel(channel)
    if known := session.channel(channel):
        known.members[session.fold(source.nick)] = Member(source.nick, account=account)
    session.tell(JoinedChannel(channel, source, own, account, realname, time=line.time))


def _parted(session: Session, line: Heard) -> None:
    channel, reason = line.first(2)
    _left(session, line, channel, line.source.nick, reason)


def _kicked(session: Session, line: Heard) -> None:
    channel, nick, reason = line.first(3)
    _left(session, line, channel, nick, reason, line.source.nick)


def _left(
    session: Session, line: Heard, channel: str, nick: str, reason: str, by: str = ""
) -> None:
    if not (channel and nick):
        return
    own = session.is_me(nick)
    if own:
        session.channels.pop(session.fold(channel), None)
    elif known := session.channel(channel):
        known.members.pop(session.fold(nick), None)
    session.tell(LeftChannel(channel, nick, reason, own, by, time=line.time))


def _memberships(session: Session, nick: str) -> Iterator[tuple[Channel, Member]]:
    """The channels that somebody is in with us."""
    folded = session.fold(nick)
    for channel in session.channels.values():
        if member := channel.members.get(folded):
            yield channel, member


def _quit(session: Session, line: Heard) -> None:
    nick, folded = line.source.nick, session.fold(line.source.nick)
    channels = [channel for channel, _ in _memberships(session, nick)]
    for channel in channels:
        del channel.members[folded]
    names = tuple(channel.name for channel in channels)
    session.tell(LeftChat(line.source, line.first(1)[0], names, time=line.time))


def _renamed(session: Session, line: Heard) -> None:
    source, nick = line.source, line.first(1)[0]
    if not nick:
        return
    old, new = session.fold(source.nick), session.fold(nick)
    if line.label and old == new:  # InspIRCd's answer to our NICK has the new one already
        source = source._replace(nick=session.nick)
        old = session.fold(source.nick)
    channels = []
    for channel, member in _memberships(session, source.nick):
        channels.append(channel.name)
        del channel.members[old]
        member.nick = nick
        channel.members[new] = member
    own = session.is_me(source.nick)
    if own:
        session.nick = nick
        session.prefix = source._replace(nick=nick).prefix
    session.tell(Renamed(source, nick, own, tuple(channels), time=line.time))


def _away(session: Session, line: Heard) -> None:
    """away-notify: somebody went away, or with no text came back."""
    text = line.first(1)[0]
    for _, member in _memberships(session, line.source.nick):
        member.away = bool(text)
    session.tell(AwayChanged(line.source, text, time=line.time))


def _own_away(session: Session, line: Heard) -> None:
    session.away = line.verb == "306"
    for _, member in _memberships(session, session.nick):
        member.away = session.away
    session.tell(OwnAway(session.away, time=line.time))


def _account(session: Session, line: Heard) -> None:
    account = line.first(1)[0]
    for _, member in _memberships(session, line.source.nick):
        member.account = "" if account == "*" else account


def _host_changed(session: Session, line: Heard) -> None:
    user, host = line.first(2)
    if session.is_me(line.source.nick) and user and host:
        session.prefix = line.source._replace(nick=session.nick, user=user, host=host).prefix


def _invited(session: Session, line: Heard) -> None:
    nick, channel = line.first(2)
    session.tell(Invited(channel, line.source, nick, time=line.time))


def _names(session: Session, line: Heard) -> None:
    """353: ``= #channel :@ann +ben cleo``"""
    channel = session.channel(line.params[-2]) if len(line.params) > 2 else None
    if channel is None:
        session.tell(Told(line.verb, line.params[1:], line.label, time=line.time))
        return
    for word in line.last.split(" "):
        marks, nick = session.modes.name(word)
        if not nick:
            continue
        member = channel.members.setdefault(session.fold(nick), Member(nick))
        if marks and "multi-prefix" not in session.caps:  # then only the highest is told
            lower = session.modes.marks.partition(marks[-1])[2]
            marks += "".join(mark for mark in member.marks if mark in lower)
        member.nick, member.marks = nick, marks


def _names_end(session: Session, line: Heard) -> None:
    channel = session.channel(line.first(2)[1])
    if channel is None:
        session.tell(Told(line.verb, line.params[1:], line.label, time=line.time))
    elif channel.complete:
        session.tell(NamesListed(channel.name, time=line.time))
    else:
        channel.complete = True
        session.tell(Entered(channel.name, time=line.time))


def _topic(session: Session, line: Heard) -> None:
    channel, text = line.first(2)
    if known := session.channel(channel):
        known.topic, known.topic_by, known.topic_time = text, line.source.prefix, line.time
    session.tell(TopicSet(channel, line.source, text, time=line.time))


def _topic_told(session: Session, line: Heard) -> None:
    """331 and 332: there is none, and what it is."""
    _, channel, text = line.first(3)
    text = text if line.verb == "332" else ""
    if known := session.channel(channel):
        known.topic = text
    session.tell(TopicTold(channel, text, time=line.time))


def _topic_by(session: Session, line: Heard) -> None:
    """333: ``#channel nick 1795348800``"""
    _, channel, nick, seconds = line.first(4)
    digits = seconds.isascii() and seconds.isdigit() and len(seconds) < 12
    set_at = int(seconds) * 1000 if digits else None
    if known := session.channel(channel):
        known.topic_by, known.topic_time = nick, set_at
    session.tell(TopicBy(channel, nick, set_at, time=line.time))


def _mode(session: Session, line: Heard) -> None:
    target, *words = line.params or ("",)
    if known := session.channel(target):
        session.modes.apply(known, words, session.fold)
    elif session.is_me(target):
        session.change_own_modes("".join(words[:1]))
    session.tell(ModeSet(target, line.source, " ".join(words), time=line.time))


def _own_modes(session: Session, line: Heard) -> None:
    """221: ``+i``"""
    session.own_modes = ""
    session.change_own_modes(line.first(2)[1])
    session.tell(Told(line.verb, line.params[1:], line.label, time=line.time))


def _modes_told(session: Session, line: Heard) -> None:
    """324: ``#channel +nt``"""
    _, channel, *words = (*line.params, "", "")
    if known := session.channel(channel):
        known.settings.clear()
        session.modes.apply(known, words, session.fold)
    modes = " ".join(word for word in words if word)
    session.tell(ModesTold(channel, modes, line.label, time=line.time))


HANDLERS: Mapping[str, Callable[[Session, Heard], None]] = {
    "221": _own_modes,
    "305": _own_away,
    "306": _own_away,
    "324": _modes_told,
    "331": _topic_told,
    "332": _topic_told,
    "333": _topic_by,
    "353": _names,
    "366": _names_end,
    "ACCOUNT": _account,
    "AWAY": _away,
    "CHGHOST": _host_changed,
    "INVITE": _invited,
    "JOIN": _joined,
    "KICK": _kicked,
    "MODE": _mode,
    "NICK": _renamed,
    "PART": _parted,
    "QUIT": _quit,
    "TOPIC": _topic,
}

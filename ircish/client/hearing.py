"""What is heard becomes lines in windows: one function for each event, and the words for it. What
people say is messages'."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ircish.client import numerics
from ircish.client.crowd import Crowd
from ircish.client.events import (
    Answered,
    AwayChanged,
    ClientEvent,
    Closed,
    Entered,
    Failed,
    Invited,
    JoinedChannel,
    LeftChannel,
    LeftChat,
    Marked,
    Message,
    ModeSet,
    ModesTold,
    NamesListed,
    NickTaken,
    Noted,
    OwnAway,
    Past,
    Redacted,
    Renamed,
    Told,
    TopicBy,
    TopicSet,
    TopicTold,
    Welcomed,
)
from ircish.client.log import TALK, Entry, Kind, shown
from ircish.client.messages import Messages
from ircish.client.windows import Activity, Window
from ircish.events import Source
from ircish.text import printable

if TYPE_CHECKING:
    from ircish.client.client import Client

ENDS_OF_MOTD = ("376", "422")
"""After these the server has said all of itself (RPL_ENDOFMOTD, ERR_NOMOTD)."""

SENSELESS = ("463", "464", "465", "466")
"""Refusals that another try would only repeat: wrong password, banned."""

FORWARDED = "470"
"""Another channel is entered instead (ERR_LINKCHANNEL)."""

AWAY = "301"
"""Who we write to is away, and why (RPL_AWAY)."""

FEW = 8
"""People who are named on coming into a channel; more are counted."""


class Hearing:
    """What has to be remembered between one event and the next."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.talk = Messages(client)
        self.spoke = self.talk.spoke
        """Who said something in each window, folded, and when (ms): the latest last."""
        self._crowds: dict[Window, Crowd] = {}
        self._aways: dict[Window, str] = {}
        """Why those are away to whom we talk, as it was told last."""

    def take(self, event: ClientEvent) -> None:
        """Show one event."""
        if handle := _HANDLERS.get(type(event)):
            handle(self, event)

    def forget(self) -> None:
        """Keep nothing of windows that are closed."""
        self.talk.forget()
        for known in (self._crowds, self._aways):
            for window in set(known) - set(self.client.windows):
                del known[window]

    # Where --------------------------------------------------------------------------------------

    def _add(self, window: Window, kind: Kind, text: str, event: ClientEvent) -> int:
        return self.client.windows.add(window, Entry(self._time(event), kind, shown(text)))

    def _time(self, event: ClientEvent) -> int:
        return self.client.now() if event.time is None else event.time

    def _channel(self, name: str) -> Window:
        return self._found(name) or self.client.windows.server

    def _found(self, name: str) -> Window | None:
        return self.client.windows.find(printable(name), "channel")

    def _concerned(self, nick: str, channels: tuple[str, ...]) -> list[Window]:
        """The windows in which is told what becomes of somebody."""
        found = [self._found(name) for name in channels]
        found.append(self.client.windows.find(printable(nick), "query"))
        return [window for window in found if window]

    def _message(self, event: Message) -> None:
        self.talk.take(event)

    def _past(self, event: Past) -> None:
        self.client.recall.take(event)

    def _redacted(self, event: Redacted) -> None:
        self.talk.take_back(event)

    # Coming and going ---------------------------------------------------------------------------

    def _joined(self, event: JoinedChannel) -> None:
        client, nick, channel = self.client, event.source.nick, printable(event.channel)
        if event.own:
            window = client.windows.open("channel", channel)
            number = self._add(window, "info", f"You are in {channel}.", event)
            if client.returning.wants(channel):
                client.windows.show(window)
            client.recall.enter(window, number)
        elif not self.talk.ignores(event.source):
            text = f"{_who(event)} has joined {channel}"
            self._crowd(self._channel(channel), event, nick, True, text)

    def _crowd(self, window: Window, event: ClientEvent, nick: str, here: bool, text: str) -> None:
        """Who came or left, folded into the line before unless they were talking."""
        client, moment = self.client, self._time(event)
        spoke = self.spoke.get(window, {}).get(client.fold(nick))
        recent = client.settings.recent_minutes * 60_000
        if not client.settings.fold or (spoke is not None and moment - spoke < recent):
            self._add(window, "crowd", text, event)
            return
        crowd = self._crowds.setdefault(window, Crowd())
        entry = crowd.add(window.log, moment, printable(nick), here=here, alone=shown(text))
        if entry:
            client.windows.add(window, entry)

    def _left(self, event: LeftChannel) -> None:
        window, nick = self._channel(event.channel), printable(event.nick)
        channel, by = printable(event.channel), printable(event.by)
        reason = f" ({event.reason})" if event.reason not in ("", event.by) else ""
        if event.own and event.by:
            words = f"{by} put you out of {channel}{reason}; /join {channel} goes back in."
            self._add(window, "error", words, event)
        elif event.own:
            self._add(window, "info", f"You have left {channel}{reason}", event)
        elif event.by:
            self._add(window, "kick", f"{nick} was put out of {channel} by {by}{reason}", event)
        elif not self.talk.ignores(Source(event.nick)):
            text = f"{nick} has left {channel}{reason}"
            self._crowd(window, event, event.nick, False, text)

    def _quit(self, event: LeftChat) -> None:
        nick = event.source.nick
        if self.talk.ignores(event.source):
            return
        reason = f" ({event.reason})" if event.reason else ""
        for window in self._concerned(nick, event.channels):
            self._crowd(window, event, nick, False, f"{printable(nick)} has quit{reason}")

    def _renamed(self, event: Renamed) -> None:
        client, windows = self.client, self.client.windows
        old, new = printable(event.source.nick), printable(event.nick)
        words = f"{old} is now known as {new}"
        concerned = self._concerned(old, event.channels)
        if event.own:
            client.renamed(event.nick)
            words = f"You are now known as {new}"
            concerned = [window for window in windows if window.kind != "mentions"]
        elif self.talk.ignores(event.source):
            concerned = []
        query = windows.find(old, "query")
        if query and new and windows.find(new, "query") in (None, query):
            query.name = new
        for window in concerned:
            self.talk.renamed(window, old, new)
            self._add(window, "nick", words, event)

    def _entered(self, event: Entered) -> None:
        client, session = self.client, self.client.session
        channel = session.channel(event.channel) if session else None
        if channel is None:
            return
        own = client.fold(client.nick)
        others = [member for folded, member in channel.members.items() if folded != own]
        others.sort(key=lambda member: member.nick.casefold())
        if not others:
            words = "Nobody else is here."
        elif len(others) > FEW:
            words = f"{len(others)} others are here."
        else:
            names = [member.marks[:1] + printable(member.nick) for member in others]
            words = f"Also here: {', '.join(names)}"
        window = self._channel(event.channel)
        window.topic = channel.topic
        self._add(window, "info", words, event)

    def _names(self, event: NamesListed) -> None:
        client, session = self.client, self.client.session
        if session and (channel := session.channel(event.channel)):
            members = sorted(channel.members.values(), key=lambda each: each.nick.casefold())
            names = [member.marks[:1] + printable(member.nick) for member in members]
            words = f"{printable(channel.name)} ({len(names)}): {' '.join(names)}"
            self._add(client.asking.window(), "info", words, event)

    def _away(self, event: AwayChanged) -> None:
        nick = printable(event.source.nick)
        window = self.client.windows.find(nick, "query")
        if window and not self.talk.ignores(event.source):
            self._aways[window] = printable(event.text)
            words = f"{nick} is away: {event.text}" if event.text else f"{nick} is back"
            self._add(window, "info", words, event)

    def _own_away(self, event: OwnAway) -> None:
        words = "You are away; /back says that you are back." if event.away else "You are back."
        self._add(self.client.asking.window(), "info", words, event)

    # Channels -----------------------------------------------------------------------------------

    def _topic(self, event: TopicSet) -> None:
        by, channel = printable(event.source.nick), printable(event.channel)
        words = f"{by} has removed the topic of {channel}"
        if event.text:
            words = f"{by} has set the topic of {channel}: {event.text}"
        window = self._channel(channel)
        window.topic = event.text
        self._add(window, "topic", words, event)

    def _topic_told(self, event: TopicTold) -> None:
        channel = printable(event.channel)
        words = f"Topic of {channel}: {event.text}" if event.text else f"{channel} has no topic."
        window = self._found(channel)
        if window:
            window.topic = event.text
        self._add(window or self.client.asking.window(), "topic", words, event)

    def _topic_by(self, event: TopicBy) -> None:
        when = ""
        if event.set_at is not None:
            when = time.strftime(" on %Y-%m-%d at %H:%M", time.localtime(event.set_at / 1000))
        words = f"It was set by {printable(event.nick.partition('!')[0])}{when}."
        self._add(self._found(event.channel) or self.client.asking.window(), "topic", words, event)

    def _mode(self, event: ModeSet) -> None:
        by, changes = printable(event.source.nick), printable(event.changes)
        target = printable(event.target)
        self._add(self._channel(target), "mode", f"{by} sets {changes} on {target}", event)

    def _modes_told(self, event: ModesTold) -> None:
        modes = printable(event.modes)
        words = (
            f"Modes of {printable(event.channel)}: {modes}"
            if modes.strip("+")
            else (f"{printable(event.channel)} has no modes.")
        )
        self._add(self.client.asking.window(event.label), "mode", words, event)

    def _invited(self, event: Invited) -> None:
        client, windows = self.client, self.client.windows
        by, channel = printable(event.source.nick), printable(event.channel)
        if self.talk.ignores(event.source):
            return
        if client.fold(event.nick) == client.fold(client.nick):
            words = f"{by} invites you to {channel}; /join {channel} goes there."
            here = windows.server if windows.current.kind == "mentions" else windows.current
            self._add(here, "info", words, event)
            client.face.notify(by, f"invites you to {channel}")
        else:
            words = f"{by} has invited {printable(event.nick)} to {channel}"
            self._add(self._channel(channel), "info", words, event)

    # The server ---------------------------------------------------------------------------------

    def _welcomed(self, event: Welcomed) -> None:
        client = self.client
        client.link.settled()
        self._add(client.windows.server, "info", f"You are in as {printable(event.nick)}.", event)
        client.welcomed()

    def _nick_taken(self, event: NickTaken) -> None:
        words = f"{printable(event.nick)} is taken; trying {printable(event.next)}."
        self._add(self.client.windows.server, "error", words, event)

    def _told(self, event: Told) -> None:
        client = self.client
        answers = client.arrived and event.verb not in numerics.UNASKED
        window = client.asking.window(event.label) if answers else client.windows.server
        if event.verb in ENDS_OF_MOTD and not client.arrived:
            client.arrive()
        if client.asking.take(event):
            return
        if event.verb == AWAY and not client.asking.knows(event.label):
            nick, text = (*map(printable, event.params), "", "")[:2]
            query = client.windows.find(nick, "query")
            if query and self._aways.get(query) == text:
                return  # said at each word of ours
            if query:
                window, self._aways[query] = query, text
        if words := numerics.words(event):
            self._add(window, "info", words, event)

    def _answered(self, event: Answered) -> None:
        self.client.answered(event.label)

    def _marked(self, event: Marked) -> None:
        """Elsewhere it was read so far: the unread line is below it (IRCv3 read-marker)."""
        window = self.client.windows.find(printable(event.target))
        if window is None or event.until is None or window is self.client.windows.current:
            return
        unread = [
            number
            for number in range(window.log.first, window.log.end)
            if window.log[number].time > event.until and window.log[number].kind in TALK
        ]
        window.unread = unread[0] if unread else None
        if not unread:
            window.activity, window.news, window.mentions = Activity.NONE, 0, 0

    def _noted(self, event: Noted) -> None:
        words = " ".join((*map(printable, event.about), event.text)).strip()
        kind: Kind = "error" if event.kind == "WARN" else "info"
        if words:
            self._add(self.client.asking.window(event.label), kind, words, event)

    def _failed(self, event: Failed) -> None:
        client = self.client
        if client.recall.fail(event):
            return
        window = client.speech.fail(event) or self._where_asked(event)
        self._add(window, "error", numerics.failure(event), event)
        if client.asking.knows(event.label) and window is not client.windows.current:
            self._add(client.windows.current, "error", numerics.failure(event), event)
        about = [printable(each) for each in event.about]
        wanted = [name for name in about if client.returning.wants(name)]
        if event.numeric == FORWARDED and wanted:
            client.returning.want(about[-1])
        if event.numeric in SENSELESS and not client.inside:
            client.link.give_up()
            words = "It is not tried again by itself; /reconnect tries it."
            self._add(client.windows.server, "error", words, event)

    def _where_asked(self, event: Failed) -> Window:
        """Where it was typed; or, where nobody typed it (coming back), the channel's window."""
        client = self.client
        if not client.asking.knows(event.label):
            for name in event.about:
                window, session = self._found(name), client.session
                if window and session and not session.channel(name):
                    return window
        return client.asking.window(event.label)

    def _closed(self, event: Closed) -> None:
        self.client.last_words = event.reason
        words = f"The server says goodbye: {event.reason}"
        self._add(self.client.windows.server, "error", words, event)


Handler = Callable[[Hearing, Any], None]

_HANDLERS: Mapping[type[ClientEvent], Handler] = {
    Answered: Hearing._answered,
    AwayChanged: Hearing._away,
    Closed: Hearing._closed,
    Entered: Hearing._entered,
    Failed: Hearing._failed,
    Invited: Hearing._invited,
    JoinedChannel: Hearing._joined,
    LeftChannel: Hearing._left,
    LeftChat: Hearing._quit,
    Marked: Hearing._marked,
    Message: Hearing._message,
    ModeSet: Hearing._mode,
    ModesTold: Hearing._modes_told,
    NamesListed: Hearing._names,
    NickTaken: Hearing._nick_taken,
    Noted: Hearing._noted,
    OwnAway: Hearing._own_away,
    Past: Hearing._past,
    Redacted: Hearing._redacted,
    Renamed: Hearing._renamed,
    Told: Hearing._told,
    TopicBy: Hearing._topic_by,
    TopicSet: Hearing._topic,
    TopicTold: Hearing._topic_told,
    Welcomed: Hearing._welcomed,
}


def _who(event: JoinedChannel) -> str:
    """``ben [~b@host, account]``"""
    source = event.source
    account = f", {event.account}" if event.account not in ("", "*") else ""
    place = f" [{source.user}@{source.host}{account}]" if source.host else ""
    return printable(f"{source.nick}{place}")

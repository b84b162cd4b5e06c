"""The load: many IRC clients in one process, doing one workload against one server.

Run by the benchmark as a process of its own: a job in JSON on stdin, the figures in JSON on stdout.
It speaks NICK, USER, JOIN, PRIVMSG and PING, no CAP, and understands next to nothing, so that it
stays far cheaper than a server: once all are in, it counts newlines.

- A *delivery* is one message read by one recipient; there is no echo, so a channel's message has
  members - 1. Every line that comes in the counted phase is one (but PING, which is answered).
- A message is *complete* when all its recipients have it. A channel's messages reach everyone in
  one order, so as many are complete as the least that any member has: what it read, and what it
  sent, which counts when sent. A completed one is replaced by the next sender's at once.
- *Latency* is per delivery: from sending (in the open loop: from when it was due) until a sampled
  recipient has read it. 20 recipients, spread over all, are sampled, and each 7th of their lines.
  Clients that also speak acknowledge late, as Linux does (up to 40 ms); a server that leaves
  Nagle's algorithm on waits for it. That is theirs to change, so it counts.
"""

from __future__ import annotations

import gc
import itertools
import json
import select
import statistics
import sys
import time
from collections.abc import Iterator
from typing import Any

from .process import cpu_seconds, memory_kib, raise_descriptor_limit
from .swarm import QUIET, Client, Failed, Group, Swarm, Watch
from .workloads import Workload

WATCHED = 20  # recipients whose latencies are sampled
DRAIN_LIMIT = 10.0  # seconds for the last messages to arrive
WARM_UP = 1.0  # seconds, not counted
PADDING = b"the quick brown fox jumps over it"  # 50 bytes of text with the time in front

Figures = dict[str, float]


class Sender:
    """One direction of talk: who speaks, to which target, and who reads it."""

    def __init__(self, client: Client, target: str, group: Group) -> None:
        self.client = client
        self.group = group
        self.echoless = client.group is group  # it is one of the readers, but is sent no copy
        self.form = b"PRIVMSG %b :%%.6f %b" % (target.encode(), PADDING)

    def send(self, stamp: float) -> int:
        """How many messages are complete by this, the sender's own copy being there now."""
        self.client.send(self.form % stamp)
        return self.group.advance(self.client.place, 1) if self.echoless else 0


class Talk:
    """Messages among clients that are in: sent in turn, counted until all have them."""

    def __init__(self, swarm: Swarm, pid: int, clients: list[Client], work: Workload) -> None:
        self.swarm = swarm
        self.pid = pid
        senders = in_pairs(clients) if work.channels == 0 else in_channels(clients, work)
        self.groups = {sender.group for sender in senders}
        self.turn: Iterator[Sender] = itertools.cycle(senders)
        self.sent = 0
        self.watches = []
        speakers = {sender.client for sender in senders}
        for client in clients[len(clients) // WATCHED // 2 :: len(clients) // WATCHED]:
            client.watch = Watch(client in speakers)
            self.watches.append(client.watch)

    def send(self, messages: int) -> None:
        """Send that many now, and one more for each that is complete by it."""
        while messages:
            messages += next(self.turn).send(time.perf_counter()) - 1
            self.sent += 1

    def closed_loop(self, until: float) -> None:
        """A new message for each complete one."""
        while (now := time.perf_counter()) < until:
            self.swarm.count(until - now, self.send)

    def open_loop(self, until: float, rate: int) -> None:
        """A message every ``1 / rate`` seconds, whatever has become of the others."""
        due = time.perf_counter()
        while due < until:
            # select(2) can wait for less than 1 ms, epoll_wait(2) cannot.
            wait = max(0.0, due - time.perf_counter())
            if select.select([self.swarm.poll], [], [], wait)[0]:
                self.swarm.count(0, ignore)
            if due <= time.perf_counter():
                next(self.turn).send(due)
                self.sent += 1
                due += 1 / rate

    def run(self, work: Workload, seconds: float) -> Figures:
        """Warm up, count for that many seconds, wait for the last message, add up."""
        self.send(work.under_way)
        for counted in (False, True):
            for watch in self.watches:
                watch.waits.clear()
            delivered, cpu, own = self.swarm.delivered, cpu_seconds(self.pid), time.process_time()
            begin, reads = time.perf_counter(), self.swarm.reads
            until = begin + (seconds if counted else min(seconds, WARM_UP))
            if work.rate:
                self.open_loop(until, work.rate)
            else:
                self.closed_loop(until)
        elapsed = time.perf_counter() - begin
        cpu, own = cpu_seconds(self.pid) - cpu, time.process_time() - own
        delivered = self.swarm.delivered - delivered
        reads = self.swarm.reads - reads
        waits = [wait for watch in self.watches for wait in watch.waits]
        listening = [wait for watch in self.watches if not watch.speaks for wait in watch.waits]
        self.drain()
        if not delivered or len(listening if work.rate else waits) < 2:
            raise Failed(f"delivered next to nothing within {seconds:g} s")
        figures = {}
        if work.rate:
            figures["listeners_p99_ms"] = centile(listening, 99) * 1e3
        return figures | {
            "deliveries_per_second": delivered / elapsed,
            "cpu_us_per_delivery": cpu / delivered * 1e6,
            "p50_ms": centile(waits, 50) * 1e3,
            "p99_ms": centile(waits, 99) * 1e3,
            "cpu_percent": cpu / elapsed * 100,
            "load_percent": own / elapsed * 100,
            "deliveries_per_read": delivered / reads,  # how large the batches are; only in --json
        }

    def drain(self) -> None:
        """Wait until all have everything. Raises Failed when something was lost or is too late."""
        deadline = time.perf_counter() + DRAIN_LIMIT
        while (done := sum(group.done for group in self.groups)) < self.sent:
            if time.perf_counter() > deadline:
                raise Failed(f"{self.sent - done} messages not complete {DRAIN_LIMIT:g} s later")
            self.swarm.count(QUIET, ignore)
        if done > self.sent or any(max(group.have) > group.done for group in self.groups):
            raise Failed("more lines came than messages were sent")


def ignore(completed: int) -> None:
    """For what is not a closed loop."""


def centile(values: list[float], number: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[number - 1]


def in_pairs(clients: list[Client]) -> list[Sender]:
    """Each speaks to its neighbour."""
    for client in clients:
        client.group, client.place = Group(1), 0
    partners = dict(zip(clients[::2], clients[1::2], strict=True))
    pairs = [*partners.items(), *((b, a) for a, b in partners.items())]
    return [Sender(client, partner.nick, partner.group) for client, partner in pairs]


def in_channels(clients: list[Client], work: Workload) -> list[Sender]:
    """The first of each channel speak."""
    senders = []
    size = len(clients) // work.channels
    for number in range(work.channels):
        members = clients[number * size : (number + 1) * size]
        group = Group(len(members))
        for place, client in enumerate(members):
            client.group, client.place = group, place
        senders += [Sender(client, f"#bench{number}", group) for client in members[: work.senders]]
    return senders


def talk(swarm: Swarm, pid: int, work: Workload, seconds: float) -> Figures:
    clients = swarm.connect(work.clients, "b")
    figures = {}
    if work.channels:
        cpu = cpu_seconds(pid)
        swarm.join(clients, lambda place: f"#bench{place * work.channels // work.clients}")
        swarm.quiet()
        figures["cpu_ms_per_join"] = (cpu_seconds(pid) - cpu) / len(clients) * 1e3
    swarm.settle()
    return figures | Talk(swarm, pid, clients, work).run(work, seconds)


def join(swarm: Swarm, pid: int, work: Workload, seconds: float) -> Figures:
    """More join a full channel: half alone, when all have seen the one before, half at once.

    A lone join takes one send to each member, whatever the server; those at once can share them.
    """
    members = swarm.connect(work.clients, "b")
    joiners = swarm.connect(work.joiners, "j")
    swarm.join(members, lambda place: "#bench0")
    swarm.settle()
    for member in members:
        member.lines = 0
    half = len(joiners) // 2
    cpu, begin = cpu_seconds(pid), time.perf_counter()
    for seen, joiner in enumerate(joiners[:half], start=1):
        swarm.join([joiner], lambda place: "#bench0")
        swarm.wait_for_lines(members, seen)
    lone_cpu, lone = cpu_seconds(pid) - cpu, time.perf_counter() - begin
    cpu = cpu_seconds(pid)
    swarm.at_once = half
    swarm.join(joiners[half:], lambda place: "#bench0")
    swarm.wait_for_lines(members, len(joiners))
    return {
        "cpu_ms_per_join": (cpu_seconds(pid) - cpu) / (len(joiners) - half) * 1e3,
        "cpu_ms_per_lone_join": lone_cpu / half * 1e3,
        "ms_per_lone_join": lone / half * 1e3,
    }


def idle(swarm: Swarm, pid: int, work: Workload, seconds: float) -> Figures:
    before = memory_kib(pid, "VmRSS")
    begin = time.perf_counter()
    swarm.connect(work.clients, "b")
    came_in = time.perf_counter() - begin
    swarm.settle()
    grown = memory_kib(pid, "VmRSS") - before
    cpu, begin = cpu_seconds(pid), time.perf_counter()
    while (left := begin + seconds - time.perf_counter()) > 0:
        swarm.listen(left)
    return {
        "kib_per_connection": grown / work.clients,
        "cpu_percent": (cpu_seconds(pid) - cpu) / (time.perf_counter() - begin) * 100,
        "seconds_to_come_in": came_in,
    }


KINDS = {"talk": talk, "join": join, "idle": idle}


def main() -> None:
    job: dict[str, Any] = json.load(sys.stdin)
    raise_descriptor_limit()
    gc.disable()
    work = Workload(**job["workload"])
    pid = job["pid"]
    result: dict[str, Any]
    try:
        swarm = Swarm(job["port"], job["at_once"])
        result = KINDS[work.kind](swarm, pid, work, job["seconds"])
        result["peak_mib"] = memory_kib(pid, "VmHWM") / 1024
    except Failed as failure:
        result = {"failed": f"did not finish: {failure}"}
    except FileNotFoundError:
        result = {"failed": "did not finish: the server ended"}
    json.dump(result, sys.stdout)
    sys.stdout.flush()


if __name__ == "__main__":
    main()

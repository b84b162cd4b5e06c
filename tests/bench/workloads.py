"""What the servers are given to do: names and numbers only, the doing is in ``load``."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Workload:
    """One kind of work.

    ``kind`` is ``talk`` (the figures are per delivery), ``join`` or ``idle``.
    ``channels`` 0 means that the clients talk in private, in pairs.
    ``under_way`` messages are on their way at any time (a closed loop: a new one is sent when all
    recipients have one); 0 means an open loop of ``rate`` messages a second instead.
    """

    name: str
    about: str
    kind: str
    clients: int
    channels: int = 0
    senders: int = 0  # in each channel
    under_way: int = 0
    rate: int = 0
    joiners: int = 0


WORKLOADS = (
    Workload("fanout", "200 in one channel, 10 of them speak", "talk", 200, 1, 10, 64),
    Workload("bigroom", "1,000 in one channel, 5 of them speak", "talk", 1_000, 1, 5, 64),
    Workload("rooms", "20 channels of 10, one speaks in each", "talk", 200, 20, 1, 64),
    Workload("pairs", "50 pairs in private, both speak", "talk", 100, 0, 1, 64),
    Workload("latency", "100 in one channel, 200 messages/s", "talk", 100, 1, 10, rate=200),
    Workload(
        "join", "100 alone, then 100 at once join a channel of 1,000", "join", 1_000, 1, joiners=200
    ),
    Workload("idle", "1,000 registered, silent", "idle", 1_000),
    Workload("idle10k", "10,000 registered, silent", "idle", 10_000),
)


def smaller(work: Workload) -> Workload:
    """The same work for a smoke test; its figures compare with nothing else."""
    return replace(
        work,
        about=f"{work.about}: all a fifth",
        clients=work.clients // 5,
        channels=-(-work.channels // 5),
        joiners=work.joiners // 5,
    )

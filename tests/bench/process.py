"""What a server costs: the CPU time and memory of a process, read from outside. Linux only."""

from __future__ import annotations

import resource
import time
from pathlib import Path


def family(pid: int) -> list[int]:
    """The process and its living descendants (a server may fork helpers)."""
    found = [pid]
    for parent in found:
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            found += map(int, children.read_text().split())
    return found


def cpu_seconds(pid: int) -> float:
    """User and system time so far of the process, all its threads and its living descendants.

    It is what ``utime + stime`` of ``/proc/PID/stat`` say, taken from the process's CPU clock
    (``clock_getcpuclockid(3)``) because that one counts in ns and not in ticks of 10 ms.
    """
    return sum(time.clock_gettime((~member << 3) | 2) for member in family(pid))


def memory_kib(pid: int, field: str) -> int:
    """``VmRSS`` (resident now) or ``VmHWM`` (its peak) in KiB, living descendants included."""
    total = 0
    for member in family(pid):
        status = Path(f"/proc/{member}/status").read_text()
        total += int(status.partition(f"\n{field}:")[2].split(maxsplit=1)[0])
    return total


def raise_descriptor_limit() -> int:
    """Allow this process, and those it starts, as many descriptors as the system does."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard

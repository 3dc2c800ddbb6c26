"""How many jobs of a run are at the server.

In Rust: crates/job-queue/src/window.rs, which explains it.
"""

from __future__ import annotations

from dataclasses import dataclass

# How much work may always wait, in seconds.
AHEAD = 0.05


@dataclass
class Queue:
    """The queue of a function at one time, as its consumer sees it."""

    waiting: int
    running: int
    # Jobs that workers have had, since the consumer was made.
    done: int
    time: float
    # Requests of hosts for jobs that wait at the server.
    requests: int


class Window:
    """How many jobs of a run may wait or run at the server."""

    def __init__(self, size: int, most: int) -> None:
        self.most = most
        self.size = min(max(size, 1), most)
        self._last: Queue | None = None

    def adapt(self, queue: Queue) -> bool:
        """Adapt to the queue. Returns whether it is worth while to look again soon."""
        per_second = 0.0
        if self._last and queue.time > self._last.time:
            done = max(queue.done - self._last.done, 0)
            per_second = done / (queue.time - self._last.time)
        self._last = queue
        enough = max(queue.running, int(per_second * AHEAD), 1)
        size = self.size
        if queue.waiting == 0:
            size *= 2
        elif queue.waiting <= enough // 2:
            size += -(-enough // 8)
        elif queue.waiting > enough:
            size -= size // 4
        self.size = min(max(size, 1), self.most)
        return queue.waiting == 0 and self.size < self.most

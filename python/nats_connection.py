"""A connection to a NATS server, and what a job queue has there: two streams, a bucket
with a key for each run, and consumers.

In Rust: crates/job-queue/src/broker.rs
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

from nats.aio.client import Client
from nats.errors import Error, SecureConnWantedError
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    ConsumerInfo,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import APIError, KeyNotFoundError, NotFoundError

from job_messages import job_subject, result_subject
from job_times import ACK_WAIT, PATIENCE, RUN_TTL
from nats_secrets import secrets, without_secrets
from nats_server import QueueError
from texts import printable
from workloads import print_note

T = TypeVar("T")

# What requests raise, all of it worth another try.
LOST = (Error, OSError, asyncio.TimeoutError)

# How long a request may take, in seconds.
TIMEOUT = 3.0

# The same note is printed once in this time.
MINUTE = 60.0

DAY = 24 * 60 * 60.0

# How many jobs of a function may run, and how many requests for jobs may wait. The
# defaults of the server are 1,000 and 512.
MAX_RUNNING = 100_000
MAX_REQUESTS = 2048

# How many results may be on their way to a submitter.
MAX_RESULTS = 256

# After this time a stream is complete, in seconds. If a consumer is made while the server
# still makes its stream, nats-server 2.9.10 sends its messages nowhere.
COMPLETE = 0.25

# The server's numbers for a stream that is not there, and for every message that a stream
# refuses.
STREAM_NOT_FOUND = 10059
NOT_STORED = 10077


class RunEnded(Exception):
    """The key of the run has been deleted."""


class Connection:
    """A connection to a server, or to one of several with commas between.

    nats-py makes it anew when it is lost.
    """

    def __init__(self, servers: str, *, is_own: bool = False) -> None:
        self.is_own = is_own
        self.client = _Client()
        self.jetstream = self.client.jetstream(timeout=TIMEOUT)
        # Called each time when the connection is there again.
        self.on_reconnect: list[Callable[[], None]] = []
        # What is wrong, if anything is, in the words of the server.
        self.trouble: str | None = None
        self._servers = servers
        self._addresses = without_secrets(servers)
        # When the connection was made, or lost.
        self._since = time.monotonic()
        self._noted: dict[str, float] = {}
        self._is_open = False
        self._failures = 0

    def __str__(self) -> str:
        return ",".join(self._addresses)

    async def open(self) -> None:
        """Connect to one of the servers."""
        # asyncio warns of every connection with TLS that ends. nats-py prints errors
        # that it gives to `_heed` as well.
        logging.getLogger("asyncio").setLevel(logging.ERROR)
        logging.getLogger("nats").setLevel(logging.CRITICAL)
        try:
            await self.client.connect(
                self._addresses,
                error_cb=self._heed,
                disconnected_cb=self._disconnected,
                reconnected_cb=self._reconnected,
                # A program that is cut off is to notice soon when it no longer is.
                ping_interval=2,
                reconnect_time_wait=0.5,
                max_reconnect_attempts=-1,
                **secrets(self._servers, {} if self.is_own else os.environ),
            )
        except (*LOST, ValueError, ImportError, SystemError) as error:
            raise QueueError(f"cannot connect to {self}: {words(error)}") from None
        self._is_open = True
        self._since = time.monotonic()

    async def close(self) -> None:
        # nats-py raises various errors if the connection is lost.
        with suppress(Exception):
            await self.client.close()

    # What is wrong

    async def persist(
        self,
        attempt: Callable[[], Awaitable[T]],
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> T | None:
        """Try something until it works, or until it is not wanted any more.

        What is in the way is noted if it stays.
        """
        start = time.monotonic()
        pause = 0.01
        while is_wanted():
            try:
                if not self.client.is_connected:
                    raise ConnectionError(f"the connection to {self} is lost")
                return await attempt()
            except NotFoundError:
                pass  # The stream is not there yet, or not there again.
            except LOST as error:
                # A permission that is missing is in `trouble` already: such a request
                # has no answer.
                if not isinstance(error, TimeoutError):
                    self.trouble = words(error)
                # Of a lost connection `_heed` says more.
                is_long = time.monotonic() - start >= PATIENCE / 2
                if is_long and self.client.is_connected:
                    self.note(self.trouble or "the server does not answer")
            await asyncio.sleep(pause)
            pause = min(2 * pause, 1)
        return None

    def note(self, trouble: str) -> None:
        """Say what is wrong, but not more often than once a minute."""
        self.trouble = trouble
        now = time.monotonic()
        if now - self._noted.get(trouble, -MINUTE) >= MINUTE:
            self._noted[trouble] = now
            print_note(trouble)

    def has_lasted(self, seconds: float) -> bool:
        """Whether the connection has been there for this time."""
        return self.client.is_connected and self._age() > seconds

    def _age(self) -> float:
        return time.monotonic() - self._since

    async def _heed(self, error: Exception) -> None:
        """Called by nats-py for errors that no request raises."""
        if not self._is_open:
            # nats-py would try all servers again and again.
            self._failures += 1
            if self._failures >= len(self._addresses):
                raise error
        elif "permissions violation" in str(error):
            self.note(words(error))
        elif not self.client.is_connected and self._age() >= PATIENCE:
            self.note(f"the connection to {self} is lost: {words(error)}")

    async def _disconnected(self) -> None:
        self._since = time.monotonic()

    async def _reconnected(self) -> None:
        self._since = time.monotonic()
        for call in self.on_reconnect:
            call()

    # Streams and consumers. What exists is taken as it is.

    async def make_streams(self) -> None:
        """Make the streams that are missing. Only submitters do.

        Hosts make the consumers of the jobs. If both made both at the same time,
        nats-server 2.9.10 could end up with two streams of a name.
        """
        for config in _streams(StorageType.MEMORY if self.is_own else StorageType.FILE):
            assert config.name
            try:
                await self.jetstream.stream_info(config.name)
            except NotFoundError:
                await self.jetstream.add_stream(config)

    async def make_consumer(self, stream: str, config: ConsumerConfig) -> None:
        """Make a consumer, if it is missing."""
        assert config.durable_name
        try:
            await self.jetstream.consumer_info(stream, config.durable_name)
        except NotFoundError as error:
            if error.err_code == STREAM_NOT_FOUND:
                raise
            if stream == "jobs" and not self.is_own:
                await asyncio.sleep(COMPLETE)
            await self.jetstream.add_consumer(stream, config)

    async def consumer(self, token: str) -> ConsumerInfo:
        """The state of the consumer of a function."""
        info: ConsumerInfo = await self.jetstream.consumer_info("jobs", token)
        return info

    # Messages

    async def store(self, subject: str, message: bytes) -> int | None:
        """Put a message into the stream of its subject. Returns its number there; `None`
        if the subject has a message already, which stays.
        """
        try:
            return (await self.jetstream.publish(subject, message)).seq
        except APIError as error:
            what = error.description or ""
            # Under the same number it says that the stream is full.
            if error.err_code == NOT_STORED and "per subject" in what:
                return None
            raise

    async def subjects(self, stream: str, pattern: str) -> set[str]:
        """The subjects that have messages in a stream."""
        info = await self.jetstream.stream_info(stream, subjects_filter=pattern)
        return set(info.state.subjects or ())

    async def delete(self, stream: str, pattern: str) -> None:
        """Delete the messages that have these subjects, one by one.

        After a purge by subject, all consumers of nats-server 2.9.10 would skip the
        messages of the stream that wait for them.
        """
        for subject in await self.subjects(stream, pattern):
            # Another may have deleted it.
            with suppress(APIError):
                message = await self.jetstream.get_last_msg(stream, subject)
                await self.jetstream.delete_msg(stream, message.seq or 0)

    # Runs

    async def put_key(self, run: str, key: bytes) -> None:
        """Say that a run goes on."""
        await (await self.jetstream.key_value("runs")).put(run, key)

    async def key(self, run: str) -> bytes | None:
        """The key of a run, if there is one; raises `RunEnded` if it was deleted."""
        try:
            runs = await self.jetstream.key_value("runs")
            return (await runs.get(run)).value
        except KeyNotFoundError as error:
            if error.op:
                raise RunEnded from None
            return None

    async def end_run(self, token: str, run: str) -> None:
        """Say that a run has ended, and delete what is left of it."""
        await (await self.jetstream.key_value("runs")).delete(run)
        await self.delete("jobs", job_subject(token, run, "*"))
        await self.delete_results(run)
        with suppress(NotFoundError):
            await self.jetstream.delete_consumer("results", run)

    async def delete_results(self, run: str) -> None:
        """Delete the results of a run that has ended."""
        await self.delete("results", result_subject(run, ">"))


def _streams(storage: StorageType) -> list[StreamConfig]:
    common: dict[str, Any] = {
        "storage": storage,
        "discard": DiscardPolicy.NEW,
        "max_msgs_per_subject": 1,
        "allow_direct": True,
    }
    work_queue = common | {
        "retention": RetentionPolicy.WORK_QUEUE,
        "discard_new_per_subject": True,
        "max_age": DAY,
    }
    return [
        StreamConfig(name="jobs", subjects=["jobs.*.*.*"], **work_queue),
        StreamConfig(name="results", subjects=["results.>"], **work_queue),
        # A key-value bucket. `create_key_value` of nats-py would set more than Rust does;
        # a stream that two programs make at the same time has to be the same.
        StreamConfig(
            name="KV_runs",
            subjects=["$KV.runs.>"],
            max_age=RUN_TTL,
            allow_rollup_hdrs=True,
            deny_delete=True,
            **common,
        ),
    ]


def jobs_of(token: str) -> ConsumerConfig:
    """The consumer of the jobs of a function."""
    return ConsumerConfig(
        durable_name=token,
        filter_subject=job_subject(token, "*", "*"),
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ACK_WAIT,
        max_ack_pending=MAX_RUNNING,
        max_waiting=MAX_REQUESTS,
    )


def results_of(run: str, inbox: str) -> ConsumerConfig:
    """The consumer of the results of a run, which sends them to an inbox."""
    return ConsumerConfig(
        durable_name=run,
        deliver_subject=inbox,
        filter_subject=result_subject(run, ">"),
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=PATIENCE,
        max_ack_pending=MAX_RESULTS,
        inactive_threshold=RUN_TTL,
    )


def words(error: BaseException) -> str:
    """What an error of nats-py says, fit to be printed."""
    text = str(error) or type(error).__name__
    if isinstance(error, APIError):
        text = error.description or "JetStream does not answer"
    return printable(text.removeprefix("nats: "))


async def cancel(tasks: set[asyncio.Task[Any]]) -> None:
    """Cancel tasks and wait for their end."""
    # In Python 3.11 `wait_for`, which nats-py uses, may miss that it is cancelled.
    while waiting := [task for task in tasks if not task.done()]:
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting, timeout=0.1)


class _Client(Client):
    """The client of nats-py, without two of its habits."""

    async def _process_err(self, err_msg: str) -> None:
        """An error that the server sends would close the client for good."""
        if "permissions violation" in err_msg:
            await super()._process_err(err_msg)
        else:
            error = Error(err_msg.strip("'"))
            await self._error_cb(error)
            await self._process_op_err(error)

    def _connect_command(self) -> bytes:
        """The secrets would be sent to a server without TLS."""
        assert self._current_server
        wants_tls = self._current_server.uri.scheme == "tls" or "tls" in self.options
        if wants_tls and not self._server_info.get("tls_required"):
            raise SecureConnWantedError
        return super()._connect_command()

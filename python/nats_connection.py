"""A connection to a NATS server, which is made anew when it is lost.

The secrets come from the environment; from the address too, where other users of this
machine can read them.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import SplitResult, unquote, urlsplit

from nats.aio.client import Client, Server
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
from nats.js.errors import (
    APIError,
    NoStreamResponseError,
    NotFoundError,
    ServiceUnavailableError,
)

from job_messages import job_subject, result_subject
from job_times import ACK_WAIT, PATIENCE, RUN_TTL
from nats_server import QueueError
from texts import printable
from workloads import print_note

T = TypeVar("T")

# What the requests of this module raise, all of it worth another try.
LOST = (Error, OSError, asyncio.TimeoutError)

# How long a request may take, in seconds.
TIMEOUT = 3.0

# The same note is printed once in this time.
MINUTE = 60.0

DAY = 24 * 60 * 60.0

# The server's number for every message that a stream refuses.
STORE_FAILED = 10077


class AlreadyStored(Exception):
    """The subject has its message already."""


class Connection:
    """A connection, with the streams of the job queue."""

    def __init__(self, servers: str, *, is_own: bool) -> None:
        self.servers = [_parse(server) for server in servers.split(",")]
        # The server's own program needs no secrets of others.
        self.is_own = is_own
        self.client = _Client()
        self.jetstream = self.client.jetstream(timeout=TIMEOUT)
        self.on_reconnect: list[Callable[[], None]] = []
        # When the connection was made, or lost.
        self.since = time.monotonic()
        # What is wrong, if anything is, in the words of the server.
        self.trouble: str | None = None
        self._noted: dict[str, float] = {}
        self._is_open = False
        self._is_lost = False
        self._failures = 0

    async def open(self) -> None:
        """Connect, and make the streams that are missing."""
        # asyncio warns of every connection with TLS that ends. nats-py prints errors
        # that it gives to `_heed` as well.
        logging.getLogger("asyncio").setLevel(logging.ERROR)
        logging.getLogger("nats").setLevel(logging.CRITICAL)
        addresses = [_without_secrets(server) for server in self.servers]
        try:
            options = _Secrets(self.servers, is_own=self.is_own).options()
            await self.client.connect(
                addresses,
                error_cb=self._heed,
                disconnected_cb=self._disconnected,
                reconnected_cb=self._reconnected,
                reconnect_to_server_handler=_next_server,
                # A program that is cut off is to notice soon when it no longer is.
                ping_interval=2,
                max_reconnect_attempts=-1,
                **options,
            )
        except (*LOST, ValueError, ImportError, SystemError) as error:
            await self.close()
            raise QueueError(f"cannot connect to {self}: {words(error)}") from None
        self._is_open = True
        self.since = time.monotonic()
        try:
            await self.make_streams()
        except LOST as error:
            why = self.trouble or words(error)
            raise QueueError(
                f"the server gives no queue (nats-server --jetstream does): {why}"
            ) from None

    async def close(self) -> None:
        # nats-py raises various errors if the connection is lost.
        with suppress(Exception):
            await self.client.close()

    def __str__(self) -> str:
        return ",".join(_without_secrets(server) for server in self.servers)

    # What is wrong

    async def _heed(self, error: Exception) -> None:
        """Called by nats-py for errors that no request raises."""
        if not self._is_open:
            # nats-py would try all servers again and again.
            self._failures += 1
            if self._failures >= len(self.servers):
                raise error
        elif "permissions violation" in str(error):
            self.note(words(error))
        elif self._is_lost and time.monotonic() - self.since >= PATIENCE:
            self.note(f"{self._lost()}: {words(error)}")

    async def _disconnected(self) -> None:
        self._is_lost = True
        self.since = time.monotonic()

    async def _reconnected(self) -> None:
        self._is_lost = False
        self.since = time.monotonic()
        for call in self.on_reconnect:
            call()

    def _lost(self) -> str:
        return f"the connection to {self} is lost"

    def note(self, trouble: str) -> None:
        """Say what is wrong, but not more often than once a minute."""
        self.trouble = trouble
        now = time.monotonic()
        if now - self._noted.get(trouble, -MINUTE) >= MINUTE:
            self._noted[trouble] = now
            print_note(trouble)

    async def persist(
        self,
        attempt: Callable[[], Awaitable[T]],
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> T | None:
        """Try something until it works, or until it is not wanted any more.

        What is in the way is noted if it stays.
        """
        start, pause = time.monotonic(), 0.01
        while is_wanted():
            try:
                if not self.client.is_connected:
                    raise ConnectionError(self._lost())
                return await attempt()
            except LOST as error:
                if isinstance(error, (NoStreamResponseError, ServiceUnavailableError)):
                    # An operator may have deleted a stream.
                    with suppress(*LOST):
                        await self.make_streams()
                # A permission that is missing is in `trouble` already.
                if not isinstance(error, TimeoutError):
                    self.trouble = words(error)
                if time.monotonic() - start >= PATIENCE / 2:
                    self.note(self.trouble or "the server does not answer")
            await asyncio.sleep(pause)
            pause = min(2 * pause, 1)
        return None

    # Streams

    async def make_streams(self) -> None:
        """Make the streams that are missing. What exists is taken as it is."""
        for config in _streams(StorageType.MEMORY if self.is_own else StorageType.FILE):
            assert config.name
            try:
                await self.jetstream.stream_info(config.name)
            except NotFoundError:
                await self.jetstream.add_stream(config)
        self.runs = await self.jetstream.key_value("runs")

    async def make_consumer(self, token: str) -> None:
        """Make the consumer of a function, if it is missing."""
        with suppress(NotFoundError):
            await self.consumer(token)
            return
        config = ConsumerConfig(
            durable_name=token,
            filter_subject=job_subject(token, "*", "*"),
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=ACK_WAIT,
            max_ack_pending=100_000,
            max_waiting=512,
        )
        await self.jetstream.add_consumer("jobs", config)

    async def consumer(self, token: str) -> ConsumerInfo:
        info: ConsumerInfo = await self.jetstream.consumer_info("jobs", token)
        return info

    async def store(self, subject: str, message: bytes) -> int:
        """Put a message into the stream of its subject. Returns its sequence there."""
        try:
            return (await self.jetstream.publish(subject, message)).seq
        except APIError as error:
            what = error.description or ""
            if error.err_code == STORE_FAILED and "per subject" in what:
                raise AlreadyStored from None
            raise

    async def subjects(self, stream: str, pattern: str) -> set[str]:
        """The subjects that have messages in a stream."""
        info = await self.jetstream.stream_info(stream, subjects_filter=pattern)
        return set(info.state.subjects or ())

    async def remove_jobs(self, token: str, run: str, number: object = "*") -> None:
        """Remove a job of a run, or all."""
        for subject in await self.subjects("jobs", job_subject(token, run, number)):
            await self.remove_job(await self.sequence_of_job(subject))

    async def remove_job(self, sequence: int | None) -> None:
        # A purge would be one request for all. In nats-server 2.9 the consumer of the
        # function then forgets all jobs, those of other runs as well.
        if sequence:
            with suppress(APIError):
                await self.jetstream.delete_msg("jobs", sequence)

    async def sequence_of_job(self, subject: str) -> int | None:
        with suppress(NotFoundError):
            return (await self.jetstream.get_last_msg("jobs", subject)).seq
        return None

    async def purge_results(self, run: str, before: int | None = None) -> None:
        """Remove the results of a run, all or those before a sequence."""
        subject = result_subject(run, ">")
        await self.jetstream.purge_stream("results", subject=subject, seq=before)

    async def end_run(self, run: str) -> None:
        """Have the workers stop, and remove all results."""
        try:
            await self.runs.delete(run)
        finally:
            await self.purge_results(run)


def _streams(storage: StorageType) -> list[StreamConfig]:
    common: dict[str, Any] = {
        "storage": storage,
        "discard": DiscardPolicy.NEW,
        "max_msgs_per_subject": 1,
    }
    jobs = StreamConfig(
        name="jobs",
        subjects=["jobs.*.*.*"],
        retention=RetentionPolicy.WORK_QUEUE,
        discard_new_per_subject=True,
        max_age=DAY,
        **common,
    )
    results = StreamConfig(
        name="results",
        subjects=["results.>"],
        discard_new_per_subject=True,
        max_age=DAY,
        allow_direct=True,
        **common,
    )
    # A key-value bucket is a stream like this one.
    runs = StreamConfig(
        name="KV_runs",
        subjects=["$KV.runs.>"],
        max_age=RUN_TTL,
        allow_rollup_hdrs=True,
        deny_delete=True,
        allow_direct=True,
        **common,
    )
    return [jobs, results, runs]


def words(error: BaseException) -> str:
    """What an error of nats-py says, fit to be printed."""
    text = getattr(error, "description", None) or str(error) or type(error).__name__
    return printable(text.removeprefix("nats: ").strip("'"))


class _Client(Client):
    """The client of nats-py, without two of its habits."""

    async def _process_err(self, err_msg: str) -> None:
        """An error that the server sends would close the client for good."""
        if "permissions violation" in err_msg:
            await super()._process_err(err_msg)
            return
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


def _next_server(servers: list[Server], _: dict[str, Any]) -> tuple[Server, float]:
    """Which server to try next, and after which pause."""
    server = min(servers, key=lambda server: server.reconnects)
    # Not all programs at the same time.
    pause = min(0.05 * 2 ** min(server.reconnects, 10), 2)
    return server, pause * random.uniform(0.5, 1)


# Secrets


def _parse(server: str) -> SplitResult:
    return urlsplit(server if "://" in server else f"nats://{server}")


def _without_secrets(server: SplitResult) -> str:
    return server._replace(netloc=server.netloc.rpartition("@")[2]).geturl()


class _Secrets:
    """How this program shows who it is, in the words of nats-py."""

    def __init__(self, servers: list[SplitResult], *, is_own: bool) -> None:
        self.named = next((server for server in servers if server.username), None)
        self.environment = {} if is_own else os.environ

    def options(self) -> dict[str, Any]:
        options = self._tls()
        if self.named and self.named.password is None:
            options["token"] = unquote(self.named.username or "")
        elif self.named:
            options["user"] = unquote(self.named.username or "")
            options["password"] = unquote(self.named.password or "")
        elif creds := self.environment.get("NATS_CREDS"):
            options["user_credentials"] = creds
        elif token := self.environment.get("NATS_TOKEN"):
            options["token"] = token
        elif user := self.environment.get("NATS_USER"):
            options["user"] = user
            options["password"] = self.environment.get("NATS_PASSWORD", "")
        return options

    def _tls(self) -> dict[str, Any]:
        authority = self.environment.get("NATS_CA")
        certificate = self.environment.get("NATS_CERT")
        if not (authority or certificate):
            return {}
        context = ssl.create_default_context(cafile=authority)
        if certificate:
            context.load_cert_chain(certificate, self.environment.get("NATS_KEY"))
        return {"tls": context}


def note_secret(servers: str) -> None:
    """Say that an address holds a password or a token, if it does."""
    if any(_parse(server).username for server in servers.split(",")):
        print_note(
            "every user of this machine can read the password in --server; "
            "NATS_PASSWORD hides it"
        )

"""Async test: a test that awaits, and a clock that jumps ahead.

In Rust: phrasebook/tokio/examples/async-test.rs
"""

import asyncio
import unittest
from collections.abc import Awaitable, Callable
from unittest.mock import AsyncMock, patch


async def retry(fetch: Callable[[], Awaitable[str]]) -> str:
    """What is tested: three tries, an hour apart."""
    for _ in range(2):
        try:
            return await fetch()
        except ConnectionError:
            await asyncio.sleep(3600)
    return await fetch()


class RetryTest(unittest.IsolatedAsyncioTestCase):
    async def test_1_third_try(self) -> None:
        offline = ConnectionError("offline")
        fetch = AsyncMock(side_effect=[offline, offline, "page"])
        with patch("asyncio.sleep") as sleep:  # asyncio has no clock that jumps.
            self.assertEqual(await retry(fetch), "page")
        seconds = sum(call.args[0] for call in sleep.await_args_list)
        self.assertEqual(seconds, 2 * 3600)
        print("third try: succeeds after 2 hours")

    async def test_2_all_tries_fail(self) -> None:
        errors = [ConnectionError(text) for text in ["offline", "offline", "moved"]]
        with patch("asyncio.sleep"):
            with self.assertRaisesRegex(ConnectionError, "moved"):
                await retry(AsyncMock(side_effect=errors))
        print("all tries fail: the last error is returned")


unittest.main()

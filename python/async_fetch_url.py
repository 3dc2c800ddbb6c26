"""Fetch web pages in asyncio tasks: while one waits, its thread runs others.

In Rust: examples-async/src/bin/async-fetch-url.rs
"""

import asyncio

import httpx

from options import FetchUrlOptions
from tracing import traced
from workloads import aread_body, run_async, say, settings


@traced
async def fetch_url(client: httpx.AsyncClient, url: str) -> int:
    say(f"Fetching {url}...")
    # httpx limits each wait for data; `asyncio.timeout` limits the whole request.
    async with asyncio.timeout(settings.timeout):
        async with client.stream("GET", url) as response:
            body = await aread_body(response)
    say(f"Fetched {url} with status {response.status_code}")
    return len(body)


async def main() -> int:
    options = FetchUrlOptions.parse(__doc__)
    # A task costs so little that every page gets one. The semaphore limits how many
    # requests are in flight.
    semaphore = asyncio.Semaphore(options.max_workers)
    limits = httpx.Limits(max_keepalive_connections=options.max_workers)

    # One client for the whole program: it keeps connections open.
    async with httpx.AsyncClient(
        follow_redirects=True, limits=limits, timeout=None
    ) as client:

        async def fetch_in_turn(url: str) -> int:
            async with semaphore:
                return await fetch_url(client, url)

        results = await asyncio.gather(
            *map(fetch_in_turn, options.urls), return_exceptions=True
        )
    return options.report(results)


if __name__ == "__main__":
    run_async(main)

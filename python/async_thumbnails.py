"""Fetch photos in asyncio tasks, and shrink them on threads.

Shrinking has no `await`: in a task it would stall every other fetch.

In Rust: examples-async/thumbnails/src/bin/async-thumbnails.rs
"""

import asyncio

import httpx

from options import ThumbnailsOptions
from thumbnail import Thumbnail, shrink
from tracing import traced
from workloads import Photo, aread_body, run_async, say, settings


@traced
async def make_thumbnail(client: httpx.AsyncClient, photo: Photo) -> Thumbnail:
    url, size = photo
    say(f"Fetching {url}...")
    # httpx limits each wait for data; `asyncio.timeout` limits the whole request.
    async with asyncio.timeout(settings.timeout):
        async with client.stream("GET", url) as response:
            response.raise_for_status()
            body = await aread_body(response)
    thumbnail = await asyncio.to_thread(shrink, body, size)
    say(f"Shrunk {url} to {thumbnail}")
    return thumbnail


async def main() -> int:
    options = ThumbnailsOptions.parse(__doc__)
    # A task costs so little that every photo gets one. The semaphore limits how many are
    # fetched, or wait to be shrunk.
    semaphore = asyncio.Semaphore(options.max_workers)
    limits = httpx.Limits(max_keepalive_connections=options.max_workers)

    # One client for the whole program: it keeps connections open.
    async with httpx.AsyncClient(
        follow_redirects=True, limits=limits, timeout=None
    ) as client:

        async def make_in_turn(photo: Photo) -> Thumbnail:
            async with semaphore:
                return await make_thumbnail(client, photo)

        results = await asyncio.gather(
            *map(make_in_turn, options.photos), return_exceptions=True
        )
    return options.report(results)


if __name__ == "__main__":
    run_async(main)

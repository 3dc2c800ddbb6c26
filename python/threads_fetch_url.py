"""Fetch web pages on a pool of threads, each of which waits for one answer at a time.

A thread that waits gives up the GIL, so the waits overlap.

In Rust: examples-threads/src/bin/threads-fetch-url.rs
"""

from concurrent.futures import ThreadPoolExecutor

import requests
from requests.adapters import HTTPAdapter

from options import FetchUrlOptions
from tracing import traced
from workloads import read_body, returns_errors, run, say, settings

# One session for the whole program: it keeps connections open.
SESSION = requests.Session()


@returns_errors
@traced
def fetch_url(url: str) -> int:
    say(f"Fetching {url}...")
    with SESSION.get(url, stream=True, timeout=settings.timeout) as response:
        body = read_body(response)
    say(f"Fetched {url} with status {response.status_code}")
    return len(body)


def main() -> int:
    options = FetchUrlOptions.parse(__doc__)
    # A session keeps 10 connections to a host open. With more threads it would open new
    # ones again and again.
    adapter = HTTPAdapter(pool_maxsize=options.max_workers)
    SESSION.mount("http://", adapter)
    SESSION.mount("https://", adapter)
    with ThreadPoolExecutor(max_workers=options.max_workers) as executor:
        results = executor.map(fetch_url, options.urls)
    return options.report(results)


if __name__ == "__main__":
    run(main)

"""Fetch web pages on a pool of threads, each of which waits for one page at a time.

While a thread waits it gives up the GIL, so the waits overlap.

In Rust: examples-threads/src/bin/threads-fetch-url.rs
"""

from concurrent.futures import ThreadPoolExecutor

import requests
from requests.adapters import HTTPAdapter

from tracing import traced
from workloads import (
    FetchUrlOptions,
    check_redirect,
    fetch_errors,
    outcome,
    read_body,
    run,
    say,
    settings,
)

# One session for the whole program: it keeps connections open.
SESSION = requests.Session()
SESSION.hooks["response"] = check_redirect


@traced
def fetch_url(url: str) -> int:
    say(f"Fetching {url}...")
    with (
        fetch_errors(),
        SESSION.get(url, stream=True, timeout=settings.timeout) as response,
    ):
        body = read_body(response)
    say(f"Fetched {url} with status {response.status_code}")
    return len(body)


def main() -> int:
    options = FetchUrlOptions.parse(__doc__)
    # A session keeps 10 connections to a host where nothing else is said, and throws
    # away what the threads beyond have opened.
    adapter = HTTPAdapter(pool_maxsize=options.max_workers)
    SESSION.mount("http://", adapter)
    SESSION.mount("https://", adapter)
    with ThreadPoolExecutor(max_workers=options.max_workers) as executor:
        # `executor.map` would give up all results after the first failure.
        futures = [executor.submit(fetch_url, url) for url in options.urls]
    return options.report(outcome(future.result) for future in futures)


if __name__ == "__main__":
    run(main)

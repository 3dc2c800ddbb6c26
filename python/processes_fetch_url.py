"""Fetch web pages on a pool of processes, each of which waits for one page at a time.

It works, but costs an interpreter for each page that is waited for; a thread is enough.

In Rust: examples-processes/src/bin/processes-fetch-url.rs
"""

from concurrent.futures import ProcessPoolExecutor

import requests

from tracing import traced
from workloads import (
    FetchUrlOptions,
    adopt,
    check_redirect,
    fetch_errors,
    outcome,
    read_body,
    run,
    say,
    settings,
)

# One session for each process: it keeps connections open.
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
    with ProcessPoolExecutor(
        options.max_workers, initializer=adopt, initargs=(settings,)
    ) as executor:
        # `executor.map` would give up all results after the first failure.
        futures = [executor.submit(fetch_url, url) for url in options.urls]
    return options.report(outcome(future.result) for future in futures)


if __name__ == "__main__":
    run(main)

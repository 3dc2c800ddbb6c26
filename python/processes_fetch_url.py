"""Fetch web pages on a pool of processes, each of which waits for one answer at a time.

It works, but each page that is waited for costs an interpreter; a thread is enough.

In Rust: examples-processes/src/bin/processes-fetch-url.rs
"""

from concurrent.futures import ProcessPoolExecutor

import requests

from options import FetchUrlOptions
from tracing import traced
from workloads import adopt, read_body, returns_errors, run, say, settings

# One session for each process: it keeps connections open.
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
    # A worker that is not forked starts with the default settings: `adopt` sets them.
    with ProcessPoolExecutor(
        max_workers=options.max_workers, initializer=adopt, initargs=(settings,)
    ) as executor:
        results = executor.map(fetch_url, options.urls)
    return options.report(results)


if __name__ == "__main__":
    run(main)

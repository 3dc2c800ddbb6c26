"""Fetch web pages on any number of machines, which take addresses from a queue.

Without `--server` this starts a server and workers of its own.

In Rust: examples-machines/src/bin/machines-fetch-url.rs
"""

import requests

from job_queue import JobQueue, worker_entry
from options import FetchUrlOptions, http_url
from tracing import traced
from workloads import FetchError, read_body, returns_errors, run, say, settings

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
    # A worker is this same program, started with --worker, here or on another machine.
    worker_entry(fetch_url, raises=FetchError, check=http_url)
    options = FetchUrlOptions.parse(__doc__, has_machines=True)
    with JobQueue(options.machines, options.max_workers) as queue:
        results = queue.map(fetch_url, options.urls)
    return options.report(results)


if __name__ == "__main__":
    run(main)

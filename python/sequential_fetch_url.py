"""Fetch web pages one after another: the plain loop every model is measured against.

In Rust: examples-sequential/src/bin/sequential-fetch-url.rs
"""

import requests

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
    results = [fetch_url(url) for url in options.urls]
    return options.report(results)


if __name__ == "__main__":
    run(main)

"""Fetch photos and shrink them on any number of machines, which send the thumbnails back.

Without `--server` this starts a server and workers of its own.

In Rust: examples-machines/thumbnails/src/bin/machines-thumbnails.rs
"""

import requests

from job_queue import JobQueue, worker_entry
from options import ThumbnailsOptions, check_photo
from thumbnail import Thumbnail, shrink
from tracing import traced
from workloads import (
    FetchError,
    Photo,
    ShrinkError,
    read_body,
    returns_errors,
    run,
    say,
    settings,
)

# One session for each process: it keeps connections open.
SESSION = requests.Session()


@returns_errors
@traced
def make_thumbnail(photo: Photo) -> Thumbnail:
    url, size = photo
    say(f"Fetching {url}...")
    with SESSION.get(url, stream=True, timeout=settings.timeout) as response:
        response.raise_for_status()
        body = read_body(response)
    thumbnail = shrink(body, size)
    say(f"Shrunk {url} to {thumbnail}")
    return thumbnail


def main() -> int:
    # A worker is this same program, started with --worker, here or on another machine.
    errors = {"Fetch": FetchError, "Shrink": ShrinkError}
    worker_entry(make_thumbnail, raises=errors, check=check_photo)
    options = ThumbnailsOptions.parse(__doc__, has_machines=True)
    with JobQueue(options.machines, options.max_workers) as queue:
        results = queue.map(make_thumbnail, options.photos)
    return options.report(results)


if __name__ == "__main__":
    run(main)

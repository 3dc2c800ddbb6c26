"""Fetch photos and shrink them on a pool of threads.

Pillow gives up the GIL while it decodes and shrinks, so threads use every core here. A
loop in Python would keep it.

In Rust: examples-threads/thumbnails/src/bin/threads-thumbnails.rs
"""

from concurrent.futures import ThreadPoolExecutor

import requests
from requests.adapters import HTTPAdapter

from options import ThumbnailsOptions
from thumbnail import Thumbnail, shrink
from tracing import traced
from workloads import Photo, read_body, returns_errors, run, say, settings

# One session for the whole program: it keeps connections open.
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
    options = ThumbnailsOptions.parse(__doc__)
    # A session keeps 10 connections to a host open. With more threads it would open new
    # ones again and again.
    adapter = HTTPAdapter(pool_maxsize=options.max_workers)
    SESSION.mount("http://", adapter)
    SESSION.mount("https://", adapter)
    with ThreadPoolExecutor(max_workers=options.max_workers) as executor:
        results = executor.map(make_thumbnail, options.photos)
    return options.report(results)


if __name__ == "__main__":
    run(main)

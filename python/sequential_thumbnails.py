"""Fetch photos and shrink them, one after another: the plain loop every model is
measured against.

In Rust: examples-sequential/thumbnails/src/bin/sequential-thumbnails.rs
"""

import requests

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
    results = [make_thumbnail(photo) for photo in options.photos]
    return options.report(results)


if __name__ == "__main__":
    run(main)

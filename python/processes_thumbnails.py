"""Fetch photos and shrink them on a pool of processes, which send the thumbnails back.

It works, but each photo that is waited for costs an interpreter, and each thumbnail is
pickled. As Pillow gives up the GIL, threads are enough.

In Rust: examples-processes/thumbnails/src/bin/processes-thumbnails.rs
"""

from concurrent.futures import ProcessPoolExecutor

import requests

from options import ThumbnailsOptions
from thumbnail import Thumbnail, shrink
from tracing import traced
from workloads import Photo, adopt, read_body, returns_errors, run, say, settings

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
    options = ThumbnailsOptions.parse(__doc__)
    # A worker that is not forked starts with the default settings: `adopt` sets them.
    with ProcessPoolExecutor(
        max_workers=options.max_workers, initializer=adopt, initargs=(settings,)
    ) as executor:
        results = executor.map(make_thumbnail, options.photos)
    return options.report(results)


if __name__ == "__main__":
    run(main)

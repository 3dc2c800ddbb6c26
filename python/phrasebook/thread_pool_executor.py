"""`ThreadPoolExecutor`: fetch three web pages at the same time on a pool of threads.

In Rust: phrasebook/http/examples/thread-pool-executor.rs
"""

from concurrent.futures import ThreadPoolExecutor
from urllib.request import urlopen


def fetch_url(url: str) -> int:
    with urlopen(url) as response:
        return len(response.read())


def main() -> None:
    urls = [
        "https://www.python.org/",
        "https://www.djangoproject.com/",
        "https://flask.palletsprojects.com/",
    ]
    with ThreadPoolExecutor(max_workers=5) as executor:
        for url, length in zip(urls, executor.map(fetch_url, urls)):
            print(f"URL: {url}, Length: {length}")


if __name__ == "__main__":
    main()

"""Timeout for a program: kill it if it has not ended in time.

In Rust: phrasebook/std/examples/subprocess-timeout.rs
"""

import subprocess
import sys


def main() -> None:
    quick = [sys.executable, "-c", "pass"]
    if subprocess.run(quick, timeout=10).returncode == 0:
        print("quick: success")
    slow = [sys.executable, "-c", "import time; time.sleep(3600)"]
    timeout = 0.02
    try:
        subprocess.run(slow, timeout=timeout)
    except subprocess.TimeoutExpired:
        print(f"slow: killed after {timeout * 1000:.0f} ms")


main()

"""Run a program, but give it only so long.

In Rust: phrasebook/std/examples/subprocess-timeout.rs
"""

import subprocess
import sys


def main() -> None:
    quick = [sys.executable, "-c", "pass"]
    if subprocess.run(quick, timeout=10).returncode == 0:
        print("quick: success")
    slow = [sys.executable, "-c", "import time; time.sleep(3600)"]
    moment = 0.02
    try:
        subprocess.run(slow, timeout=moment)
    except subprocess.TimeoutExpired:
        print(f"slow: killed after {moment * 1000:.0f} ms")


main()

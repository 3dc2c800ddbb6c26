"""Run a program, but give it only so long.

In Rust: examples-processes/examples/subprocess-timeout.rs
"""

import subprocess
import sys


def main() -> None:
    quick = [sys.executable, "-c", "pass"]
    if subprocess.run(quick, timeout=10).returncode == 0:
        print("quick: success")
    slow = [sys.executable, "-c", "import time; time.sleep(3600)"]
    try:
        subprocess.run(slow, timeout=0.02)
    except subprocess.TimeoutExpired as late:
        print(f"slow: killed after {late.timeout * 1000:.0f} ms")


main()

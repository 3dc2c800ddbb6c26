"""Process group: send a signal to a program, or kill it with all that it has started.

In Rust: phrasebook/rustix/examples/process-group.rs
"""

import os
import signal
from subprocess import PIPE, Popen

# It starts `cat` as its child, which sends back what it gets.
SHELL = ["sh", "-c", "cat; exit"]


def answers(child: Popen[bytes]) -> bool:
    try:
        child.stdin.write(b"hello")
        child.stdin.flush()
    except BrokenPipeError:
        return False
    return child.stdout.read(5) == b"hello"


def main() -> None:
    with Popen(SHELL, stdin=PIPE, stdout=PIPE) as child:
        child.send_signal(signal.SIGTERM)
    print(f"SIGTERM: the program was ended by signal {-child.returncode}")

    # Or `start_new_session=True`: the program also leaves the terminal.
    with Popen(SHELL, stdin=PIPE, stdout=PIPE, bufsize=0, process_group=0) as child:
        assert answers(child)
        os.killpg(child.pid, signal.SIGKILL)
        if not answers(child):
            print("SIGKILL to the group: the program's child does not answer")

    # Wrong: only the shell is killed.
    with Popen(SHELL, stdin=PIPE, stdout=PIPE, bufsize=0) as child:
        assert answers(child)
        child.kill()
        if answers(child):
            print("trap: the program is killed, its child still answers")


main()

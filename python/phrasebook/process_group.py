"""Process group: send a signal to a program, or kill it with all that it has started.

In Rust: phrasebook/rustix/examples/process-group.rs
"""

import os
import signal
from subprocess import PIPE, Popen

# A program with a child: a shell that starts `cat`, which sends back what it gets.
SHELL = ["sh", "-c", "cat; exit"]


def child_answers(program: Popen[bytes]) -> bool:
    try:
        program.stdin.write(b"hello")
        program.stdin.flush()
    except BrokenPipeError:
        return False
    return program.stdout.read(5) == b"hello"


def main() -> None:
    with Popen(SHELL, stdin=PIPE, stdout=PIPE) as program:
        program.send_signal(signal.SIGTERM)
    print(f"SIGTERM: the program was ended by signal {-program.returncode}")

    # Or `start_new_session=True`: the program also leaves the terminal.
    with Popen(SHELL, stdin=PIPE, stdout=PIPE, bufsize=0, process_group=0) as program:
        assert child_answers(program)
        os.killpg(program.pid, signal.SIGKILL)
        if not child_answers(program):
            print("SIGKILL to the group: the program's child does not answer")

    # Wrong: only the shell is killed.
    with Popen(SHELL, stdin=PIPE, stdout=PIPE, bufsize=0) as program:
        assert child_answers(program)
        program.kill()
        if child_answers(program):
            print("trap: the program is killed, its child still answers")


main()

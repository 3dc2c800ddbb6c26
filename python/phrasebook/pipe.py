"""Pipe between two processes: one asks, the other answers, until the pipe is closed.

In Rust: phrasebook/std/examples/pipe.rs
"""

from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection


def multiply(questions: Connection, answers: Connection) -> None:
    while (question := questions.recv()) is not None:
        a, b = question
        answers.send(a * b)


def main() -> None:
    asked, questions = Pipe(duplex=False)
    answers, answered = Pipe(duplex=False)
    child = Process(target=multiply, args=(asked, answered))
    child.start()
    answered.close()  # The child has its own.
    for a, b in [(6, 7), (3, 5)]:
        questions.send((a, b))
        print(f"{a} times {b} is {answers.recv()}")
    questions.send(None)  # Not `close`: a forked child has a copy of our end, too.
    try:
        answers.recv()
    except EOFError:
        print("the child has closed its end")
    child.join()


if __name__ == "__main__":
    main()

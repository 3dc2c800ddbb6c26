"""Two processes talk through pipes: a question, an answer, and so on until one hangs up.

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
    # Closing would not do: a forked child has a copy of our end too.
    questions.send(None)
    try:
        answers.recv()
    except EOFError:
        print("the child has hung up")
    child.join()


if __name__ == "__main__":
    main()

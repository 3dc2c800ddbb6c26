"""Shell command: run a line with pipes, `*` and `$HOME`, as with `shell=True`.

In Rust: phrasebook/std/examples/subprocess-shell.rs
"""

import shlex
import subprocess


def main() -> None:
    first = subprocess.getoutput("printf 'soup\npie\nstew\n' | sort | head -n 1")
    print(f"the first of the sorted dishes: {first}")

    code, text = subprocess.getstatusoutput("echo no soup today >&2; exit 3")
    print(f"exit code {code}, output: {text}")

    name = "Ada; echo goodbye"  # A user has typed this.
    line = f"echo hello {shlex.quote(name)}"
    done = subprocess.run(line, shell=True, capture_output=True, text=True)
    print(f"as an argument: {done.stdout}", end="")

    # Wrong: the name becomes a part of the program.
    text = subprocess.getoutput(f"echo hello {name}")
    text = text.replace("\n", ", ")
    print(f"trap: in the line, a part of the name is run as a command: {text}")


main()

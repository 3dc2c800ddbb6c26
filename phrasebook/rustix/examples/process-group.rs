//! Process group: send a signal to a program, or kill it with all that it has started.
//!
//! - **Python:** `Popen(process_group=0)`, `Popen(start_new_session=True)`, `os.killpg`,
//!   `os.kill`, `Popen.send_signal`, `Popen.terminate`
//! - **Rust:** `CommandExt::process_group(0)`; rustix: `kill_process_group`,
//!   `kill_process`; a new session: none in stable std, start the program through `setsid`
//! - **Needs:** `cargo add rustix -F process`
//! - **Platforms:** Unix
//!
//! ```console
//! $ cargo run --example process-group
//! SIGTERM: the program was ended by signal 15
//! SIGKILL to the group: the program's child does not answer
//! trap: the program is killed, its child still answers
//! ```
//!
//! **Trap:** as in Python, `kill` ends one process: its children run on, and hold its
//! pipes open. A group of its own also keeps Ctrl-C of the terminal away. Unlike
//! `Popen.send_signal`, `kill_process` takes a process number: call it before `wait`,
//! after which another process may have that number.
//!
//! Neighbours: `popen`, `keyboard-interrupt`, `subprocess-timeout`,
//! `async-subprocess-kill`.

#[cfg(unix)]
fn main() -> std::io::Result<()> {
    use std::io::{Read, Write};
    use std::os::unix::process::{CommandExt, ExitStatusExt};
    use std::process::{Child, Command, Stdio};

    use rustix::process::{Pid, Signal, kill_process, kill_process_group};

    /// A program with a child: a shell that starts `cat`, which sends back what it gets.
    /// Without `exit` after it, `cat` could take the place of the shell.
    fn shell() -> Command {
        let mut shell = Command::new("sh");
        shell.args(["-c", "cat; exit"]);
        shell.stdin(Stdio::piped()).stdout(Stdio::piped());
        shell
    }

    /// Whether `cat` sends something back.
    fn child_answers(program: &mut Child) -> bool {
        let input = program.stdin.as_mut().expect("stdin is a pipe");
        let output = program.stdout.as_mut().expect("stdout is a pipe");
        let _ = input.write_all(b"hello"); // It fails if nothing can read it.
        output.read_exact(&mut [0; 5]).is_ok()
    }

    let mut program = shell().spawn()?;
    kill_process(Pid::from_child(&program), Signal::TERM)?;
    let status = program.wait()?; // It also closes the input, at which `cat` ends.
    let signal = status.signal().unwrap_or(0);
    println!("SIGTERM: the program was ended by signal {signal}");

    let mut program = shell().process_group(0).spawn()?;
    assert!(child_answers(&mut program), "the shell has started `cat`");
    kill_process_group(Pid::from_child(&program), Signal::KILL)?;
    if !child_answers(&mut program) {
        println!("SIGKILL to the group: the program's child does not answer");
    }
    program.wait()?;

    // Wrong: only the shell is killed.
    let mut program = shell().spawn()?;
    assert!(child_answers(&mut program), "the shell has started `cat`");
    program.kill()?;
    if child_answers(&mut program) {
        println!("trap: the program is killed, its child still answers");
    }
    program.wait()?;
    Ok(())
}

#[cfg(not(unix))]
fn main() {
    println!("Only Unix has process groups and signals; Windows has job objects.");
}

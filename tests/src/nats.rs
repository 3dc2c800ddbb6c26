//! A NATS server for a test: on a free port of the loopback interface, with a store of its own.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

use serde_json::{Value, json};

use crate::{DEADLINE, Program, Running, eventually, left_out};

/// The configuration if a test gives none: one user.
const ONE_USER: &str = "authorization: { user: test, password: secret }";

/// A server. When this is dropped it is killed, and its files are removed.
pub struct NatsServer {
    process: Running,
    folder: PathBuf,
    /// Where it listens: `nats://127.0.0.1:PORT`.
    address: String,
}

impl NatsServer {
    /// Starts the server that `NATS_SERVER` names, or the one on the `PATH`. If there is none,
    /// this prints that and returns `None`. With `REQUIRE_NATS` it panics instead.
    pub fn start() -> Option<Self> {
        Self::with(ONE_USER)
    }

    /// Starts one with a configuration, which must have a user `test` with the password
    /// `secret`: this module connects as that user.
    pub fn with(configuration: &str) -> Option<Self> {
        Self::new(configuration, "1GB")
    }

    /// Starts one that stores no more than this, for instance `4MB`.
    pub fn with_room_for(size: &str) -> Option<Self> {
        Self::new(ONE_USER, size)
    }

    fn new(configuration: &str, room: &str) -> Option<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("nats-{}-{}", process::id(), COUNT.fetch_add(1, Relaxed));
        let folder = env::temp_dir().join(name);
        fs::create_dir(&folder).expect("a folder for the store");
        // They stand in the configuration, because a new configuration replaces options of the
        // command line.
        let store = folder.join("store");
        let jetstream = format!(
            "jetstream: {{ store_dir: {store:?}, max_file_store: {room} }}\n\
             include \"configuration\"\n"
        );
        fs::write(folder.join("jetstream"), jetstream).expect("a file in it");
        fs::write(folder.join("configuration"), configuration).expect("another file");
        let (process, address) = match launch(&folder, "-1") {
            Ok(launched) => launched,
            Err(error) => {
                let _ = fs::remove_dir_all(&folder);
                let is_missing = error.kind() == ErrorKind::NotFound;
                assert!(is_missing, "nats-server does not start: {error}");
                let how = "apt install nats-server (into /usr/sbin), or brew install nats-server";
                left_out("nats-server", how, "REQUIRE_NATS");
                return None;
            }
        };
        Some(NatsServer {
            process,
            folder,
            address,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its address with a user and a password. If this is an argument, all users of the machine
    /// can read it; [`Program::at`] hides it.
    pub fn url(&self) -> String {
        self.address.replace("//", "//test:secret@")
    }

    /// Its process, as a folder of `/proc`.
    pub fn process(&self) -> PathBuf {
        Path::new("/proc").join(self.process.child.id().to_string())
    }

    /// Sends it a signal.
    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        self.process.signal(name);
    }

    /// Gives it another configuration, while it runs.
    #[cfg(unix)]
    pub fn configure(&self, configuration: &str) {
        let file = self.folder.join("configuration");
        fs::write(file, configuration).expect("it has been written before");
        self.signal("HUP");
    }

    /// How many jobs, results, and keys of runs the server still has.
    fn remains(&self) -> [usize; 3] {
        [
            self.messages("jobs"),
            self.messages("results"),
            self.runs().len(),
        ]
    }

    /// Waits until nothing is left of any run.
    pub fn wait_until_empty(&self) {
        let start = Instant::now();
        while self.remains() != [0; 3] {
            assert!(
                start.elapsed() < DEADLINE,
                "runs are left: {:?} {:?} {:?}",
                self.subjects("jobs"),
                self.subjects("results"),
                self.runs()
            );
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// How many messages a stream has. 0 if there is no stream.
    pub fn messages(&self, stream: &str) -> usize {
        let info = self.ask(&format!("$JS.API.STREAM.INFO.{stream}"), &json!({}));
        info["state"]["messages"].as_u64().unwrap_or(0) as usize
    }

    /// How many messages a stream has taken since it was made.
    pub fn messages_ever(&self, stream: &str) -> usize {
        let info = self.ask(&format!("$JS.API.STREAM.INFO.{stream}"), &json!({}));
        info["state"]["last_seq"].as_u64().unwrap_or(0) as usize
    }

    /// The subjects of the messages that a stream has.
    pub fn subjects(&self, stream: &str) -> Vec<String> {
        let subject = format!("$JS.API.STREAM.INFO.{stream}");
        let info = self.ask(&subject, &json!({"subjects_filter": ">"}));
        let subjects = info["state"]["subjects"].as_object();
        subjects
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// The runs that have not ended.
    pub fn runs(&self) -> Vec<String> {
        let is_live = |key: &String| {
            let question = json!({"last_by_subj": key});
            let entry = self.ask("$JS.API.STREAM.MSG.GET.KV_runs", &question);
            // If a key was deleted, only a mark without data is left.
            entry["message"]["data"].is_string()
        };
        let keys = self.subjects("KV_runs").into_iter().filter(is_live);
        keys.filter_map(|key| Some(key.strip_prefix("$KV.runs.")?.to_owned()))
            .collect()
    }

    /// Waits until there is one run, and returns its name.
    pub fn wait_for_run(&self) -> String {
        eventually("a run", || !self.runs().is_empty());
        self.runs().remove(0)
    }

    /// Sends a request to the server. The answer is JSON.
    pub fn ask(&self, subject: &str, question: &Value) -> Value {
        self.request(subject, question.to_string().as_bytes())
    }

    /// Deletes the last message of a subject.
    pub fn delete_last(&self, stream: &str, subject: &str) {
        let question = json!({"last_by_subj": subject});
        let found = self.ask(&format!("$JS.API.STREAM.MSG.GET.{stream}"), &question);
        let number = json!({"seq": found["message"]["seq"]});
        let deleted = self.ask(&format!("$JS.API.STREAM.MSG.DELETE.{stream}"), &number);
        assert_eq!(deleted["success"], true, "{found} {deleted}");
    }

    /// Lets a stream store a message. Returns the answer of the server.
    pub fn store(&self, subject: &str, message: impl AsRef<[u8]>) -> Value {
        self.request(subject, message.as_ref())
    }

    fn request(&self, subject: &str, message: &[u8]) -> Value {
        let mut connection = Connection::new(&self.address);
        connection.write("SUB answers 1\r\n");
        connection.publish(subject, "answers", message);
        connection.answer()
    }

    /// Publishes any message, also one that the queue would not send.
    pub fn publish(&self, subject: &str, message: impl AsRef<[u8]>) {
        let mut connection = Connection::new(&self.address);
        connection.publish(subject, "", message.as_ref());
        connection.write("PING\r\n");
        connection.line_with("PONG");
    }

    /// Requests the next message of a consumer, and waits for it until the returned value is
    /// dropped.
    pub fn wait_at(&self, subject: &str) -> impl Drop + use<> {
        struct Waiting(Connection);
        impl Drop for Waiting {
            fn drop(&mut self) {
                self.0.write("UNSUB 1\r\n");
            }
        }
        let mut connection = Connection::new(&self.address);
        connection.write("SUB answers 1\r\n");
        connection.publish(subject, "answers", b"");
        connection.write("PING\r\n");
        connection.line_with("PONG");
        Waiting(connection)
    }

    /// Kills it. Its store and its port stay for a [`restart`](Self::restart).
    pub fn kill(&mut self) {
        let _ = self.process.child.kill();
        self.process.wait("a killed nats-server");
    }

    /// Starts it again, on the same port and with the same store. If it still runs, it is
    /// killed first.
    pub fn restart(&mut self) {
        self.kill();
        let (_, port) = self.address.rsplit_once(':').expect("it has a port");
        (self.process, _) = launch(&self.folder, port).expect("it has started once");
    }
}

impl Program {
    /// Gives a program the address of a server as an argument, and the password in its
    /// environment.
    pub fn at(self, server: &NatsServer) -> Program {
        self.args(["--server", server.address()])
            .env("NATS_USER", "test")
            .env("NATS_PASSWORD", "secret")
    }
}

/// A connection to a server, on which this module writes and reads NATS's protocol itself.
struct Connection(BufReader<TcpStream>);

impl Connection {
    fn new(address: &str) -> Connection {
        let (_, address) = address.rsplit_once('/').expect("an address");
        let stream = TcpStream::connect(address).expect("a connection");
        let limited = stream.set_read_timeout(Some(DEADLINE));
        limited.expect("reading can be limited");
        let mut connection = Connection(BufReader::new(stream));
        connection.write(
            "CONNECT {\"user\":\"test\",\"pass\":\"secret\",\"verbose\":false}\r\n",
        );
        connection
    }

    fn publish(&mut self, subject: &str, answers_to: &str, message: &[u8]) {
        let mut start = format!("PUB {subject} ");
        if !answers_to.is_empty() {
            let _ = write!(start, "{answers_to} ");
        }
        self.write(format!("{start}{}\r\n", message.len()));
        self.write(message);
        self.write("\r\n");
    }

    fn write(&mut self, bytes: impl AsRef<[u8]>) {
        let sent = self.0.get_mut().write_all(bytes.as_ref());
        sent.expect("the server listens");
    }

    /// Reads up to a line that begins with `start`.
    fn line_with(&mut self, start: &str) -> String {
        loop {
            let mut line = String::new();
            let length = self.0.read_line(&mut line).expect("the server answers");
            assert_ne!(length, 0, "the server has closed the connection");
            assert!(!line.starts_with("-ERR"), "{line}");
            if line.starts_with(start) {
                return line;
            }
        }
    }

    /// The message that comes next.
    fn answer(&mut self) -> Value {
        let line = self.line_with("MSG");
        let length = line.split_whitespace().next_back();
        let length = length.and_then(|length| length.parse().ok());
        let mut bytes = vec![0; length.expect("a message has a length")];
        self.0.read_exact(&mut bytes).expect("a whole message");
        serde_json::from_slice(&bytes).expect("it is JSON")
    }
}

/// Whether there is no server to start. If so, this prints it.
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
        .args(["--addr", "127.0.0.1", "--port", port])
        .arg("--config")
        .arg(folder.join("jetstream"))
        .arg("--ports_file_dir")
        .arg(folder)
        .arg("--log")
        .arg(&log)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let mut process = Running { child };
    // The name of the file has the server's process id, so a file of an earlier server is not
    // read.
    let end = format!("_{}.ports", process.child.id());
    let start = Instant::now();
    loop {
        let is_ports =
            |path: &PathBuf| path.to_str().is_some_and(|path| path.ends_with(&end));
        let mut files = fs::read_dir(folder)?.flatten().map(|file| file.path());
        let text = files.find(is_ports).map(fs::read).transpose()?;
        // It may not be complete yet.
        if let Some(Ok(ports)) = text.map(|text| serde_json::from_slice::<Value>(&text))
            // With TLS the address has another name.
            && let Some(address) = ["nats", "tls"]
                .iter()
                .find_map(|scheme| ports[scheme][0].as_str())
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

/// What can happen to its store.
impl NatsServer {
    /// Copies the store as it is at this moment.
    #[cfg(unix)]
    pub fn copy_store(&self) {
        self.signal("STOP");
        copy(&self.folder.join("store"), &self.folder.join("copy"));
        self.signal("CONT");
    }

    /// Starts it again with the copy of the store, as after a power cut.
    #[cfg(unix)]
    pub fn restart_with_copy(&mut self) {
        self.kill();
        let store = self.folder.join("store");
        fs::remove_dir_all(&store).expect("it has a store");
        copy(&self.folder.join("copy"), &store);
        self.restart();
    }

    /// Deletes the messages of a stream that have a matching subject.
    pub fn purge(&self, stream: &str, subjects: &str) {
        let filter = json!({"filter": subjects});
        let answer = self.ask(&format!("$JS.API.STREAM.PURGE.{stream}"), &filter);
        assert_eq!(answer["success"], true, "{answer}");
    }

    /// Deletes all streams that the queue has made.
    pub fn delete_streams(&self) {
        for stream in ["jobs", "results", "KV_runs"] {
            let subject = format!("$JS.API.STREAM.DELETE.{stream}");
            let answer = self.ask(&subject, &json!({}));
            assert_eq!(answer["success"], true, "{answer}");
        }
    }
}

#[cfg(unix)]
fn copy(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-a").args([from, to]).status();
    assert!(status.expect("there is cp").success());
}

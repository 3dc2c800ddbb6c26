//! What the job queue prints and does when something is wrong at the server: the server is
//! full, forbids something or requires a login, or another program publishes invalid messages.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use ciborium::{Value, cbor};
use data_encoding::BASE64URL_NOPAD;
use nkeys::KeyPair;
use serde_json::json;
use tests::fixtures::Authority;
use tests::machines::{Diary, Output};
use tests::nats::NatsServer;
use tests::{Program, children, eventually};

use crate::machines::{all_done, assert_starts, lines, probe, quick, worker};

/// The name of `queue-probe`'s function in subjects.
const PROBE: &str = "queue_probe-probe";

/// How servers of different versions say that there is no room.
const NO_ROOM: [&str; 3] = [
    "insufficient resources",
    "insufficient storage resources",
    "maximum bytes exceeded",
];

/// Stores something until there is no room for more.
fn fill(server: &NatsServer) {
    let ballast = json!({"name": "ballast", "subjects": ["ballast"], "storage": "file"});
    let made = server.ask("$JS.API.STREAM.CREATE.ballast", &ballast);
    assert!(made["error"].is_null(), "{made}");
    while server.store("ballast", vec![0; 200_000])["error"].is_null() {}
}

fn make_room(server: &NatsServer) {
    let deleted = server.ask("$JS.API.STREAM.DELETE.ballast", &json!({}));
    assert_eq!(deleted["success"], true, "{deleted}");
}

fn assert_no_room(text: &str) {
    assert!(NO_ROOM.iter().any(|words| text.contains(words)), "{text}");
}

#[test]
fn that_a_server_is_full_is_said_and_nothing_is_lost() {
    let Some(server) = NatsServer::with_room_for("4MB") else {
        return;
    };
    let diary = Diary::new();
    let worker = worker("queue-probe", &server, 1);
    let program = probe(&server).args(["--repeat", "20"]);
    let mut submitter = program.arg(diary.sleep(100)).start();
    let submitter_says = Output::of(submitter.child.stderr.take());
    let waiting = probe(&server).args(["--wait", "2", "--repeat", "20"]);
    let waiting = waiting.arg(diary.sleep(100)).start();
    diary.wait_for("begin", 6);
    assert_eq!(server.runs().len(), 2);
    fill(&server);
    for says in [&worker.stderr, &submitter_says] {
        says.wait_for(" is not stored: ");
        assert_no_room(&says.text());
    }
    let finished = waiting.finish("a submitter that waits 2 s");
    assert_eq!(finished.status.code(), Some(1));
    let last = lines(&finished)[19];
    assert!(
        last.starts_with("19: failed: nothing came within 2 s (--wait): "),
        "{last}"
    );
    assert_no_room(last);
    let finished = probe(&server).arg("sleep:1").expect(1);
    assert_no_room(&finished.stderr);
    make_room(&server);
    let stdout = Output::of(submitter.child.stdout.take());
    submitter.wait("a submitter");
    let stdout = stdout.whole();
    assert_eq!(Vec::from_iter(stdout.lines()), all_done(20));
}

/// A configuration with another user beside the one of the test. That user may not publish
/// everything.
fn users(user: &str, password: &str, may_not_publish: &str) -> String {
    format!(
        "authorization: {{ users: [
            {{ user: test, password: secret }},
            {{ user: {user}, password: {password},
               permissions: {{ publish: {{ deny: \"{may_not_publish}\" }} }} }} ] }}"
    )
}

fn as_user(program: Program, user: &str, password: &str) -> Program {
    let program = program.env("NATS_USER", user);
    program.env("NATS_PASSWORD", password)
}

#[test]
fn a_submitter_that_may_not_publish_says_so() {
    let Some(server) = NatsServer::with(&users("guest", "pass", "jobs.>")) else {
        return;
    };
    let _worker = worker("queue-probe", &server, 1);
    let guest = || as_user(probe(&server), "guest", "pass");
    let finished = guest().args(["--wait", "2", "sleep:1"]).expect(1);
    let expected = "0: failed: nothing came within 2 s (--wait): ";
    assert_starts(&lines(&finished), &[expected]);
    for text in [&finished.stdout, &finished.stderr] {
        let text = text.to_lowercase();
        assert!(text.contains("permissions violation for publish"), "{text}");
    }
    let mut submitter = guest().arg("sleep:1").start();
    let stderr = Output::of(submitter.child.stderr.take());
    stderr.wait_for("note: the server: ");
    server.configure(&users("guest", "pass", "nothing"));
    assert_eq!(submitter.wait("a submitter").code(), Some(0));
}

#[test]
fn the_permissions_that_the_readme_lists_are_enough() {
    let user = |name: &str, publish: &str, subscribe: &str| {
        format!(
            "{{ user: {name}, password: pass, permissions: {{ \
                publish: [{publish}], subscribe: [{subscribe}] }} }}"
        )
    };
    let users = [
        "{ user: test, password: secret }".to_owned(),
        user(
            "submitter",
            r#""jobs.>", "results.>", "$KV.runs.>", "$JS.ACK.>", "$JS.API.>""#,
            r#""_INBOX.>", "working.>""#,
        ),
        user(
            "worker",
            r#""results.>", "working.>", "$JS.ACK.>", "$JS.API.>""#,
            r#""_INBOX.>""#,
        ),
    ];
    let users = format!("authorization: {{ users: [ {} ] }}", users.join(", "));
    let Some(server) = NatsServer::with(&users) else {
        return;
    };
    let worker = as_user(quick("queue-probe").at(&server), "worker", "pass");
    let mut worker = worker.args(["--worker", "--max-workers", "2"]).start();
    let said = Output::of(worker.child.stderr.take());
    let submitter = as_user(probe(&server), "submitter", "pass");
    let finished = submitter.args(["--repeat", "100", "sleep:10"]).expect(0);
    assert_eq!(lines(&finished), all_done(100));
    assert_eq!(finished.stderr, "");
    server.wait_until_empty();
    worker.signal("TERM");
    worker.wait("a worker that was told to end");
    let stderr = said.whole();
    let is_log = |line: &&str| line.starts_with("note: runs: ");
    let rest: Vec<_> = stderr
        .lines()
        .skip(1)
        .filter(|line| !is_log(line))
        .collect();
    assert!(rest.is_empty(), "{rest:?}");
}

#[test]
fn a_worker_that_may_not_publish_says_so_and_keeps_the_result() {
    let Some(server) = NatsServer::with(&users("guest", "pass", "results.>")) else {
        return;
    };
    let diary = Diary::new();
    let guest = as_user(quick("queue-probe").at(&server), "guest", "pass");
    let guest = guest.args(["--worker", "--max-workers", "1"]);
    let mut guest = guest.start();
    let stderr = Output::of(guest.child.stderr.take());
    let submitter = probe(&server).arg(diary.sleep(1)).start();
    stderr.wait_for("note: the server: ");
    let said = stderr.text().to_lowercase();
    assert!(said.contains("permissions violation for publish"), "{said}");
    // This is longer than an acknowledgement may take.
    thread::sleep(Duration::from_secs(4));
    server.configure(&users("guest", "pass", "nothing"));
    assert_eq!(lines(&submitter.finish("a submitter")), all_done(1));
    assert_eq!(diary.count("begin"), 1);
}

#[test]
fn what_is_too_long_for_the_server_fails_alone() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let _worker = worker("queue-probe", &server, 1);
    // The server takes messages of 1,048,576 bytes. A job has 13 bytes beside its text, a
    // result 20.
    let jobs = [
        "length*1048563",
        "length*1048564",
        "long:1048556",
        "long:1048557",
    ];
    let finished = probe(&server).args(jobs).arg("length:ab").expect(1);
    let expected = [
        "0: 1048563",
        "1: failed: the server takes no job of more than 1048576 bytes",
        "2: 1048556 bytes",
        "3: failed: its result takes 1048577 bytes, and the server takes no more than 1048576",
        "4: 2",
    ];
    assert_eq!(lines(&finished), expected, "{finished:?}");
    server.wait_until_empty();
}

#[test]
fn a_server_that_cannot_be_used_is_an_error() {
    let page = |server: &str| {
        Program::new("machines-heavy-calculation").args(["--server", server])
    };
    let finished = page("nats://127.0.0.1:1").expect(1);
    let expected = "Error: cannot connect to nats://127.0.0.1:1: ";
    assert!(finished.stderr.starts_with(expected), "{}", finished.stderr);
    for wrong in ["http://127.0.0.1:1", "nats:", "127.0.0.1:4222", ""] {
        let finished = page(wrong).expect(2);
        assert!(
            finished.stderr.contains("--server <URL>"),
            "{}",
            finished.stderr
        );
    }
    let both = page("nats://127.0.0.1:1")
        .args(["--max-workers", "2"])
        .expect(2);
    assert!(both.stderr.contains("--max-workers"), "{}", both.stderr);
    let worker = Program::new("machines-heavy-calculation");
    let finished = worker
        .args(["--worker", "--server", "nats://127.0.0.1:1"])
        .expect(1);
    assert!(
        finished.stderr.starts_with("error: cannot connect to "),
        "{}",
        finished.stderr
    );
    let worker = Program::new("machines-heavy-calculation").arg("--worker");
    let _ = worker.expect(2);
}

#[test]
fn a_wrong_password_is_refused_and_not_printed() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    for role in [&["5"][..], &["--worker"]] {
        let program = Program::new("machines-heavy-calculation").args(role);
        let program = as_user(program.at(&server), "test", "wrong");
        let finished = program.expect(1);
        let stderr = &finished.stderr;
        assert!(stderr.contains("authorization violation"), "{stderr}");
        assert!(!stderr.contains("wrong"), "{stderr}");
    }
}

#[test]
fn a_password_that_is_changed_while_they_run_is_said_and_not_fatal() {
    let Some(server) = NatsServer::with(&users("both", "old", "nothing")) else {
        return;
    };
    let diary = Diary::new();
    let both = |program: Program| as_user(program, "both", "old");
    let worker = both(quick("queue-probe").at(&server)).args(["--worker"]);
    let mut worker = worker.args(["--max-workers", "2"]).start();
    let worker_says = Output::of(worker.child.stderr.take());
    let program = both(probe(&server)).args(["--repeat", "40"]);
    let mut submitter = program.arg(diary.sleep(100)).start();
    let submitter_says = Output::of(submitter.child.stderr.take());
    let waiting = both(probe(&server)).args(["--wait", "3", "--time-limit", "60"]);
    let waiting = waiting.args(["sleep:60000"]).start();
    diary.wait_for("begin", 5);
    server.configure(&users("both", "new", "nothing"));
    for says in [&worker_says, &submitter_says] {
        says.wait_for("authorization violation");
    }
    let finished = waiting.finish("a submitter that waits 3 s");
    assert_eq!(finished.status.code(), Some(1));
    let expected = "0: failed: nothing came within 3 s (--wait): ";
    assert_starts(&lines(&finished), &[expected]);
    assert!(finished.stdout.contains("authorization violation"));
    server.configure(&users("both", "old", "nothing"));
    let stdout = Output::of(submitter.child.stdout.take());
    submitter.wait("a submitter");
    let stdout = stdout.whole();
    assert_eq!(Vec::from_iter(stdout.lines()), all_done(40));
}

#[test]
fn an_address_may_hold_a_token_and_be_one_of_a_list() {
    let Some(server) = NatsServer::with("authorization: { token: t0k3n }") else {
        return;
    };
    let address = server.address();
    let list = format!("nats://127.0.0.1:1,{address}");
    let in_address = list.replace("//127", "//t0k3n@127");
    let program = |address: &str| quick("queue-probe").args(["--server", address]);
    let worker = program(&list).env("NATS_TOKEN", "t0k3n").arg("--worker");
    let _worker = worker.start();
    let by_environment = program(&list).env("NATS_TOKEN", "t0k3n");
    let finished = by_environment.arg("sleep:1").expect(0);
    assert_eq!(finished.stderr, "");
    let finished = program(&in_address).arg("sleep:1").expect(0);
    let note = "note: every user of this machine can read the password in --server; \
                NATS_PASSWORD hides it\n";
    assert_eq!(finished.stderr, note);
    let finished = program(&list).arg("sleep:1").expect(1);
    assert!(finished.stderr.contains("authorization violation"));
}

/// A signed token as NATS has them: the data, its signer and its subject.
fn token(signer: &KeyPair, subject: &KeyPair, nats: &serde_json::Value) -> String {
    let encode =
        |json: &serde_json::Value| BASE64URL_NOPAD.encode(json.to_string().as_bytes());
    let claims = json!({
        "jti": "1", "iat": 1_700_000_000, "iss": signer.public_key(), "name": "test",
        "sub": subject.public_key(), "nats": nats,
    });
    let header = json!({"typ": "JWT", "alg": "ed25519-nkey"});
    let text = format!("{}.{}", encode(&header), encode(&claims));
    let signature = signer.sign(text.as_bytes()).unwrap();
    format!("{text}.{}", BASE64URL_NOPAD.encode(&signature))
}

#[test]
fn a_file_with_credentials_lets_programs_in() {
    let operator = KeyPair::new_operator();
    let [account, system] = [(); 2].map(|()| KeyPair::new_account());
    let user = KeyPair::new_user();
    let its_claims = json!({"type": "operator", "version": 2});
    let operator_token = token(&operator, &operator, &its_claims);
    let limits = json!({
        "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1,
        "wildcards": true, "conn": -1, "leaf": -1, "mem_storage": -1,
        "disk_storage": -1, "streams": -1, "consumer": -1,
    });
    let its_claims = json!({
        "limits": limits, "default_permissions": {"pub": {}, "sub": {}},
        "type": "account", "version": 2,
    });
    let account_token = token(&operator, &account, &its_claims);
    let system_token = token(
        &operator,
        &system,
        &json!({"type": "account", "version": 2}),
    );
    let its_claims = json!({
        "pub": {}, "sub": {}, "subs": -1, "data": -1, "payload": -1,
        "type": "user", "version": 2,
    });
    let user_token = token(&account, &user, &its_claims);
    let configuration = format!(
        "operator: {operator_token}\n\
         resolver: MEMORY\n\
         system_account: {system}\n\
         resolver_preload: {{ {}: {account_token}, {system}: {system_token} }}",
        account.public_key(),
        system = system.public_key(),
    );
    let Some(server) = NatsServer::with(&configuration) else {
        return;
    };
    let folder = Folder::new("creds");
    let file = folder.0.join("user.creds");
    let seed = user.seed().unwrap();
    let credentials = format!(
        "-----BEGIN NATS USER JWT-----\n{user_token}\n------END NATS USER JWT------\n\n\
         -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
    );
    fs::write(&file, credentials).unwrap();
    let program = || {
        let program = quick("queue-probe").args(["--server", server.address()]);
        program.env("NATS_CREDS", &file)
    };
    let _worker = program().arg("--worker").start();
    let finished = program().args(["--repeat", "5", "sleep:1"]).expect(0);
    assert_eq!(lines(&finished), all_done(5), "{finished:?}");
    let finished = program()
        .env("NATS_CREDS", "/none")
        .arg("sleep:1")
        .expect(1);
    let expected = "cannot read NATS_CREDS: /none";
    assert!(finished.stderr.contains(expected), "{finished:?}");
    fs::write(&file, "nonsense").unwrap();
    let finished = program().arg("sleep:1").expect(1);
    assert!(finished.stderr.contains("NATS_CREDS"), "{finished:?}");
}

/// A folder for files of a test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let name = format!("{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_server_with_tls_is_used_with_its_authority_and_a_certificate() {
    let folder = Folder::new("tls");
    let authority = Authority::new("the authority of the test").unwrap();
    let file = |name: &str, text: String| {
        let file = folder.0.join(name);
        fs::write(&file, text).unwrap();
        file
    };
    let ca = file("ca.pem", authority.pem());
    let pair = |name: &str| {
        let (certificate, key) = authority.issue(name).unwrap();
        let certificate = file(&format!("{name}.pem"), certificate);
        (certificate, file(&format!("{name}.key"), key))
    };
    let (certificate, key) = pair("127.0.0.1");
    let (client_certificate, client_key) = pair("client");
    let configuration = |verify: bool| {
        format!(
            "tls: {{ cert_file: {certificate:?}, key_file: {key:?}, ca_file: {ca:?}, \
             verify: {verify} }}"
        )
    };
    let Some(server) = NatsServer::with(&configuration(false)) else {
        return;
    };
    let address = server.address().replace("nats://", "tls://");
    let probe = |address: &str| quick("queue-probe").args(["--server", address]);
    let finished = probe(&address).arg("sleep:1").expect(1);
    let expected = format!("Error: cannot connect to {address}: ");
    assert!(finished.stderr.starts_with(&expected), "{finished:?}");
    let finished = probe(&address)
        .env("NATS_CA", "/none")
        .arg("sleep:1")
        .expect(1);
    assert!(
        finished.stderr.contains("cannot read NATS_CA: /none"),
        "{finished:?}"
    );
    let known = |address: &str| probe(address).env("NATS_CA", &ca);
    let _worker = known(&address).arg("--worker").start();
    let finished = known(&address).args(["--repeat", "5", "sleep:1"]).expect(0);
    assert_eq!(lines(&finished), all_done(5), "{finished:?}");

    let strict = NatsServer::with(&configuration(true)).expect("there is one");
    let address = strict.address().replace("nats://", "tls://");
    let _ = known(&address).arg("sleep:1").expect(1);
    let half = known(&address).env("NATS_CERT", &client_certificate);
    let finished = half.arg("sleep:1").expect(1);
    assert!(
        finished
            .stderr
            .contains("NATS_CERT and NATS_KEY need each other")
    );
    let client = || {
        let program = known(&address).env("NATS_CERT", &client_certificate);
        program.env("NATS_KEY", &client_key)
    };
    let _worker = client().arg("--worker").start();
    let finished = client().args(["--repeat", "5", "sleep:1"]).expect(0);
    assert_eq!(lines(&finished), all_done(5), "{finished:?}");
}

/// The arguments of a process, with spaces between them.
fn command_line(process: &Path) -> String {
    let bytes = fs::read(process.join("cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).replace('\0', " ")
}

/// A process and all that it has started.
fn family(pid: u32) -> Vec<PathBuf> {
    let mut family = vec![PathBuf::from(format!("/proc/{pid}"))];
    for child in children(pid) {
        let pid = child.file_name().unwrap().to_str().unwrap();
        family.extend(self::family(pid.parse().unwrap()));
    }
    family
}

#[test]
fn no_argument_of_any_process_is_a_secret() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let diary = Diary::new();
    let worker = worker("queue-probe", &server, 2);
    let submitter = probe(&server).arg(diary.sleep(60_000)).start();
    // If the user gives the password as an argument, no other process has it in its arguments.
    let careless = quick("queue-probe").args(["--server", &server.url()]);
    let careless = careless.arg("sleep:60000").start();
    let own = quick("queue-probe").arg(diary.sleep(60_000)).start();
    diary.wait_for("begin", 2);
    eventually("three guards and servers", || {
        [&submitter, &careless, &own]
            .iter()
            .all(|program| !children(program.child.id()).is_empty())
    });
    let mut processes = family(worker.host.child.id());
    processes.extend(family(submitter.child.id()));
    processes.extend(children(careless.child.id()));
    let own = family(own.child.id());
    // The worker has a process, each submitter has a guard, and the last program has a server
    // and a process.
    assert!(processes.len() >= 5, "{processes:?}");
    assert!(own.len() >= 3, "{own:?}");
    for process in processes.iter().chain(&own) {
        let line = command_line(process);
        assert!(!line.contains("secret"), "{line}");
        assert!(!line.contains('@') && !line.contains("pass"), "{line}");
    }
    let is_server = |line: &String| line.contains("nats-server ");
    let servers: Vec<_> = own.iter().map(|process| command_line(process)).collect();
    let server = servers.iter().find(|line| is_server(line)).unwrap();
    assert!(
        server.ends_with("nats-server --config configuration "),
        "{server}"
    );
}

fn cbor(value: Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(&value, &mut bytes).unwrap();
    bytes
}

/// The key of a run of `queue-probe`.
fn run(version: impl Into<Value>, time_limit: impl Into<Value>) -> Vec<u8> {
    let (version, time_limit) = (version.into(), time_limit.into());
    let function = "queue_probe::probe";
    let settings = Value::Null;
    let run = cbor!({
        "version" => version, "function" => function, "settings" => settings,
        "time_limit" => time_limit,
    });
    cbor(run.unwrap())
}

#[test]
fn another_version_of_the_messages_is_refused() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let worker = worker("queue-probe", &server, 1);
    probe(&server).arg("sleep:1").expect(0);
    server.store("$KV.runs.stranger", run(3, Value::Null));
    server.store(&format!("jobs.{PROBE}.stranger.0"), b"\x81\x67sleep:1");
    worker.stderr.wait_for(
        "note: the jobs of a run are left alone: it speaks version 3 of the messages, and \
         this program version 2\n",
    );
    probe(&server).arg("sleep:1").expect(0);
    assert_eq!(server.messages("jobs"), 1);
}

#[test]
fn nonsense_in_the_streams_harms_its_own_job_alone() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let diary = Diary::new();
    let worker = worker("queue-probe", &server, 2);
    let jobs = [
        diary.sleep(4000),
        diary.sleep(4000),
        "length:a".to_owned(),
        "length:ab".to_owned(),
    ];
    let submitter = probe(&server).args(jobs).start();
    diary.wait_for("begin", 2);
    eventually("all four jobs", || server.messages("jobs") == 4);
    let run = server.wait_for_run();
    let bad_results: [(&str, &[u8]); 8] = [
        ("1", b"\x11"),
        ("2", b"\x80"),
        ("none", b"\x11"),
        ("0.death", b"\x11"),
        ("0.death.of.what", b""),
        ("0.x", b"\xff\xff\xff"),
        ("99", b"\x81\x11"),
        ("18446744073709551616", b""),
    ];
    for (number, message) in bad_results {
        let stored = server.store(&format!("results.{run}.{number}"), message);
        assert!(stored["error"].is_null(), "{stored}");
    }
    // Another job replaces the last one.
    let job = format!("jobs.{PROBE}.{run}.3");
    server.delete_last("jobs", &job);
    server.store(&job, b"\x81\x11");
    // Jobs of no known run, which claim to have 2^63 arguments.
    let huge = b"\x9b\x7f\xff\xff\xff\xff\xff\xff\xff";
    for subject in ["none.0", "none.x", &format!("{run}.x"), &format!("{run}.7")] {
        let stored = server.store(&format!("jobs.{PROBE}.{subject}"), huge);
        assert!(stored["error"].is_null(), "{stored}");
    }
    let finished = submitter.finish("a submitter");
    assert_eq!(finished.status.code(), Some(1));
    let expected = [
        "0: done",
        "1: failed: not an answer to this job: ",
        "2: failed: not the answers to this job: their number is wrong",
        "3: failed: not an argument of queue_probe::probe: ",
    ];
    assert_starts(&lines(&finished), &expected);
    assert_eq!(finished.stderr, "");
    let finished = probe(&server).args(["--repeat", "20", "sleep:1"]).expect(0);
    assert_eq!(lines(&finished), all_done(20), "{finished:?}");
    assert_eq!(worker.end().1, "");
}

#[test]
fn nonsense_in_keys_harms_no_other_run() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    let worker = worker("queue-probe", &server, 2);
    probe(&server).arg("sleep:1").expect(0);
    let keys = [
        ("text", b"\x63abc".to_vec()),
        ("nothing", Vec::new()),
        ("version", run("\u{1b}[2J", Value::Null)),
        ("negative", run(2, -1.0)),
        ("nan", run(2, f64::NAN)),
        ("forever", run(2, 1e300)),
    ];
    for (run, key) in keys {
        server.store(&format!("$KV.runs.{run}"), key);
        server.store(&format!("jobs.{PROBE}.{run}.0"), b"\x81\x67sleep:1");
    }
    let finished = probe(&server)
        .args(["--repeat", "50", "sleep:50"])
        .expect(0);
    assert_eq!(lines(&finished), all_done(50), "{finished:?}");
    let (_, stderr) = worker.end();
    assert!(
        stderr.contains("the jobs of a run are left alone: "),
        "{stderr}"
    );
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert!(!stderr.contains('\u{1b}'), "{stderr}");
}

#[test]
fn what_others_publish_does_not_act_on_the_terminal() {
    let Some(server) = NatsServer::start() else {
        return;
    };
    probe(&server).args(["--wait", "1", "sleep:1"]).expect(1);
    // A worker of another function. The function's name would clear the screen.
    let name = "x\u{1b}[2J\u{7}";
    let config = json!({
        "durable_name": name, "ack_policy": "explicit", "filter_subject": "jobs.x.*.*",
    });
    let made = server.ask(
        &format!("$JS.API.CONSUMER.DURABLE.CREATE.jobs.{name}"),
        &json!({"stream_name": "jobs", "config": config}),
    );
    assert!(made["error"].is_null(), "{made}");
    let subject = format!("$JS.API.CONSUMER.MSG.NEXT.jobs.{name}");
    let _waiting = server.wait_at(&subject);
    let mut submitter = probe(&server).args(["sleep:1", "sleep:2"]).start();
    let stderr = Output::of(submitter.child.stderr.take());
    stderr.wait_for("note: there are workers for ");
    let run = server.wait_for_run();
    let text = "\u{1b}]0;title\u{7}\u{202e}";
    let answers = cbor!([{"failed" => text}]).unwrap();
    server.store(&format!("results.{run}.0"), cbor(answers));
    eventually("a second job", || {
        let second = format!("jobs.{PROBE}.{run}.1");
        server.subjects("jobs").contains(&second)
    });
    for id in 1..=3 {
        let death = cbor!({"host" => text, "how" => text}).unwrap();
        server.store(&format!("results.{run}.1.{id}"), cbor(death));
    }
    let stdout = Output::of(submitter.child.stdout.take());
    submitter.wait("a submitter");
    let [stdout, stderr] = [stdout, stderr].map(|output| output.whole());
    assert!(
        stdout.contains(r"0: failed: \u{1b}]0;title\u{7}\u{202e}"),
        "{stdout} {stderr}"
    );
    assert!(
        stdout.contains(r"1: failed: 3 worker processes died"),
        "{stdout} {stderr}"
    );
    let others = r"note: there are workers for x\u{1b}[2J\u{7}";
    assert!(stderr.contains(others), "{stdout} {stderr}");
    for text in [&stdout, &stderr] {
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text:?}");
    }
}

#[test]
fn streams_of_something_else_are_refused() {
    let streams = [
        json!({"name": "jobs", "subjects": ["orders"], "storage": "file"}),
        json!({"name": "jobs", "subjects": ["orders.>"], "storage": "file",
               "max_msgs_per_subject": 1}),
        json!({"name": "other", "subjects": ["jobs.>"], "storage": "file"}),
    ];
    for stream in streams {
        let Some(server) = NatsServer::start() else {
            return;
        };
        let name = stream["name"].as_str().unwrap();
        let made = server.ask(&format!("$JS.API.STREAM.CREATE.{name}"), &stream);
        assert!(made["error"].is_null(), "{made}");
        let finished = probe(&server).arg("sleep:1").expect(1);
        let expected = match name {
            "jobs" => "the stream `jobs` at the server belongs to something else",
            _ => "subjects overlap with an existing stream",
        };
        assert!(finished.stderr.contains(expected), "{finished:?}");
        if name == "jobs" {
            let worker = worker("queue-probe", &server, 1);
            worker.stderr.wait_for("note: no jobs come: ");
            worker.end();
        }
        assert_eq!(server.messages(name), 0);
    }
}

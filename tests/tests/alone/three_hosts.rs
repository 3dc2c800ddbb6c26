//! The job queue on four hosts, which are network namespaces here: only root can make them.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use tests::machines::Diary;
use tests::{Program, Running, left_out, nats, program};

/// How long a cable is cut. It is longer than the time after which a silent job counts as lost,
/// and longer than all attempts to connect take to fail.
const CUT: Duration = Duration::from_secs(60);

/// The hosts that have a cable to host `a`, and the address of `a` for each of them.
const OTHERS: [(&str, &str); 3] =
    [("b", "10.77.1.1"), ("c", "10.77.2.1"), ("d", "10.77.3.1")];

/// Host `a` with the server. A cable joins it to each of the other hosts.
struct Hosts {
    id: u32,
    folder: PathBuf,
}

impl Hosts {
    /// `None` if this process may not make network namespaces.
    fn new() -> Option<Hosts> {
        let id = std::process::id();
        let folder = std::env::temp_dir().join(format!("three-hosts-{id}"));
        fs::create_dir(&folder).unwrap();
        let hosts = Hosts { id, folder };
        let a = hosts.name("a");
        if !ip(&format!("netns add {a}")) {
            let how = "run as root, with iproute2 installed";
            left_out("network namespaces", how, "REQUIRE_NAMESPACES");
            return None;
        }
        for (net, (host, address)) in (1..).zip(OTHERS) {
            let host = hosts.name(host);
            for command in [
                format!("netns add {host}"),
                format!("link add to-a netns {host} type veth peer to-{net} netns {a}"),
                format!("-n {a} address add {address}/24 dev to-{net}"),
                format!("-n {host} address add 10.77.{net}.2/24 dev to-a"),
                format!("-n {a} link set to-{net} up"),
                format!("-n {host} link set to-a up"),
            ] {
                assert!(ip(&command), "ip {command}");
            }
        }
        assert!(ip(&format!("-n {a} link set lo up")));
        Some(hosts)
    }

    fn name(&self, host: &str) -> String {
        format!("{host}-{}", self.id)
    }

    /// A program on one of the hosts.
    fn on(&self, host: &str, program: impl Into<OsString>) -> Program {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name(host)]);
        command.arg(program.into());
        Program::from(command)
    }

    /// `queue-probe` on one of the hosts, with the address of the server there.
    fn probe(&self, host: &str) -> Program {
        let (_, address) = OTHERS.iter().find(|(other, _)| *other == host).unwrap();
        self.on(host, program("queue-probe"))
            .args(["--server", &format!("nats://{address}:4222")])
            .env("NATS_USER", "u")
            .env("NATS_PASSWORD", "p")
    }

    /// A worker, which does one job at a time. The server may just have been started.
    fn worker(&self, host: &str) -> Running {
        let start = Instant::now();
        loop {
            let worker = self.probe(host).args(["--worker", "--max-workers=1"]);
            let mut worker = worker.start();
            if worker.wait_for(Duration::from_millis(300)).is_none() {
                return worker;
            }
            let is_late = start.elapsed() > Duration::from_secs(20);
            assert!(!is_late, "{host} does not work");
        }
    }

    /// Cuts the cable of a host, or joins it again.
    fn set_cable(&self, host: &str, state: &str) {
        let command = format!("-n {} link set to-a {state}", self.name(host));
        assert!(ip(&command), "ip {command}");
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        for host in ["a", "b", "c", "d"] {
            ip(&format!("netns delete {}", self.name(host)));
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn ip(arguments: &str) -> bool {
    let output = Command::new("ip").args(arguments.split(' ')).output();
    output.is_ok_and(|output| output.status.success())
}

#[test]
fn hosts_and_a_submitter_that_are_cut_off_for_a_minute_lose_nothing() {
    if nats::is_missing() {
        return;
    }
    let Some(hosts) = Hosts::new() else {
        return;
    };
    let server = std::env::var_os("NATS_SERVER").unwrap_or("nats-server".into());
    let server = hosts
        .on("a", server)
        .args(["--jetstream", "--addr", "0.0.0.0"]);
    let server = server.arg("--store_dir").arg(hosts.folder.join("store"));
    let _server = server.args(["--user", "u", "--pass", "p"]).start();
    let _workers = ["b", "c"].map(|host| hosts.worker(host));
    let [cut_off, beside] = [Diary::new(), Diary::new()];
    // Two runs: in the first the submitter is cut off, in the second a host.
    let submitter = hosts
        .probe("d")
        .args(["--repeat", "60"])
        .arg(cut_off.sleep(100));
    let submitter = submitter.start();
    cut_off.wait_for("begin", 10);
    let beside_it = hosts
        .probe("c")
        .args([(); 2].map(|()| beside.sleep(20_000)));
    let beside_it = beside_it.start();
    beside.wait_for("begin", 2);
    let start = Instant::now();
    for host in ["b", "d"] {
        hosts.set_cable(host, "down");
    }
    // The host that is not cut off does the job of the other one as well.
    let finished = beside_it.finish("a submitter that is not cut off");
    assert_eq!(finished.stdout, all_done(2), "{}", finished.stderr);
    assert_eq!(beside.count("begin"), 3, "nobody did a job a second time");
    thread::sleep(CUT.saturating_sub(start.elapsed()));
    for host in ["b", "d"] {
        hosts.set_cable(host, "up");
    }
    let finished = submitter.finish("a submitter that was cut off");
    assert_eq!(finished.stdout, all_done(60), "{}", finished.stderr);
}

fn all_done(count: usize) -> String {
    (0..count)
        .map(|number| format!("{number}: done\n"))
        .collect()
}

//! The job queue on three hosts, which are network namespaces here: only root can make them.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use tests::machines::Diary;
use tests::{Program, Running, nats, program};

/// Host `a` with the server, joined to `b` and to `c` by a cable each.
struct Hosts {
    id: u32,
    folder: PathBuf,
}

impl Hosts {
    /// None where this may not make any.
    fn new() -> Option<Hosts> {
        let id = std::process::id();
        let folder = std::env::temp_dir().join(format!("three-hosts-{id}"));
        fs::create_dir(&folder).unwrap();
        let hosts = Hosts { id, folder };
        let [a, b, c] = ["a", "b", "c"].map(|host| hosts.name(host));
        if !ip(&format!("netns add {a}")) {
            eprintln!("skipped: only root can make network namespaces");
            return None;
        }
        for (host, net) in [(b, 1), (c, 2)] {
            for command in [
                format!("netns add {host}"),
                format!("link add to-a netns {host} type veth peer to-{net} netns {a}"),
                format!("-n {a} address add 10.77.{net}.1/24 dev to-{net}"),
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

    /// A worker, which does one job at a time.
    fn worker(&self, host: &str, server: &str) -> Running {
        let worker = self.on(host, program("queue-probe"));
        let options = ["--worker", "--max-workers", "1", "--server", server];
        worker.args(options).start()
    }

    /// Cuts a host off, or joins it again.
    fn set_cable(&self, host: &str, state: &str) {
        let command = format!("-n {} link set to-a {state}", self.name(host));
        assert!(ip(&command), "ip {command}");
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        for host in ["a", "b", "c"] {
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
fn a_host_that_is_cut_off_in_mid_job_loses_nothing() {
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
    let workers = [("b", "10.77.1.1"), ("c", "10.77.2.1")].map(|(host, address)| {
        let url = format!("nats://u:p@{address}:4222");
        let start = Instant::now();
        loop {
            let mut worker = hosts.worker(host, &url);
            if worker.wait_for(Duration::from_millis(300)).is_none() {
                return worker;
            }
            // The server has just been started.
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "{host} does not work"
            );
        }
    });
    let submitter = hosts.on("a", program("queue-probe"));
    let diary = Diary::new();
    let submitter = submitter
        .args(["--server", "nats://u:p@127.0.0.1:4222", "--repeat", "8"])
        .arg(diary.sleep(2000));
    let submitter = submitter.start();
    diary.wait_for("begin", 2);
    hosts.set_cable("b", "down");
    // By then the other host has the job of this one, too.
    diary.wait_for("begin", 6);
    hosts.set_cable("b", "up");
    let finished = submitter.finish("a submitter");
    let expected: String = (0..8).map(|number| format!("{number}: done\n")).collect();
    assert_eq!(finished.stdout, expected, "{}", finished.stderr);
    assert!(diary.count("begin") > 8, "nobody did a job a second time");
    drop(workers);
}

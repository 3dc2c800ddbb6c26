//! Rare events of a channel: other programs connect to its port, and a worker ends before
//! it has read its task.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::Command;
use std::time::Duration;

use process_pool::{Error, Transport, WorkerEntry};
use rustix::process::Signal;

use crate::common::*;

pub fn functions(entry: WorkerEntry) -> WorkerEntry {
    entry.function(secret)
}

/// The secret that this worker's parent has given it.
fn secret(_: ()) -> String {
    let address = std::env::var("PROCESS_POOL_ADDRESS").unwrap();
    address.split(' ').next_back().unwrap().to_owned()
}

#[test]
fn every_worker_has_a_secret_of_its_own() {
    deadline(|| {
        let pool = builder()
            .transport(Transport::Tcp)
            .max_tasks_per_child(1)
            .build()
            .unwrap();
        let secrets = pool.map(secret, [(); 20]).map(Result::unwrap);
        let secrets: std::collections::HashSet<_> = secrets.collect();
        assert_eq!(secrets.len(), 20);
        // It has 128 bits. Each of them must be set in some secrets and not set in
        // others.
        let bits = secrets.iter().map(|text| {
            assert_eq!(text.len(), 32);
            u128::from_str_radix(text, 16).unwrap()
        });
        let (all, any) = bits.fold((u128::MAX, 0), |(all, any), n| (all & n, any | n));
        assert!(all.count_ones() < 8, "{all:b}");
        assert!(any.count_zeros() < 8, "{any:b}");
    });
}

/// Says which connections are made to a worker's port before the worker's own.
const STRANGERS: &str = "POOL_TEST_STRANGERS";

/// A worker that makes other connections before its own. When it runs as an ordinary
/// test, it does nothing.
#[test]
fn worker_among_strangers() {
    let Ok(who) = std::env::var(STRANGERS) else {
        return;
    };
    let address = std::env::var("PROCESS_POOL_ADDRESS").unwrap();
    let port = address.split(' ').next().unwrap().parse().unwrap();
    let knock = || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    let mut there: Vec<_> = (0..40).map(|_| knock()).collect();
    match who.as_str() {
        "silent" => {}
        "short" => there
            .iter_mut()
            .for_each(|s| s.write_all(&[0; 15]).unwrap()),
        "wrong" => {
            // They are refused before the worker has connected.
            for stranger in &mut there {
                stranger.write_all(&[0; 16]).unwrap();
                let limit = Some(Duration::from_secs(20));
                stranger.set_read_timeout(limit).unwrap();
                let end = stranger.read(&mut [0]);
                let timed_out = |error: &std::io::Error| {
                    error.kind() == std::io::ErrorKind::WouldBlock
                };
                assert!(!matches!(&end, Ok(1..)), "a stranger was answered");
                assert!(!end.as_ref().is_err_and(timed_out), "a stranger was let in");
            }
        }
        // The worker never connects. Other connections come for as long as the port is
        // open.
        _ => {
            while let Ok(stranger) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) {
                there.push(stranger);
                std::thread::sleep(Duration::from_millis(50));
            }
            std::process::exit(1);
        }
    }
    entry().enter();
}

fn among(strangers: &'static str) -> process_pool::Builder {
    builder()
        .transport(Transport::Tcp)
        .max_workers(1)
        .worker_command(move || {
            let mut command = Command::new("/proc/self/exe");
            command
                .args(["--exact", "--nocapture", "-q"])
                .arg("channels::worker_among_strangers")
                .env(STRANGERS, strangers)
                .stdout(std::process::Stdio::null());
            command
        })
}

#[test]
fn strangers_at_the_port_delay_no_start() {
    promptly(|| {
        for strangers in ["silent", "short", "wrong"] {
            let pool = among(strangers).build().unwrap();
            let result = pool.submit(square, 3).join();
            assert_eq!(result.unwrap(), 9, "{strangers}");
        }
    });
}

#[test]
fn strangers_at_the_port_extend_no_limit() {
    promptly(|| {
        let limit = Duration::from_millis(500);
        let pool = among("endless").start_timeout(limit).build().unwrap();
        let error = pool.submit(square, 3).join().unwrap_err();
        assert!(matches!(error, Error::Broken(_)), "{error}");
    });
}

#[test]
fn a_task_for_a_worker_that_was_killed_while_idle_is_run_by_another() {
    race(|| {
        promptly(|| {
            for transport in [Transport::SocketPair, Transport::Tcp] {
                let (pool, started) = watched(|b| b.transport(transport).max_workers(1));
                assert_eq!(pool.submit(square, 2).join().unwrap(), 4);
                for n in 0..200 {
                    kill(*started.pids().last().unwrap(), Signal::KILL);
                    // Submit at different moments of the worker's end.
                    std::thread::sleep(Duration::from_micros(n % 20 * 20));
                    let next = pool.submit(square, n).join();
                    assert!(
                        matches!(next, Ok(x) if x == square(n)),
                        "{transport:?}, {n}: {next:?}"
                    );
                }
            }
        });
    });
}

#[test]
fn a_task_that_had_begun_never_runs_again() {
    race(|| {
        promptly(|| {
            for transport in [Transport::SocketPair, Transport::Tcp] {
                for _ in 0..10 {
                    let gate = Gate::new();
                    let (pool, started) =
                        watched(|b| b.transport(transport).max_workers(1));
                    let task = pool.submit(pass, gate.ticket());
                    eventually("its start", || gate.arrivals() == 1);
                    kill(started.pids()[0], Signal::KILL);
                    let result = task.join();
                    assert!(matches!(result, Err(Error::Died { .. })), "{result:?}");
                    assert_eq!(pool.submit(square, 3).join().unwrap(), 9);
                    assert_eq!(gate.arrivals(), 1, "{transport:?}");
                }
            }
        });
    });
}

//! What else may happen at a channel: strangers at its port, and a worker that is gone
//! before it has read its task.

use std::io::Write;
use std::net::{Ipv4Addr, TcpStream};
use std::process::Command;
use std::time::Duration;

use process_pool::{Error, Transport};
use rustix::process::Signal;

use crate::common::*;

/// Who comes to a worker's port before the worker does.
const STRANGERS: &str = "POOL_TEST_STRANGERS";

/// A worker that lets others go first; among the other tests it does nothing.
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
        "wrong" => there
            .iter_mut()
            .for_each(|s| s.write_all(&[0; 16]).unwrap()),
        // The worker itself never comes, but others do, as long as there is a port.
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
            let result = pool.submit(square, 3).unwrap().join();
            assert_eq!(result.unwrap(), 9, "{strangers}");
        }
    });
}

#[test]
fn strangers_at_the_port_extend_no_limit() {
    promptly(|| {
        let limit = Duration::from_millis(500);
        let pool = among("endless").start_timeout(limit).build().unwrap();
        let error = pool.submit(square, 3).unwrap().join().unwrap_err();
        assert!(matches!(error, Error::Broken(_)), "{error}");
    });
}

#[test]
fn a_task_for_a_worker_that_was_killed_while_idle_is_run_by_another() {
    race(|| {
        promptly(|| {
            for transport in [Transport::SocketPair, Transport::Tcp] {
                let (pool, started) = watched(|b| b.transport(transport).max_workers(1));
                assert_eq!(pool.submit(square, 2).unwrap().join().unwrap(), 4);
                for n in 0..200 {
                    kill(*started.pids().last().unwrap(), Signal::KILL);
                    // At every stage of its end.
                    std::thread::sleep(Duration::from_micros(n % 20 * 20));
                    let next = pool.submit(square, n).unwrap().join();
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
                    let task = pool.submit(pass, gate.ticket()).unwrap();
                    eventually("its start", || gate.arrivals() == 1);
                    kill(started.pids()[0], Signal::KILL);
                    let result = task.join();
                    assert!(matches!(result, Err(Error::Died { .. })), "{result:?}");
                    assert_eq!(pool.submit(square, 3).unwrap().join().unwrap(), 9);
                    assert_eq!(gate.arrivals(), 1, "{transport:?}");
                }
            }
        });
    });
}

//! Submitting and mapping: rows PP.

use std::num::NonZeroUsize;
use std::sync::mpsc::channel;
use std::thread;

use process_pool::{BuildError, Error, MAX_WORKERS, ProcessPool, Value};

use crate::common::*;

fn chunk(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

#[test]
fn map_gives_the_same_for_every_chunk_size() {
    deadline(|| {
        let pool = pool(3);
        let expected: Vec<u64> = (0..100).map(square).collect();
        let results: Result<Vec<_>, _> = pool.map(square, 0..100).collect();
        assert_eq!(results.unwrap(), expected);
        for size in [1, 2, 7, 50, 99, 100, 101, usize::MAX] {
            let results: Result<Vec<_>, _> =
                pool.map_chunked(square, 0..100, chunk(size)).collect();
            assert_eq!(results.unwrap(), expected, "chunks of {size}");
        }
    });
}

#[test]
fn map_keeps_the_order_whatever_finishes_first() {
    deadline(|| {
        let pool = pool(2);
        let results: Vec<_> = pool
            .map(nap, [120, 1, 60, 1, 1])
            .map(Result::unwrap)
            .collect();
        assert_eq!(results, [120, 1, 60, 1, 1]);
    });
}

#[test]
fn an_empty_map_starts_no_worker() {
    deadline(|| {
        let (pool, started) = watched(|builder| builder.max_workers(2));
        assert_eq!(pool.map(square, []).len(), 0);
        drop(pool);
        assert_eq!(started.pids(), []);
    });
}

#[test]
fn a_failing_item_leaves_the_rest_of_its_chunk_alone() {
    deadline(|| {
        let pool = pool(2);
        let acts = [
            Act::Nothing,
            Act::Refuse,
            Act::Panic,
            Act::Nothing,
            Act::Nothing,
        ];
        // The parent cannot encode the argument.
        let traps = acts.map(|encode| Trap {
            encode: if encode == Act::Panic {
                Act::Nothing
            } else {
                encode
            },
            decode: if encode == Act::Panic {
                Act::Panic
            } else {
                Act::Nothing
            },
        });
        for size in [1, 2, 5] {
            let results: Vec<_> =
                pool.map_chunked(take, traps.clone(), chunk(size)).collect();
            assert_eq!(results.len(), 5);
            assert!(matches!(results[0], Ok(1)));
            assert!(matches!(
                results[1],
                Err(Error::Serialize {
                    value: Value::Argument,
                    ..
                })
            ));
            assert!(matches!(results[2], Err(Error::Panicked { .. })));
            assert!(matches!(results[3..], [Ok(1), Ok(1)]), "{results:?}");
        }
        // The worker cannot encode the result.
        let made = acts.map(|act| (act, Act::Nothing));
        let results: Vec<_> = pool.map_chunked(make, made, chunk(5)).collect();
        assert!(matches!(
            &results[..],
            [
                Ok(_),
                Err(Error::Serialize {
                    value: Value::Result,
                    ..
                }),
                Err(Error::Panicked { .. }),
                Ok(_),
                Ok(_)
            ]
        ));
    });
}

#[test]
fn a_panic_arrives_with_its_message_and_place_and_the_worker_lives_on() {
    deadline(|| {
        let pool = pool(1);
        let before = pool.submit(pid, ()).join().unwrap();
        match pool.submit(panic_with, "so much".to_owned()).join() {
            Err(Error::Panicked {
                message,
                location: Some(location),
                ..
            }) => {
                assert_eq!(message, "so much");
                assert!(location.contains("common.rs:"), "{location}");
            }
            other => panic!("{other:?}"),
        }
        match pool.submit(panic_with_a_number, 7).join() {
            Err(Error::Panicked { message, .. }) => {
                assert_eq!(message, "a panic without a message");
            }
            other => panic!("{other:?}"),
        }
        let twice = pool.submit(act_of_panic_in_drop, ()).join();
        assert!(matches!(twice, Err(Error::Panicked { .. })), "{twice:?}");
        assert_eq!(pool.submit(pid, ()).join().unwrap(), before);
    });
}

#[test]
fn an_error_arrives_as_the_value_it_is() {
    deadline(|| {
        let results: Vec<_> = pool(2).map(even, 2..4).map(Result::unwrap).collect();
        assert_eq!(results, [Ok(2), Err(Odd { n: 3 })]);
    });
}

#[test]
fn an_argument_that_cannot_be_serialised_fails_alone() {
    deadline(|| {
        let pool = pool(2);
        let trap = |encode| Trap {
            encode,
            decode: Act::Nothing,
        };
        for _ in 0..100 {
            let error = pool.submit(take, trap(Act::Refuse)).join().unwrap_err();
            assert!(matches!(
                error,
                Error::Serialize {
                    value: Value::Argument,
                    ..
                }
            ));
            assert!(error.to_string().contains("refused"), "{error}");
        }
        let items = (0..200).map(|n| trap([Act::Nothing, Act::Refuse][n % 2]));
        let results: Vec<_> = pool.map(take, items).collect();
        assert_eq!(results.len(), 200);
        for (n, result) in results.iter().enumerate() {
            assert_eq!(result.is_ok(), n % 2 == 0, "{n}: {result:?}");
        }
    });
}

#[test]
fn a_panic_while_serialising_an_argument_is_the_callers_own() {
    deadline(|| {
        let pool = pool(1);
        let trap = Trap {
            encode: Act::Panic,
            decode: Act::Nothing,
        };
        let submit = || drop(pool.submit(take, trap.clone()));
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(submit));
        assert!(panic.is_err());
        assert_eq!(pool.submit(square, 3).join().unwrap(), 9);
    });
}

#[test]
fn a_result_that_cannot_be_serialised_fails_alone() {
    deadline(|| {
        let pool = pool(1);
        let before = pool.submit(pid, ()).join().unwrap();
        let error = pool.submit(make, (Act::Refuse, Act::Nothing)).join();
        match error {
            Err(
                error @ Error::Serialize {
                    value: Value::Result,
                    ..
                },
            ) => {
                assert!(error.to_string().contains("refused"), "{error}");
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(pool.submit(pid, ()).join().unwrap(), before);
    });
}

#[test]
fn an_argument_that_cannot_be_decoded_fails_alone() {
    deadline(|| {
        let pool = pool(1);
        let before = pool.submit(pid, ()).join().unwrap();
        let trap = Trap {
            encode: Act::Nothing,
            decode: Act::Refuse,
        };
        let result = pool.submit(take, trap).join();
        assert!(matches!(
            result,
            Err(Error::Serialize {
                value: Value::Argument,
                ..
            })
        ));
        assert_eq!(pool.submit(pid, ()).join().unwrap(), before);
    });
}

#[test]
fn a_result_that_cannot_be_decoded_fails_alone() {
    deadline(|| {
        let pool = pool(1);
        let result = pool.submit(make, (Act::Nothing, Act::Refuse)).join();
        assert!(matches!(
            result,
            Err(Error::Serialize {
                value: Value::Result,
                ..
            })
        ));
        assert_eq!(pool.submit(square, 3).join().unwrap(), 9);
    });
}

#[test]
fn big_payloads_travel_both_ways_at_once() {
    deadline(|| {
        let pool = pool(2);
        let payloads = |n| ["a", "b", "c", "d", "e", "f"].map(|text| text.repeat(n));
        for (back, sent) in pool
            .map(echo, payloads(20_000_000))
            .zip(payloads(20_000_000))
        {
            assert!(back.unwrap() == sent);
        }
        let results = pool.map_chunked(echo, payloads(3_000_000), chunk(4));
        for (back, sent) in results.zip(payloads(3_000_000)) {
            assert!(back.unwrap() == sent);
        }
    });
}

#[test]
fn submitting_never_blocks() {
    deadline(|| {
        let pool = pool(1);
        let gate = Gate::new();
        let first = pool.submit(pass, gate.ticket());
        // Round trips are slow on the other systems where this test runs.
        let tasks = if cfg!(target_os = "linux") {
            50_000
        } else {
            5_000
        };
        let rest: Vec<_> = (0..tasks).map(|n| pool.submit(square, n)).collect();
        assert!(!first.is_finished());
        gate.open();
        for (n, handle) in (0..).zip(rest) {
            assert_eq!(handle.join().unwrap(), square(n));
        }
    });
}

#[test]
fn workers_are_started_on_demand_and_idle_ones_reused() {
    race(|| {
        let (pool, started) = watched(|builder| builder.max_workers(4));
        assert_eq!(started.pids(), []);
        for n in 0..20 {
            assert_eq!(pool.submit(square, n).join().unwrap(), square(n));
        }
        assert_eq!(started.pids().len(), 1, "an idle worker was not reused");
        let folder = Folder::new();
        let place = folder.join("");
        let together: Vec<_> = pool.map(appointment, vec![(place, 4); 4]).collect();
        assert!(together.iter().all(|n| matches!(n, Ok(4))), "{together:?}");
        assert_eq!(started.pids().len(), 4);
        for result in pool.map(nap, [5; 20]) {
            result.unwrap();
        }
        assert_eq!(started.pids().len(), 4, "more workers than the maximum");
    });
}

#[test]
fn absurd_numbers_of_workers_are_refused_and_the_default_is_the_cpus() {
    deadline(|| {
        for n in [0, MAX_WORKERS + 1, usize::MAX] {
            let refused = builder().max_workers(n).build().unwrap_err();
            assert_eq!(refused, BuildError::MaxWorkers(n));
            assert!(refused.to_string().starts_with("max_workers must be"));
        }
        let cpus = thread::available_parallelism().unwrap().get();
        let pool = builder().build().unwrap();
        assert!(format!("{pool:?}").contains(&format!("max_workers: {cpus}")));
    });
}

#[test]
fn threads_share_a_pool() {
    race(|| {
        let pool = pool(2);
        thread::scope(|scope| {
            for from in [0, 100, 200, 300] {
                let pool = &pool;
                scope.spawn(move || {
                    for n in from..from + 50 {
                        assert_eq!(pool.submit(square, n).join().unwrap(), n * n);
                    }
                    let results: Result<Vec<_>, _> =
                        pool.map(square, from..from + 50).collect();
                    let expected: Vec<_> = (from..from + 50).map(square).collect();
                    assert_eq!(results.unwrap(), expected);
                });
            }
        });
    });
}

#[test]
fn a_callback_may_submit() {
    race(|| {
        let pool = std::sync::Arc::new(pool(1));
        let (sender, receiver) = channel();
        let again = std::sync::Arc::clone(&pool);
        pool.submit(square, 2).on_finished(move || {
            sender.send(again.submit(square, 3)).unwrap();
        });
        assert_eq!(receiver.recv().unwrap().join().unwrap(), 9);
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_worker_holds_no_other_descriptors() {
    deadline(|| {
        // A worker must not inherit files and pipes of this process, or the channels of
        // other workers.
        let _file = std::fs::File::open("/proc/self/stat").unwrap();
        let _pipe = std::io::pipe().unwrap();
        let pool = pool(2);
        let folder = Folder::new();
        for here in pool.map(appointment, vec![(folder.join(""), 2); 2]) {
            here.unwrap();
        }
        let open = pool.submit(descriptors, ()).join().unwrap();
        assert!(
            !open.iter().any(|target| target == "/proc/self/stat"),
            "{open:?}"
        );
        // The descriptors that this process inherited. Its children inherit them, too.
        let own: std::collections::HashSet<_> = std::fs::read_dir("/proc/self/fdinfo")
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|info| {
                let text = std::fs::read_to_string(info).unwrap_or_default();
                let flags = text.lines().find_map(|line| line.strip_prefix("flags:"));
                flags.is_some_and(|flags| {
                    let flags = u32::from_str_radix(flags.trim(), 8).unwrap();
                    flags & 0o2_000_000 == 0
                })
            })
            .filter_map(|info| {
                let fd = info.file_name().unwrap().to_str().unwrap().to_owned();
                std::fs::read_link(format!("/proc/self/fd/{fd}")).ok()
            })
            .map(|target| target.display().to_string())
            .collect();
        let strange: Vec<_> = open
            .iter()
            .filter(|target| !own.contains(*target) && *target != "/dev/null")
            // Ignore the channel, the watch over the parent, and the listing itself.
            .filter(|target| !target.starts_with("/proc/"))
            .filter(|target| !target.contains("pidfd"))
            .collect();
        assert!(
            matches!(strange[..], [socket] if socket.starts_with("socket:")),
            "{strange:?}"
        );
    });
}

#[test]
fn an_unknown_function_is_refused() {
    fn stranger(_: ()) {}
    deadline(|| {
        let pool = pool(1);
        // The worker is another program, so only the worker can find this error.
        let error = pool.submit(stranger, ()).join().unwrap_err();
        assert!(matches!(error, Error::NotRegistered(name) if name.contains("stranger")));
        assert_eq!(pool.submit(square, 3).join().unwrap(), 9);
    });
}

#[test]
fn a_failing_input_iterator_fails_map_and_nothing_else() {
    deadline(|| {
        let folder = Folder::new();
        let mark = folder.join("mark");
        let pool = pool(1);
        let items = std::iter::once((mark.clone(), 0))
            .chain(std::iter::once_with(|| panic!("no more items")));
        let map = || pool.map(leave_a_mark, items).for_each(drop);
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(map)).is_err());
        eventually("the item before the panic", || {
            std::fs::exists(&mark).unwrap()
        });
        assert_eq!(pool.submit(square, 3).join().unwrap(), 9);
    });
}

#[test]
fn a_dropped_map_cancels_what_has_not_started() {
    deadline(|| {
        let (open, shut) = (Gate::new(), Gate::new());
        open.open();
        let pool = pool(1);
        let mut tickets = vec![shut.ticket(); 20];
        tickets[0] = open.ticket();
        let mut map = pool.map(pass, tickets);
        map.next().unwrap().unwrap();
        eventually("the second task", || shut.arrivals() == 1);
        drop(map);
        shut.open();
        drop(pool);
        assert_eq!(shut.arrivals(), 1);
    });
}

#[test]
fn results_are_bytes_for_bytes() {
    deadline(|| {
        let pool: ProcessPool = pool(1);
        for length in [0, 1, 7, 8, 9, 32_760, 32_768, 32_769, 65_536, 1 << 20] {
            let text: String = ('a'..='z').cycle().take(length).collect();
            assert!(pool.submit(echo, text.clone()).join().unwrap() == text);
        }
    });
}

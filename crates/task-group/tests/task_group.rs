//! Tests that `TaskGroup` does what `asyncio.TaskGroup` promises. The names of the tests
//! begin with the row of the project's list of those promises (TG: task group, CA:
//! cancellation).
//!
//! The types rule three of them out: adding a child before the group is entered (part of
//! TG-17), entering a group twice (TG-19), and taking back a request to cancel (CA-10),
//! because a group cancels only its own child token. TG-04 measures the memory of its
//! process, so it is in `memory.rs`.

use std::convert::Infallible;
use std::future::pending;
use std::panic::panic_any;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use task_group::{GroupError, TaskGroup};
use tokio::runtime::Builder;
use tokio::sync::{Barrier, Notify, oneshot};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

/// Far above what any test takes, so that a hang is a failure.
const DEADLINE: Duration = Duration::from_secs(120);
const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

type Group = Arc<TaskGroup<u32, &'static str>>;
type Ended = Result<Option<Vec<u32>>, GroupError<&'static str>>;

/// [`TaskGroup::run`] for a group that is not cancelled from outside.
async fn run<F>(body: impl FnOnce(Group) -> F) -> Ended
where
    F: Future<Output = Result<(), &'static str>> + Send + 'static,
{
    TaskGroup::run(body).await.map(Some)
}

fn error(first: &'static str, others: &[&'static str]) -> Ended {
    let others = others.to_vec();
    Err(GroupError { first, others })
}

/// Counts its clones: one for each child that has not been dropped.
#[derive(Clone, Default)]
struct Alive(Arc<()>);

impl Alive {
    fn count(&self) -> usize {
        Arc::strong_count(&self.0) - 1
    }

    /// A child that ends when it is aborted, and not before.
    async fn for_ever(self) -> Result<u32, &'static str> {
        pending::<Infallible>().await;
        unreachable!("{}", self.count())
    }
}

/// Runs a test on one thread, with a clock that jumps to the next timer when all tasks wait.
fn paused<F: Future<Output = ()>>(test: impl FnOnce() -> F + Send + 'static) {
    let mut runtime = Builder::new_current_thread();
    runtime.enable_all().start_paused(true);
    before_the_deadline(move || runtime.build().unwrap().block_on(test()));
}

/// Runs a test on four threads and on the real clock, many times.
fn threaded<F: Future<Output = ()>>(times: usize, test: impl Fn() -> F + Send + 'static) {
    let mut runtime = Builder::new_multi_thread();
    runtime.enable_all().worker_threads(4);
    before_the_deadline(move || {
        let runtime = runtime.build().unwrap();
        (0..times).for_each(|_| runtime.block_on(test()));
    });
}

/// A thread watches the test: a timeout of tokio would not notice a blocked thread.
fn before_the_deadline(test: impl FnOnce() + Send + 'static) {
    let (guard, ended) = mpsc::channel::<Infallible>();
    let thread = std::thread::spawn(move || {
        let _guard = guard;
        test();
    });
    let ended = ended.recv_timeout(DEADLINE).unwrap_err();
    assert_eq!(
        ended,
        mpsc::RecvTimeoutError::Disconnected,
        "the deadline passed"
    );
    thread
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

#[test]
fn tg_01_ends_with_the_last_child_and_returns_the_values_in_order() {
    paused(async || {
        let start = Instant::now();
        let ended = run(|group| async move {
            for number in 0..5 {
                group.spawn(async move {
                    sleep(SECOND * (5 - number)).await;
                    Ok(number)
                });
            }
            Ok(())
        });
        assert_eq!(ended.await, Ok(Some(vec![0, 1, 2, 3, 4])));
        assert_eq!(start.elapsed().as_secs(), 5);
    });
}

#[test]
fn tg_01_keeps_the_order_on_many_threads() {
    threaded(100, async || {
        let ended = run(|group| async move {
            for number in 0..200 {
                group.spawn(async move {
                    for _ in 0..number % 7 {
                        yield_now().await;
                    }
                    Ok(number)
                });
            }
            Ok(())
        });
        assert_eq!(ended.await, Ok(Some((0..200).collect())));
    });
}

#[test]
fn tg_02_an_empty_group_ends_at_once() {
    paused(async || assert_eq!(run(|_| async { Ok(()) }).await, Ok(Some(vec![]))));
    threaded(1000, async || {
        assert_eq!(run(|_| async { Ok(()) }).await, Ok(Some(vec![])))
    });
}

/// A child that adds the next one just before it ends. The body has long ended then.
fn countdown(group: Group, number: u32) -> BoxFuture<'static, Result<u32, &'static str>> {
    let child = async move {
        yield_now().await;
        if number > 0 {
            group.spawn(countdown(group.clone(), number - 1)).unwrap();
        }
        Ok(number)
    };
    child.boxed()
}

#[test]
fn tg_03_children_add_children_while_the_group_is_waiting() {
    let test = async || {
        let ended = run(|group| async move {
            group.spawn(countdown(group.clone(), 50)).unwrap();
            Ok(())
        });
        assert_eq!(ended.await, Ok(Some((0..=50).rev().collect())));
    };
    paused(test);
    threaded(100, test);
}

/// An empty set cannot wake the group, so adding a child must.
#[test]
fn tg_03_a_child_added_from_elsewhere_is_noticed_at_once() {
    let test = async || {
        for with_token in [false, true] {
            let ended = run(|group| async move {
                tokio::spawn(async move {
                    yield_now().await;
                    let child = async {
                        yield_now().await;
                        Err("added from elsewhere")
                    };
                    let added = match with_token {
                        false => group.spawn(child),
                        true => group.spawn_with_token(|_| child),
                    };
                    added.unwrap();
                });
                pending().await
            });
            assert_eq!(ended.await, error("added from elsewhere", &[]));
        }
    };
    paused(test);
    threaded(200, test);
}

#[test]
fn tg_03_a_child_of_the_one_kind_adds_the_first_of_the_other() {
    let test = async || {
        let ended = run(|group| async move {
            let adding = group.clone();
            group.spawn(async move {
                let child = async { Err("a child with a token") };
                adding.spawn_with_token(|_| child).unwrap();
                pending().await
            });
            Ok(())
        });
        assert_eq!(ended.await, error("a child with a token", &[]));

        let ended = run(|group| async move {
            let adding = group.clone();
            group.spawn_with_token(|token| async move {
                yield_now().await;
                adding.spawn(async { Err("a child without") }).unwrap();
                token.cancelled().await;
                Ok(0)
            });
            Ok(())
        });
        assert_eq!(ended.await, error("a child without", &[]));
    };
    paused(test);
    threaded(200, test);
}

#[test]
fn tg_05_a_failing_child_cancels_its_siblings_and_the_body() {
    paused(async || {
        let (alive, start) = (Alive::default(), Instant::now());
        let (sibling, body) = (alive.clone(), alive.clone());
        let ended = run(|group| async move {
            group.spawn(sibling.for_ever());
            group.spawn(async {
                sleep(SECOND).await;
                Err("boom")
            });
            sleep(HOUR).await;
            unreachable!("{}", body.count())
        });
        assert_eq!(ended.await, error("boom", &[]));
        assert_eq!((alive.count(), start.elapsed().as_secs()), (0, 1));
    });
}

#[test]
fn tg_05_nobody_is_left_when_it_returns() {
    threaded(300, async || {
        let alive = Alive::default();
        let children = alive.clone();
        let ended = run(|group| async move {
            for number in 0..50 {
                let alive = children.clone();
                group.spawn(async move {
                    for _ in 0..number {
                        yield_now().await;
                    }
                    if number == 25 {
                        Err("boom")
                    } else {
                        alive.for_ever().await
                    }
                });
            }
            children.for_ever().await.map(|_| ())
        });
        assert_eq!(ended.await, error("boom", &[]));
        assert_eq!(alive.count(), 0);
    });
}

#[test]
fn tg_06_one_error_is_a_group_too() {
    paused(async || {
        let ended = run(|group| async move {
            group.spawn(async { Err("boom") });
            Ok(())
        })
        .await;
        assert_eq!(ended, error("boom", &[]));
        assert_eq!(ended.unwrap_err().to_string(), "task group failed: boom");
    });
}

#[test]
fn tg_07_all_errors_are_reported_those_of_the_cancelled_too() {
    paused(async || {
        let ended = run(|group| async move {
            for (seconds, message) in [(3, "last"), (1, "next")] {
                group.spawn_with_token(move |token| async move {
                    token.cancelled().await;
                    sleep(SECOND * seconds).await;
                    Err(message)
                });
            }
            group.spawn(async {
                sleep(SECOND).await;
                Err("first")
            });
            Ok(())
        })
        .await;
        assert_eq!(ended, error("first", &["next", "last"]));
        let error = ended.unwrap_err();
        assert_eq!(error.to_string(), "task group failed: first; next; last");
        assert!(error.errors().eq(&["first", "next", "last"]));
    });
}

#[test]
fn tg_07_children_that_fail_at_the_same_time_are_all_reported() {
    threaded(300, async || {
        let ended = run(|group| async move {
            let barrier = Arc::new(Barrier::new(4));
            for _ in 0..4 {
                let barrier = barrier.clone();
                group.spawn_with_token(|_| async move {
                    barrier.wait().await;
                    Err("boom")
                });
            }
            Ok(())
        });
        assert_eq!(ended.await, error("boom", &["boom", "boom", "boom"]));
    });
}

#[test]
fn tg_08_a_child_aborted_alone_is_no_failure() {
    let test = async || {
        let alive = Alive::default();
        let child = alive.clone();
        let ended = run(|group| async move {
            group.spawn(async { Ok(1) });
            let aborted = group.spawn(child.clone().for_ever()).unwrap();
            let told = group.spawn_with_token(|_| child.for_ever()).unwrap();
            group.spawn(async { Ok(4) });
            yield_now().await;
            aborted.abort();
            told.abort();
            Ok(())
        });
        assert_eq!(ended.await, Ok(Some(vec![1, 4])));
        assert_eq!(alive.count(), 0);
    };
    paused(test);
    threaded(300, test);
}

#[test]
fn tg_09_a_failing_body_cancels_the_children() {
    let test = async || {
        let alive = Alive::default();
        let child = alive.clone();
        let ended = run(|group| async move {
            group.spawn(child.clone().for_ever());
            yield_now().await;
            group.spawn(child.for_ever());
            Err("body")
        });
        assert_eq!(ended.await, error("body", &[]));
        assert_eq!(alive.count(), 0);
    };
    paused(test);
    threaded(300, test);
}

#[test]
fn tg_10_the_errors_of_body_and_child_are_both_reported() {
    let test = async || {
        let ended = run(|group| async move {
            group.spawn_with_token(|token| async move {
                token.cancelled().await;
                Err("child")
            });
            Err("body")
        });
        assert_eq!(ended.await, error("body", &["child"]));
    };
    paused(test);
    threaded(300, test);
}

/// The message of the panic that ends `group`, which has to be a panic of its own task.
async fn panic_of(group: impl Future<Output = Ended> + Send + 'static) -> &'static str {
    let panic = tokio::spawn(group).await.unwrap_err().into_panic();
    panic.downcast_ref::<&'static str>().unwrap()
}

#[test]
fn tg_11_a_panic_goes_on_when_the_others_have_ended() {
    paused(async || {
        let start = Instant::now();
        let (cleaned, alive) = (Arc::new(AtomicBool::new(false)), Alive::default());
        let (cleaning, sibling) = (cleaned.clone(), alive.clone());
        let group = run(|group| async move {
            group.spawn(sibling.for_ever());
            group.spawn_with_token(|token| async move {
                token.cancelled().await;
                sleep(SECOND).await;
                cleaning.store(true, SeqCst);
                Err("lost, because the panic says more")
            });
            group.spawn(async { panic!("child") });
            pending().await
        });
        assert_eq!(panic_of(group).await, "child");
        assert!(cleaned.load(SeqCst));
        assert_eq!((alive.count(), start.elapsed().as_secs()), (0, 1));
    });
}

#[test]
fn tg_11_no_panic_is_swallowed() {
    struct PanicsWhenDropped;
    impl Drop for PanicsWhenDropped {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }
    let test = async || {
        let body = run(|group| async move {
            group.spawn(async { pending().await });
            panic!("body")
        });
        assert_eq!(panic_of(body).await, "body");

        let with_token = run(|group| async move {
            group.spawn_with_token(|_| async { panic!("child with a token") });
            pending().await
        });
        assert_eq!(panic_of(with_token).await, "child with a token");

        let while_aborted = run(|group| async move {
            let (started, is_running) = oneshot::channel();
            group.spawn(async move {
                let _panics = PanicsWhenDropped;
                started.send(()).unwrap();
                pending().await
            });
            is_running.await.unwrap();
            Err("less than a panic")
        });
        assert_eq!(panic_of(while_aborted).await, "dropped");
    };
    paused(test);
    threaded(50, test);
}

/// Dropping the second payload would panic while the first panic unwinds, which aborts.
#[test]
fn tg_11_panic_payloads_whose_destructors_panic_do_not_abort_the_program() {
    struct Payload(&'static str);
    impl Drop for Payload {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }
    let test = async || {
        let group = run(|group| async move {
            for name in ["second", "third"] {
                group.spawn_with_token(move |token| async move {
                    token.cancelled().await;
                    panic_any(Payload(name))
                });
            }
            group.spawn(async { panic_any(Payload("first")) });
            pending().await
        });
        let panic = tokio::spawn(group).await.unwrap_err().into_panic();
        let payload = panic.downcast::<Payload>().unwrap();
        assert_eq!(payload.0, "first");
        std::mem::forget(payload);
    };
    paused(test);
    threaded(300, test);
}

#[test]
fn tg_11_a_panic_of_the_closure_with_the_token_is_one_of_the_child() {
    let test = async || {
        let group = run(|group| async move {
            let child = |_| -> BoxFuture<'static, Result<u32, &'static str>> {
                panic!("in the closure")
            };
            assert!(group.spawn_with_token(child).is_some());
            pending().await
        });
        assert_eq!(panic_of(group).await, "in the closure");
    };
    paused(test);
    threaded(50, test);
}

#[test]
fn tg_12_cancelled_by_token_it_waits_for_clean_up() {
    paused(async || {
        let (outer, start) = (CancellationToken::new(), Instant::now());
        let (cleaned, alive) = (Arc::new(AtomicBool::new(false)), Alive::default());
        let (cleaning, child) = (cleaned.clone(), alive.clone());
        let group = TaskGroup::run_until(&outer, |group: Group| async move {
            group.spawn(child.clone().for_ever());
            group.spawn_with_token(|token| async move {
                let done = token.run_until_cancelled(child.clone().for_ever()).await;
                sleep(SECOND).await;
                cleaning.store(true, SeqCst);
                done.unwrap_or(Ok(0))
            });
            pending().await
        });
        let cancel = async {
            sleep(SECOND).await;
            outer.cancel();
        };
        assert_eq!(tokio::join!(group, cancel).0, Ok(None));
        assert!(cleaned.load(SeqCst));
        assert_eq!((alive.count(), start.elapsed().as_secs()), (0, 2));
    });
}

#[test]
fn tg_12_cancelled_by_token_it_is_woken_though_all_its_children_are_waiting() {
    let test = async || {
        let (outer, alive) = (CancellationToken::new(), Alive::default());
        let (child, (waiting, is_waiting)) = (alive.clone(), oneshot::channel());
        let group = TaskGroup::run_until(&outer, |group: Group| async move {
            group.spawn(child.for_ever());
            waiting.send(()).unwrap();
            Ok(())
        });
        let cancel = async {
            is_waiting.await.unwrap();
            sleep(Duration::from_millis(1)).await;
            outer.cancel();
        };
        assert_eq!(tokio::join!(group, cancel).0, Ok(None));
        assert_eq!(alive.count(), 0);
    };
    paused(test);
    threaded(300, test);
}

#[test]
fn tg_12_cancelled_at_any_moment_nobody_is_left() {
    async fn cancelled_after(yields: usize) {
        let (outer, alive) = (CancellationToken::new(), Alive::default());
        let (cancelling, children) = (outer.clone(), alive.clone());
        tokio::spawn(async move {
            for _ in 0..yields {
                yield_now().await;
            }
            cancelling.cancel();
        });
        let group = TaskGroup::run_until(&outer, |group: Group| async move {
            loop {
                group.spawn(children.clone().for_ever());
                let alive = children.clone();
                group.spawn_with_token(|token| async move {
                    token.cancelled().await;
                    yield_now().await;
                    drop(alive);
                    Ok(1)
                });
                yield_now().await;
            }
        });
        assert_eq!(group.await, Ok(None));
        assert_eq!(alive.count(), 0);
    }
    let test = async || {
        for yields in 0..30 {
            cancelled_after(yields).await;
        }
    };
    paused(test);
    threaded(20, test);
}

/// Rust has no async drop: all members are aborted, but dropping does not wait for their
/// ends.
#[test]
fn tg_12_dropped_everybody_is_aborted() {
    let test = async || {
        let alive = Alive::default();
        let child = alive.clone();
        let (sender, receiver) = oneshot::channel();
        let group = run(|group| async move {
            group.spawn(child.clone().for_ever());
            let with_token = child.clone();
            group.spawn_with_token(|_| with_token.for_ever());
            assert!(sender.send(group.clone()).is_ok());
            child.for_ever().await.map(|_| ())
        });
        let handle = tokio::select! {
            _ = group => unreachable!("its body never ends"),
            handle = receiver => handle.unwrap(),
        };
        assert!(handle.spawn(alive.clone().for_ever()).is_none());
        while alive.count() > 0 {
            yield_now().await;
        }
    };
    paused(test);
    threaded(300, test);
}

#[test]
fn tg_12_a_timeout_around_the_group_ends_the_children() {
    paused(async || {
        let alive = Alive::default();
        let child = alive.clone();
        let group = run(|group| async move {
            group.spawn(child.for_ever());
            Ok(())
        });
        assert!(timeout(SECOND, group).await.is_err());
        sleep(SECOND).await;
        assert_eq!(alive.count(), 0);
    });
}

#[test]
fn tg_13_errors_win_over_the_cancellation_which_stays_pending() {
    let test = async || {
        let outer = CancellationToken::new();
        let cancelling = outer.clone();
        let ended = TaskGroup::run_until(&outer, |group: Group| async move {
            group.spawn_with_token(|token| async move {
                cancelling.cancel();
                token.cancelled().await;
                Err("clean-up failed")
            });
            Ok(())
        });
        assert_eq!(ended.await, error("clean-up failed", &[]));
        assert!(outer.is_cancelled());
    };
    paused(test);
    threaded(300, test);
}

#[test]
fn tg_14_a_second_cancellation_does_not_cut_the_wait_short() {
    paused(async || {
        let (outermost, cleaned) =
            (CancellationToken::new(), Arc::new(AtomicUsize::new(0)));
        let (outer, cleaning) = (outermost.child_token(), cleaned.clone());
        let group = TaskGroup::run_until(&outer, |group: Group| async move {
            group.spawn_with_token(|token| async move {
                token.cancelled().await;
                sleep(SECOND * 10).await;
                cleaning.fetch_add(1, SeqCst);
                Ok(1)
            });
            Ok(())
        });
        let cancel_twice = async {
            sleep(SECOND).await; // The child is there by then.
            outer.cancel();
            sleep(SECOND).await;
            outer.cancel();
            outermost.cancel();
        };
        assert_eq!(tokio::join!(group, cancel_twice).0, Ok(None));
        assert_eq!(cleaned.load(SeqCst), 1);
    });
}

#[test]
fn tg_15_its_own_cancellation_does_not_leak_out() {
    let test = async || {
        let outer = CancellationToken::new();
        let failing = TaskGroup::run_until(&outer, |group: Group| async move {
            group.spawn(async { Err("boom") });
            pending().await
        });
        assert_eq!(failing.await, error("boom", &[]));
        assert!(!outer.is_cancelled());
        // A child that cancels its own token does not cancel the group either.
        let next = TaskGroup::run_until(&outer, |group: Group| async move {
            group.spawn_with_token(|token| async move {
                token.cancel();
                Ok(1)
            });
            group.spawn_with_token(
                |token| async move { Ok(u32::from(token.is_cancelled())) },
            );
            Ok(())
        });
        assert_eq!(next.await, Ok(Some(vec![1, 0])));
    };
    paused(test);
    threaded(300, test);
}

/// The error of a group that has groups inside.
#[derive(Debug, PartialEq)]
enum Nested {
    Own(&'static str),
    Group(GroupError<&'static str>),
}

/// Adds a group that never ends by itself to `outer`. Its children hold `alive`.
fn add_inner(outer: &TaskGroup<Option<Vec<u32>>, Nested>, alive: Alive) {
    outer.spawn_with_token(|token| async move {
        let inner = TaskGroup::run_until(&token, |group| async move {
            group.spawn(alive.clone().for_ever());
            group.spawn_with_token(|token| async move {
                token.cancelled().await;
                yield_now().await;
                drop(alive);
                Ok(0)
            });
            pending().await
        });
        inner.await.map_err(Nested::Group)
    });
}

#[test]
fn tg_16_the_failure_of_an_inner_group_stays_nested() {
    let test = async || {
        let never = CancellationToken::new();
        let ended = TaskGroup::run_until(&never, |outer| async move {
            outer.spawn_with_token(|token| async move {
                let inner = TaskGroup::run_until(&token, |inner: Group| async move {
                    inner.spawn_with_token(|token| async move {
                        token.cancelled().await;
                        Err("inner, told")
                    });
                    inner.spawn(async { Err("inner") });
                    pending().await
                });
                inner.await.map_err(Nested::Group)
            });
            outer.spawn_with_token(|token| async move {
                token.cancelled().await;
                Err(Nested::Own("outer, told"))
            });
            Ok(())
        });
        let (first, others) = ("inner", vec!["inner, told"]);
        let first = Nested::Group(GroupError { first, others });
        let others = vec![Nested::Own("outer, told")];
        assert_eq!(ended.await, Err(GroupError { first, others }));
    };
    paused(test);
    threaded(300, test);
}

#[test]
fn tg_16_a_failing_outer_child_cancels_the_inner_group_without_more_errors() {
    let test = async || {
        let alive = Alive::default();
        let children = alive.clone();
        let never = CancellationToken::new();
        let ended = TaskGroup::run_until(&never, |outer| async move {
            add_inner(&outer, children);
            outer.spawn(async {
                yield_now().await;
                Err(Nested::Own("outer"))
            });
            pending().await
        });
        let (first, others) = (Nested::Own("outer"), vec![]);
        assert_eq!(ended.await, Err(GroupError { first, others }));
        assert_eq!(alive.count(), 0);
    };
    paused(test);
    threaded(300, test);
}

#[test]
fn tg_16_a_cancellation_from_outside_reaches_both_groups() {
    let test = async || {
        let (token, alive) = (CancellationToken::new(), Alive::default());
        let (cancelling, children) = (token.clone(), alive.clone());
        let ended = TaskGroup::run_until(&token, |outer| async move {
            add_inner(&outer, children.clone());
            outer.spawn(async move {
                children.for_ever().await.map(|_| None).map_err(Nested::Own)
            });
            yield_now().await;
            cancelling.cancel();
            pending().await
        });
        assert_eq!(ended.await, Ok(None));
        assert_eq!(alive.count(), 0);
    };
    paused(test);
    threaded(300, test);
}

#[test]
fn tg_17_a_child_added_after_the_end_is_refused_and_never_runs() {
    let test = async || {
        for failure in [None, Some("boom")] {
            let (sender, receiver) = oneshot::channel();
            let ended = run(|group| async move {
                assert!(sender.send(group.clone()).is_ok());
                failure.map_or(Ok(()), Err)
            });
            assert_eq!(ended.await.is_err(), failure.is_some());
            let (late, alive) = (receiver.await.unwrap(), Alive::default());
            let child = alive.clone();
            assert!(
                late.spawn(async move { unreachable!("{}", child.count()) })
                    .is_none()
            );
            assert_eq!(alive.count(), 0);
            let refused = late.spawn_with_token(|_| async { unreachable!("refused") });
            assert!(refused.is_none());
        }
    };
    paused(test);
    threaded(300, test);
}

/// A child that the group takes is awaited, also at the moment when the group ends.
#[test]
fn tg_17_a_child_added_at_the_moment_of_the_end_is_awaited_or_refused() {
    threaded(500, async || {
        let (sender, receiver) = mpsc::channel::<Group>();
        let adding = std::thread::spawn(move || {
            let group = receiver.recv().unwrap();
            let mut taken = 0;
            while taken < 1000 && group.spawn(async { Ok(1) }).is_some() {
                taken += 1;
            }
            taken
        });
        let ended = run(|group| async move {
            sender.send(group).unwrap();
            Ok(())
        });
        let values = ended.await.unwrap().unwrap();
        assert_eq!(values.len(), adding.join().unwrap());
    });
}

struct NotifiesWhenDropped(Arc<Notify>);

impl Drop for NotifiesWhenDropped {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

#[test]
fn tg_17_a_child_added_during_the_abort_is_refused_and_never_runs() {
    let test = async || {
        let ended = run(|group| async move {
            let (adding, aborted) = (group.clone(), Arc::new(Notify::new()));
            let child = NotifiesWhenDropped(aborted.clone());
            group.spawn(async move {
                let _child = child;
                pending().await
            });
            group.spawn_with_token(|_| async move {
                aborted.notified().await;
                assert!(adding.spawn(async { unreachable!("refused") }).is_none());
                Ok(1)
            });
            yield_now().await;
            Err("boom")
        });
        assert_eq!(ended.await, error("boom", &[]));
    };
    paused(test);
    threaded(300, test);
}

/// Adds two children to a group that was cancelled just before. Both must be refused.
fn add_late(group: &Group, ran: &Arc<AtomicUsize>) {
    let counter = Arc::clone(ran);
    let child = async move {
        counter.fetch_add(1, SeqCst);
        Ok(1)
    };
    assert!(group.spawn(child).is_none());
    let counter = Arc::clone(ran);
    let child = move |_| {
        counter.fetch_add(1, SeqCst);
        async { Ok(2) }
    };
    assert!(group.spawn_with_token(child).is_none());
}

#[test]
fn tg_17_a_child_added_right_after_the_cancellation_is_refused_and_never_runs() {
    let test = async || {
        let ran = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&ran);
        let by_its_body = run(|group| async move {
            group.cancel();
            add_late(&group, &counter);
            Ok(())
        });
        assert_eq!(by_its_body.await, Ok(Some(vec![])));

        let counter = Arc::clone(&ran);
        let by_a_child = run(|group| async move {
            let adding = Arc::clone(&group);
            group.spawn(async move {
                adding.cancel();
                add_late(&adding, &counter);
                Ok(3)
            });
            pending().await
        });
        assert_eq!(by_a_child.await, Ok(Some(vec![3])));

        let counter = Arc::clone(&ran);
        let outer = CancellationToken::new();
        let cancelling = outer.clone();
        let from_outside = TaskGroup::run_until(&outer, |group: Group| async move {
            cancelling.cancel();
            add_late(&group, &counter);
            Ok(())
        });
        assert_eq!(from_outside.await, Ok(None));
        assert_eq!(ran.load(SeqCst), 0);
    };
    paused(test);
    threaded(300, test);
}

#[test]
fn tg_17_a_group_that_is_cancelled_from_the_start_does_not_run_its_body() {
    let test = async || {
        let outer = CancellationToken::new();
        outer.cancel();
        let ended = TaskGroup::run_until(&outer, |group: Group| {
            assert!(group.spawn(async { unreachable!("refused") }).is_none());
            async { unreachable!("the body") }
        });
        assert_eq!(ended.await, Ok(None));
    };
    paused(test);
    threaded(300, test);
}

/// A runtime that has been shut down drops what it is given. The destructor of a child may add
/// another one, which must not find a lock held.
#[test]
fn children_run_on_the_runtime_of_the_group_wherever_they_are_added() {
    struct AddsWhenDropped(Group);
    impl Drop for AddsWhenDropped {
        fn drop(&mut self) {
            self.0.spawn(async { Ok(2) });
        }
    }
    let test = async || {
        let ended = run(|group| async move {
            let from_a_thread = std::thread::spawn(move || {
                group.spawn(async { Ok(0) }).unwrap();
                let runtime = Builder::new_current_thread().build().unwrap();
                let shut_down = runtime.handle().clone();
                runtime.shutdown_background();
                let _context = shut_down.enter();
                let adds = AddsWhenDropped(Arc::clone(&group));
                let child = async move {
                    drop(adds);
                    Ok(1)
                };
                group.spawn(child).unwrap();
            });
            from_a_thread.join().unwrap();
            Ok(())
        });
        assert_eq!(ended.await, Ok(Some(vec![0, 1, 2])));
    };
    paused(test);
    threaded(50, test);
}

/// Adds a child that does the same, for ever. `alive` counts all children.
fn breed(group: Group, alive: Alive) -> BoxFuture<'static, Result<u32, &'static str>> {
    let child = async move {
        loop {
            if alive.count() < 500 {
                group.spawn(breed(group.clone(), alive.clone()));
            }
            yield_now().await;
        }
    };
    child.boxed()
}

#[test]
fn tg_18_children_that_keep_adding_children_cannot_keep_a_failing_group_alive() {
    let test = async || {
        let alive = Alive::default();
        let children = alive.clone();
        let ended = run(|group| async move {
            for _ in 0..4 {
                group.spawn(breed(group.clone(), children.clone()));
            }
            while children.count() < 100 {
                yield_now().await;
            }
            Err("boom")
        });
        assert_eq!(ended.await, error("boom", &[]));
        assert_eq!(alive.count(), 0);
    };
    paused(test);
    threaded(500, test);
}

/// A bare `JoinSet` loses this race: a task that joins it after `abort_all` runs on.
#[test]
fn tg_18_a_child_added_at_the_moment_of_the_abort_is_cancelled_or_refused() {
    threaded(500, async || {
        let alive = Alive::default();
        let child = alive.clone();
        let (sender, receiver) = oneshot::channel();
        let adding = tokio::spawn(async move {
            let group: Group = receiver.await.unwrap();
            while group.spawn(child.clone().for_ever()).is_some() {}
        });
        let ended = run(|group| async move {
            assert!(sender.send(group.clone()).is_ok());
            group.spawn(async { Err("boom") });
            pending().await
        });
        assert_eq!(ended.await, error("boom", &[]));
        adding.await.unwrap();
        assert_eq!(alive.count(), 0);
    });
}

/// Python 3.15's `TaskGroup.cancel()`.
#[test]
fn cancelled_from_inside_it_ends_without_an_error_and_with_the_values_there_are() {
    let test = async || {
        let (alive, outer) = (Alive::default(), CancellationToken::new());
        let children = alive.clone();
        let ended = TaskGroup::run_until(&outer, |group: Group| async move {
            group.spawn(children.clone().for_ever());
            group.spawn_with_token(|token| async move {
                token.cancelled().await;
                yield_now().await;
                Ok(2)
            });
            let winner = group.clone();
            group.spawn(async move {
                yield_now().await;
                winner.cancel();
                Ok(3)
            });
            pending().await
        });
        assert_eq!(ended.await, Ok(Some(vec![2, 3])));
        assert_eq!(alive.count(), 0);
        assert!(!outer.is_cancelled());
    };
    paused(test);
    threaded(300, test);
}

#[test]
fn cancelled_by_its_body_it_ends_without_an_error() {
    let test = async || {
        let alive = Alive::default();
        let children = alive.clone();
        let ended = run(|group| async move {
            group.spawn(children.clone().for_ever());
            group.cancel();
            Ok(())
        });
        assert_eq!(ended.await, Ok(Some(vec![])));
        assert_eq!(alive.count(), 0);
    };
    paused(test);
    threaded(300, test);
}

/// An error is reported also if it comes while the group is ending.
#[test]
fn an_error_after_the_cancellation_from_inside_is_an_error() {
    paused(async || {
        let ended = run(|group| async move {
            group.spawn_with_token(|token| async move {
                token.cancelled().await;
                Err("boom")
            });
            group.cancel();
            Ok(())
        });
        assert_eq!(ended.await, error("boom", &[]));
    });
}

#[test]
fn ca_05_a_child_with_the_token_may_answer_with_a_value() {
    paused(async || {
        let (outer, answered) =
            (CancellationToken::new(), Arc::new(AtomicBool::new(false)));
        let (cancelling, answering) = (outer.clone(), answered.clone());
        let ended = TaskGroup::run_until(&outer, |group: Group| async move {
            group.spawn_with_token(|token| async move {
                token.cancelled().await;
                answering.store(true, SeqCst);
                Ok(1)
            });
            yield_now().await;
            cancelling.cancel();
            Ok(())
        });
        // The group was cancelled, so the value is lost.
        assert_eq!(ended.await, Ok(None));
        assert!(answered.load(SeqCst));
    });
}

#[test]
fn ca_07_a_child_cancelled_before_its_first_step_never_runs() {
    paused(async || {
        let alive = Alive::default();
        let child = alive.clone();
        let ended = run(|group| async move {
            let handle = group.spawn(async move { unreachable!("{}", child.count()) });
            handle.unwrap().abort();
            Ok(())
        });
        assert_eq!(ended.await, Ok(Some(vec![])));
        assert_eq!(alive.count(), 0);
    });
}

#[test]
fn ca_08_aborting_a_child_that_has_ended_changes_nothing() {
    let test = async || {
        let ended = run(|group| async move {
            let handle = group.spawn(async { Ok(1) }).unwrap();
            while !handle.is_finished() {
                yield_now().await;
            }
            handle.abort();
            Ok(())
        });
        assert_eq!(ended.await, Ok(Some(vec![1])));
    };
    paused(test);
    threaded(300, test);
}

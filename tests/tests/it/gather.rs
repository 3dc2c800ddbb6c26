//! What the gather pages rely on: `join_all` and `try_join_all` over spawned tasks do what
//! `asyncio.gather` promises, except where a test says so. The test names begin with the number
//! of the promise: `ga` without `return_exceptions`, `ge` with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use futures_util::future::{join_all, try_join_all};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

const SECOND: Duration = Duration::from_secs(1);

/// Ends after `seconds` with that number as its result, and counts itself in `ended`.
async fn child(seconds: u32, ended: Arc<AtomicUsize>) -> Result<u32, u32> {
    sleep(SECOND * seconds).await;
    ended.fetch_add(1, SeqCst);
    // Even numbers fail.
    if seconds % 2 == 1 {
        Ok(seconds)
    } else {
        Err(seconds)
    }
}

/// The result of a task. A panic or a cancellation would be a second kind of error: neither
/// happens here.
async fn result(handle: JoinHandle<Result<u32, u32>>) -> Result<u32, u32> {
    handle.await.expect("no child panics or is aborted")
}

#[tokio::test(start_paused = true)]
async fn ga_01_ct_01_values_in_order_and_the_waits_overlap() {
    let (start, ended) = (Instant::now(), Arc::default());
    let tasks = [5, 1, 3].map(|seconds| tokio::spawn(child(seconds, Arc::clone(&ended))));
    assert_eq!(try_join_all(tasks.map(result)).await, Ok(vec![5, 1, 3]));
    assert_eq!(start.elapsed().as_secs(), 5);
}

#[tokio::test(start_paused = true)]
async fn ga_03_nothing_to_wait_for_ends_at_once() {
    assert_eq!(
        try_join_all(Vec::<JoinHandle<()>>::new()).await.unwrap(),
        []
    );
    assert!(join_all(Vec::<JoinHandle<()>>::new()).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn ga_04_the_first_error_at_once_and_the_siblings_go_on() {
    let (start, ended) = (Instant::now(), Arc::default());
    let tasks =
        [5, 2, 4, 1].map(|seconds| tokio::spawn(child(seconds, Arc::clone(&ended))));
    assert_eq!(try_join_all(tasks.map(result)).await, Err(2));
    assert_eq!((start.elapsed().as_secs(), ended.load(SeqCst)), (2, 2));
    sleep(SECOND * 5).await;
    assert_eq!(ended.load(SeqCst), 4);
}

/// A difference: if the futures are not tasks, the first error drops their siblings.
#[tokio::test(start_paused = true)]
async fn ga_04_over_plain_futures_the_siblings_are_dropped() {
    let ended = Arc::default();
    let children = [3, 2].map(|seconds| child(seconds, Arc::clone(&ended)));
    assert_eq!(try_join_all(children).await, Err(2));
    sleep(SECOND * 5).await;
    assert_eq!(ended.load(SeqCst), 1);
}

/// A difference: asyncio cancels the children of a cancelled gather.
#[tokio::test(start_paused = true)]
async fn ga_06_ca_06_tasks_outlive_a_cancelled_wait() {
    let ended = Arc::default();
    let task = tokio::spawn(child(3, Arc::clone(&ended)));
    assert!(timeout(SECOND, join_all([task])).await.is_err());
    sleep(SECOND * 5).await;
    assert_eq!(ended.load(SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn ge_01_ge_02_a_slot_for_each_child_whatever_became_of_it() {
    let ended = Arc::default();
    let mut tasks: Vec<_> = [2, 1, 3, 5]
        .map(|seconds| tokio::spawn(child(seconds, Arc::clone(&ended))))
        .into();
    tasks.push(tokio::spawn(async { panic!("a panic takes its own slot") }));
    tasks[3].abort();
    let slots = join_all(tasks).await;
    let values = slots[..3].iter().map(|slot| *slot.as_ref().unwrap());
    assert_eq!(values.collect::<Vec<_>>(), [Err(2), Ok(1), Ok(3)]);
    assert!(slots[3].as_ref().unwrap_err().is_cancelled());
    assert!(slots[4].as_ref().unwrap_err().is_panic());
}

//! This pool's answers.

use std::num::NonZeroUsize;
use std::time::Duration;

use process_pool::{Error, ProcessPool};
use serde_bytes::ByteBuf;

use crate::tasks::*;

pub fn enter() {
    process_pool::worker_entry()
        .function(increment)
        .function(echo)
        .function(nap)
        .function(abort)
        .function(fail)
        .function(print)
        .function(process_id)
        .function(meet)
        .enter();
}

fn pool(workers: usize) -> Result<ProcessPool> {
    Ok(ProcessPool::builder().max_workers(workers).build()?)
}

/// A pool that has started its workers.
fn warm(workers: usize) -> Result<ProcessPool> {
    let pool = pool(workers)?;
    let folder = meeting_place()?;
    for result in pool.map(meet, vec![(folder.clone(), workers); workers]) {
        result?;
    }
    std::fs::remove_dir_all(folder)?;
    Ok(pool)
}

pub fn answer(question: &str) -> Result<String> {
    match question {
        "death" => {
            let pool = warm(2)?;
            let mut tasks = vec![pool.submit(nap, 300)];
            let victim = pool.submit(abort, ());
            for _ in 0..10 {
                tasks.push(pool.submit(nap, 1));
            }
            let message = match victim.join() {
                Err(Error::Died { how, .. }) => how.to_string(),
                other => format!("{other:?}"),
            };
            let failed = tasks
                .into_iter()
                .filter_map(|task| task.join().err())
                .count();
            let after = pool.submit(increment, 1).join();
            deaths(&message, 1 + failed, after.is_ok())
        }
        "panics" => {
            let pool = warm(2)?;
            let mut arrived = 0;
            for n in 0..PANICS {
                if let Err(Error::Panicked { message, .. }) = pool.submit(fail, n).join()
                {
                    arrived += u64::from(message == format!("message {n}"));
                }
            }
            panics(arrived)
        }
        "three-big" => {
            let pool = warm(2)?;
            let bytes = || ByteBuf::from(vec![7; BIG]);
            let tasks = [
                pool.submit(echo, bytes()),
                pool.submit(echo, bytes()),
                pool.submit(echo, bytes()),
            ];
            for task in tasks {
                assert_eq!(task.join()?.len(), BIG);
            }
            words("works")
        }
        "queued" => {
            let pool = warm(2)?;
            let before = descriptors()?;
            let tasks: Vec<_> = (0..400).map(|_| pool.submit(nap, 2)).collect();
            let more = descriptors()? - before;
            for task in tasks {
                task.join()?;
            }
            words(more)
        }
        "print" => {
            pool(1)?.submit(print, ()).join()?;
            words("")
        }
        "killed" => {
            let pool = pool(1)?;
            println!("{}", pool.submit(process_id, ()).join()?);
            pool.submit(nap, 5000).join()?;
            words("")
        }
        "backlog" => {
            let pool = ProcessPool::builder()
                .max_workers(1)
                .max_tasks_per_child(2)
                .build()?;
            assert_eq!(
                pool.map(increment, 0..6)
                    .filter(|result| result.is_ok())
                    .count(),
                6
            );
            words("works")
        }
        "tiny" => {
            let pool = warm(2)?;
            let time = timed(|| {
                for result in pool.map(increment, 0..TINY) {
                    result?;
                }
                Ok(())
            })?;
            seconds(time, 1)
        }
        "chunks" => {
            let pool = warm(2)?;
            let chunk = NonZeroUsize::new(100).ok_or("no chunk")?;
            let time = timed(|| {
                for result in pool.map_chunked(increment, 0..CHUNKED, chunk) {
                    result?;
                }
                Ok(())
            })?;
            seconds(time, 1)
        }
        "round-trip" => {
            let pool = warm(1)?;
            let time = timed(|| {
                for n in 0..TRIPS {
                    pool.submit(increment, n).join()?;
                }
                Ok(())
            })?;
            seconds(time, TRIPS)
        }
        "start" => {
            let mut best = Duration::MAX;
            for _ in 0..3 {
                best = best.min(timed(|| warm(4).map(std::mem::forget))?);
            }
            seconds(best, 1)
        }
        "big" => {
            let pool = warm(1)?;
            let mut best = Duration::MAX;
            for _ in 0..3 {
                let bytes = ByteBuf::from(vec![7; BIG]);
                best = best.min(timed(|| {
                    assert_eq!(pool.submit(echo, bytes).join()?.len(), BIG);
                    Ok(())
                })?);
            }
            seconds(best, 1)
        }
        other => Err(format!("no such question: {other}").into()),
    }
}

//! procspawn's answers.

use std::time::Duration;

use procspawn::Pool;
use serde_bytes::ByteBuf;

use crate::tasks::*;

/// Each queued task takes two or three descriptors, so only this many are queued at a time.
const PORTION: u64 = 100;

fn warm(workers: usize) -> Result<Pool> {
    let pool = Pool::new(workers)?;
    let folder = meeting_place()?;
    let tasks: Vec<_> = (0..workers)
        .map(|_| pool.spawn((folder.clone(), workers), meet))
        .collect();
    for task in tasks {
        task.join()?;
    }
    std::fs::remove_dir_all(folder)?;
    Ok(pool)
}

pub fn answer(question: &str) -> Result<String> {
    match question {
        "death" => {
            let pool = warm(2)?;
            let mut tasks = vec![pool.spawn(300, nap)];
            let victim = pool.spawn((), abort);
            for _ in 0..10 {
                tasks.push(pool.spawn(1, nap));
            }
            let message = victim.join().err().map(|error| error.to_string());
            let failed = tasks
                .into_iter()
                .filter_map(|task| task.join().err())
                .count();
            let after = pool.spawn(1, increment).join();
            deaths(&message.unwrap_or_default(), 1 + failed, after.is_ok())
        }
        "panics" => {
            let pool = warm(2)?;
            let mut arrived = 0;
            for n in 0..PANICS {
                if let Err(error) = pool.spawn(n, fail).join() {
                    let message =
                        error.panic_info().map(|info| info.message().to_owned());
                    arrived += u64::from(message == Some(format!("message {n}")));
                }
            }
            panics(arrived)
        }
        "three-big" => {
            let pool = warm(2)?;
            let tasks = [(); 3].map(|()| pool.spawn(ByteBuf::from(vec![7; BIG]), echo));
            for task in tasks {
                assert_eq!(task.join()?.len(), BIG);
            }
            words("works")
        }
        "queued" => {
            let pool = warm(2)?;
            let before = descriptors()?;
            let queue = || (0..400).map(|_| pool.spawn(2, nap)).collect::<Vec<_>>();
            match std::panic::catch_unwind(std::panic::AssertUnwindSafe(queue)) {
                Ok(tasks) => {
                    let more = descriptors()? - before;
                    std::mem::forget(tasks);
                    println!("words {more}");
                }
                Err(_) => println!("words out of descriptors"),
            }
            // A normal end would wait for the tasks that are left.
            std::process::exit(0)
        }
        "print" => {
            warm(1)?.spawn((), print).join()?;
            words("")
        }
        "killed" => {
            let pool = warm(1)?;
            println!("{}", pool.spawn((), process_id).join()?);
            pool.spawn(5000, nap).join()?;
            words("")
        }
        "backlog" | "chunks" => words("not offered"),
        "tiny" => {
            let pool = warm(2)?;
            let time = timed(|| {
                for from in (0..TINY).step_by(PORTION as usize) {
                    let portion = from..from + PORTION;
                    let tasks: Vec<_> =
                        portion.map(|n| pool.spawn(n, increment)).collect();
                    for task in tasks {
                        task.join()?;
                    }
                }
                Ok(())
            })?;
            seconds(time, 1)
        }
        "round-trip" => {
            let pool = warm(1)?;
            let time = timed(|| {
                for n in 0..TRIPS {
                    pool.spawn(n, increment).join()?;
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
                    assert_eq!(pool.spawn(bytes, echo).join()?.len(), BIG);
                    Ok(())
                })?);
            }
            seconds(best, 1)
        }
        other => Err(format!("no such question: {other}").into()),
    }
}

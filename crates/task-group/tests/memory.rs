//! TG-04: the group frees children that have ended while it is open. Only the memory of the
//! process shows that, so this test has a process of its own.
#![cfg(target_os = "linux")]

use std::convert::Infallible;
use std::time::Duration;

use task_group::TaskGroup;
use tokio::time::{sleep, timeout};

fn resident_kilobytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let mut lines = status.lines();
    let line = lines.find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn tg_04_children_that_have_ended_take_no_memory() {
    let before = resident_kilobytes();
    let group = TaskGroup::run(|group| async move {
        for _ in 0..300 {
            for _ in 0..1000 {
                group.spawn(async { Ok(()) });
            }
            sleep(Duration::from_secs(1)).await;
        }
        // 300,000 tasks would be above 100 MB.
        assert!(resident_kilobytes() < before + 50_000);
        Ok::<_, Infallible>(())
    });
    let ended = timeout(Duration::from_secs(3600), group).await.unwrap();
    assert_eq!(ended.unwrap().len(), 300_000);
}

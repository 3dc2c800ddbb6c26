//! However a race ends, no racer is left running.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::race::{folder, wait_until, xtask};
use crate::scripts;

/// A racer that is right in its first runs. Then it does not end, and has four children: one in
/// its process group, one in a session of its own, one that also lost its parent, and one with
/// an empty environment.
const RACER: &str = "\
echo 'Calculation for 2 returned 1'
echo run >> runs
[ $(wc -l < runs) -gt RIGHT ] || exit 0
sleep 1000 & echo $! >> ids
setsid sleep 1000 & echo $! >> ids
(setsid sh -c 'echo $$ >> ids; exec sleep 1000' &)
env -i sleep 1000 & echo $! >> ids
echo $$ >> ids
wait
";

/// Starts a race of this racer alone. Sends xtask a signal when all processes of the racer run.
/// Returns these processes, and the signal that ended xtask.
fn race(name: &str, right: u32, signal: &str) -> (Vec<PathBuf>, Option<i32>) {
    let folder = folder(name);
    let racer = RACER.replace("RIGHT", &right.to_string());
    let racer = scripts::write(&folder, "racer", &racer);
    let arguments = "compare heavy-calculation --numbers=2 --only=mine --timeout=600";
    let mut race = xtask(arguments, &folder)
        .arg(format!("--also=mine={}", racer.display()))
        .start();
    let ids = || fs::read_to_string(folder.join("ids")).unwrap_or_default();
    wait_until(&mut race, "all its processes", || {
        ids().matches('\n').count() == 5
    });
    let ids = ids();
    let processes = ids.lines().map(|id| Path::new("/proc").join(id)).collect();
    race.signal(signal);
    (processes, race.wait("compare").signal())
}

#[test]
fn no_racer_lives_on_whatever_a_race_dies_by() {
    // It dies in the check, in a round, and when memory is watched. A racer that is alone is
    // timed in ten rounds, twice in each.
    for right in [0, 1, 1 + 20] {
        for (signal, number) in [("KILL", 9), ("QUIT", 3), ("HUP", 1), ("TERM", 15)] {
            let (racers, died_by) =
                race(&format!("dies-{signal}-{right}"), right, signal);
            assert_eq!(died_by, Some(number), "{signal}");
            let start = Instant::now();
            while racers.iter().any(|racer| racer.exists()) {
                let patience = Duration::from_secs(20);
                assert!(start.elapsed() < patience, "{signal} leaves {racers:?}");
                thread::sleep(Duration::from_millis(5));
            }
        }
    }
}

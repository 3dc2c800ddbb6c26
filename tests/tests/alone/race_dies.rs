//! When a race dies, in whatever way, no racer lives on.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use tests::Program;

/// The first race builds the pages in release.
const BUILD: Duration = Duration::from_secs(900);

/// A racer that is right in its first so many runs. Then it stays, with a child in its group,
/// one that left it, one that also lost its parent, and one whose environment is empty.
const RACER: &str = "#!/bin/sh
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

/// Starts a race of this racer alone and sends xtask a signal when all of the racer's
/// processes are there. Returns these, and which signal xtask died by.
fn race(name: &str, right: u32, signal: &str) -> (Vec<PathBuf>, Option<i32>) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let racer = folder.join("racer");
    fs::write(&racer, RACER.replace("RIGHT", &right.to_string())).unwrap();
    fs::set_permissions(&racer, fs::Permissions::from_mode(0o755)).unwrap();

    let mut race = Program::new("xtask")
        .args(["compare", "heavy-calculation", "--numbers=2", "--only=mine"])
        .arg(format!("--also=mine={}", racer.display()))
        .arg("--output")
        .arg(&folder)
        .start();
    let start = Instant::now();
    let ids = loop {
        let ids = fs::read_to_string(folder.join("ids")).unwrap_or_default();
        if ids.lines().count() == 5 {
            break ids;
        }
        assert!(start.elapsed() < BUILD, "{ids:?}");
        assert!(race.wait_for(Duration::from_millis(5)).is_none());
    };
    let processes = ids.lines().map(|id| Path::new("/proc").join(id)).collect();
    race.signal(signal);
    (processes, race.wait("compare").signal())
}

#[test]
fn nobody_lives_on_whatever_a_race_dies_by() {
    // In the check, and in a round of the race.
    for right in [0, 1] {
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

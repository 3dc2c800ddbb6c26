//! The folder that `--output` names.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use crate::race::{errors, expect, folder, json, text, timed, wait_until, xtask};
use crate::scripts::{RIGHT, cargo_that_cannot_build, has_built, race};

#[test]
fn a_folder_in_which_a_race_runs_is_refused_before_anything_is_built() {
    let folder = folder("shared");
    let slow =
        format!("echo run >> runs.log; until [ -e go ]; do sleep 0.01; done\n{RIGHT}");
    let mut first = race(&folder, "--rounds 1 --timeout 600", &[("slow", &slow)]).start();
    let log = folder.join("runs.log");
    wait_until(&mut first, "a first run", || log.exists());

    let cargo = cargo_that_cannot_build(&folder);
    for task in ["compare", "scale", "timeline"] {
        let second = xtask(task, &folder).env("CARGO", &cargo);
        let finished = expect(second, 1);
        let errors = errors(&finished);
        assert_eq!(errors.len(), 1, "{finished:#?}");
        let expected = format!("error: another race writes to {}", folder.display());
        assert!(errors[0].starts_with(&expected), "{errors:?}");
        assert_eq!(finished.stdout, "");
        assert!(!has_built(&cargo), "{task}");
    }

    fs::write(folder.join("go"), "").unwrap();
    let finished = first.finish("compare");
    assert_eq!(finished.status.code(), Some(0), "{finished:#?}");
    assert_eq!(timed(&folder), ["threads", "slow"]);
}

#[test]
fn a_folder_need_not_have_a_name_in_utf_8() {
    let folder = folder("odd-names").join(OsStr::from_bytes(b"a b'\xff\n"));
    let sizes =
        "--numbers 1000 --urls 2 --photos 2 --delay 0.01 --sayings 0.01:a --repeat 1";
    let compare = format!("compare {sizes} --rounds 1 --only sequential,threads");
    expect(xtask(&compare, &folder), 0);
    assert_eq!(
        json(&folder, "compare.json")["races"]
            .as_array()
            .unwrap()
            .len(),
        4
    );
    assert!(text(&folder, "report.html").contains("say-after"));

    let timeline = "timeline sequential-fetch-url --delay 0.01";
    expect(xtask(timeline, &folder), 0);
    assert!(folder.join("timeline.json").exists());

    expect(xtask("scale heavy-calculation --up-to 1000", &folder), 0);
    assert!(folder.join("scale.json").exists());
}

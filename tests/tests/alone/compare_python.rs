//! Races with CPython. The interpreters are stand-ins that need no package from anywhere.

use std::path::Path;

use tests::{python, root};

use crate::race::{expect, folder, only_race, timed, xtask};
use crate::scripts::{self, is_there, on_the_path};

/// An interpreter that claims to be this version of Python. Its virtual environment is itself.
pub fn stand_in(folder: &Path, name: &str, version: &str) {
    let python = on_the_path("python3").expect("the caller has looked");
    let text = format!(
        "case \"$*\" in\n\
         '-m venv --clear '*) mkdir -p \"$4/bin\"; ln -sf \"$0\" \"$4/bin/python\" ;;\n\
         '-m pip '*) ;;\n\
         *version_info*) echo True CPython {version} ;;\n\
         *) exec '{}' \"$@\" ;;\n\
         esac\n",
        python.display()
    );
    scripts::write(folder, name, &text);
}

#[test]
fn two_pythons_race_each_under_its_own_name() {
    if !is_there("python3", "REQUIRE_PYTHON")
        || !python::can_run(&root().join("python/processes_heavy_calculation.py"))
    {
        return;
    }
    let folder = folder("python");
    let interpreters = ["a", "b"].map(|version| {
        let name = format!("python-{version}");
        stand_in(&folder, &name, &format!("3.{version}"));
        format!("--python-interpreter={}/{name}", folder.display())
    });
    // All except machines: the twin of that page needs a package.
    let models = ["sequential", "threads", "processes", "async"];
    let race = |interpreters: &[String], families: &[&str]| {
        let mut names = Vec::new();
        for family in families {
            names.extend(models.map(|model| format!("{family}{model}")));
        }
        let only = names.join(",");
        let arguments = format!(
            "compare heavy-calculation --python --rounds 1 --numbers 1000,2000 --only {only}"
        );
        let finished = expect(xtask(&arguments, &folder).args(interpreters), 0);
        assert_eq!(timed(&folder), names);
        finished.stdout
    };

    let stdout = race(&interpreters, &["", "python3.a-", "python3.b-"]);
    // There is an answer what to take for each of them.
    for family in ["(python3.a)", "(python3.b)"] {
        assert!(stdout.contains(family), "{stdout}");
    }
    let origin = &only_race(&folder)["origins"]["python3.b-async"];
    assert_eq!(origin["python"], "async-heavy-calculation");

    let stdout = race(&interpreters[..1], &["", "python-"]);
    assert!(stdout.contains("(python)"), "{stdout}");
}

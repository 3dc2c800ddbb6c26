//! `cargo xtask readme`: the README's figures and pictures, from results that are kept.
//!
//! The results are made on a machine that does nothing else, by
//!
//! ```console
//! $ cargo xtask compare --output results --time 60
//! $ cargo xtask compare --python --output results/python
//! $ cargo xtask timeline --output results
//! $ cargo xtask readme
//! ```
//!
//! The first three write the results and other files. The results are kept, and git ignores the
//! rest.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;

use crate::racers::build;
use crate::results::comparison::{self, Comparison};
use crate::results::timelines::{self, Timelines};
use crate::show::files::Folder;
use crate::show::readme;
use crate::stderr::say;
use crate::tasks::flags::Readme;

pub fn run(flags: &Readme) -> Result<ExitCode> {
    let stale = update(&build::root(), flags.check)?;
    if flags.check && !stale.is_empty() {
        bail!(
            "out of step with results/: {}; run `cargo xtask readme`",
            stale.join(", ")
        );
    }
    for name in stale {
        say(&format!("wrote {name}"));
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the names of what differs from the results. Writes it again, unless `check_only`.
fn update(root: &Path, check_only: bool) -> Result<Vec<String>> {
    let results = root.join("results");
    let comparison: Comparison = read(&results.join(comparison::FILE))?;
    let with_python = read(&results.join("python").join(comparison::FILE))?;
    let timelines: Timelines = read(&results.join(timelines::FILE))?;
    let mut stale = Vec::new();

    for shown in readme::shown(&comparison, &with_python, &timelines)? {
        let file = shown.file;
        let path = root.join(file);
        let text = fs::read_to_string(&path);
        let text = text.with_context(|| format!("cannot read {file}"))?;
        let (filled, changed) = readme::fill(&text, &shown.parts).context(file)?;
        stale.extend(changed.iter().map(|name| format!("{file} ({name})")));
        if !changed.is_empty() && !check_only {
            let folder = path.parent().unwrap_or(root);
            Folder::create(folder.to_path_buf())?.write("README.md", &filled)?;
        }
    }
    for (name, picture) in readme::pictures(&comparison, &timelines)? {
        let there = fs::read_to_string(results.join(name));
        if there.is_ok_and(|there| there == picture) {
            continue;
        }
        stale.push(format!("results/{name}"));
        if !check_only {
            Folder::create(results.clone())?.write(name, &picture)?;
        }
    }
    Ok(stale)
}

/// Results that are kept.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let name = path.display();
    let json = fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
    let results = serde_json::from_str(&json);
    results.with_context(|| format!("{name} is of another form: measure again"))
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;
    use crate::show::samples;

    #[test]
    fn a_check_names_what_is_out_of_step_and_changes_nothing() {
        let root = env::temp_dir().join(format!("xtask-readme-{}", std::process::id()));
        let json = serde_json::to_string(&samples::comparison()).unwrap();
        for folder in [root.join("results"), root.join("results/python")] {
            Folder::create(folder)
                .unwrap()
                .write(comparison::FILE, &json)
                .unwrap();
        }
        let timelines = serde_json::to_string(&samples::timelines()).unwrap();
        fs::write(root.join("results").join(timelines::FILE), timelines).unwrap();
        let mut all = Vec::new();
        for (file, names) in [
            ("README.md", &["timelines", "result", "decision"][..]),
            ("results/README.md", &["picture", "races"]),
            ("python/README.md", &["python"]),
        ] {
            let empty = |name| format!("<!-- begin {name} --><!-- end {name} -->\n");
            let text: String = names.iter().map(empty).collect();
            fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
            fs::write(root.join(file), text).unwrap();
            all.extend(names.iter().map(|name| format!("{file} ({name})")));
        }
        let pictures = ["timeline-light", "timeline-dark", "race-light", "race-dark"];
        let pictures = pictures.map(|name| format!("results/{name}.svg"));
        let all = [all, pictures.into()].concat();
        assert_eq!(update(&root, true).unwrap(), all);
        assert_eq!(update(&root, true).unwrap(), all);
        assert_eq!(update(&root, false).unwrap(), all);
        assert_eq!(update(&root, true).unwrap(), [""; 0]);

        // Change one figure of the results.
        let other = json.replace("52000000", "53000000");
        Folder::create(root.join("results"))
            .unwrap()
            .write(comparison::FILE, &other)
            .unwrap();
        assert_eq!(update(&root, true).unwrap(), ["results/README.md (races)"]);
        fs::remove_file(root.join("results/race-dark.svg")).unwrap();
        assert_eq!(
            update(&root, true).unwrap(),
            ["results/README.md (races)", "results/race-dark.svg"]
        );

        fs::write(root.join("results/compare.json"), "{}").unwrap();
        let error = format!("{:#}", update(&root, true).unwrap_err());
        assert!(
            error.contains("compare.json is of another form: measure again"),
            "{error}"
        );
        fs::remove_file(root.join("results/compare.json")).unwrap();
        let error = format!("{:#}", update(&root, true).unwrap_err());
        assert!(
            error.contains("cannot read ") && error.contains("compare.json"),
            "{error}"
        );
        fs::remove_dir_all(root).unwrap();
    }
}

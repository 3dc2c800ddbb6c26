//! A race as a script for hyperfine, to be run again without this program.

use crate::measure::hyperfine;
use crate::racers::racer::{Origin, Racer, URLS};
use crate::racers::workload::{Work, Workload};

/// The script. It stands in the output folder, beside the URLs. hyperfine refuses an option
/// that is given twice, so the caller's options take the place of those that stand here.
pub fn script(work: &Work, racers: &[Racer], rounds: u32) -> String {
    let name = work.workload().name();
    let missing = shell_words::quote(hyperfine::MISSING);
    let mut script = format!(
        r#"#!/bin/sh
# The race of `cargo xtask compare {name}`, as a command line for hyperfine.
#
# Options for hyperfine may be given, for instance --runs 4. Without any, each racer runs
# {rounds} times, after one run to warm up; also one that the race itself ran less often. Files
# that options name are looked for in the folder of this script.
set -eu
CDPATH= cd -- "$(dirname -- "$0")"

if ! command -v hyperfine > /dev/null; then
    printf 'error: %s\n' {missing} >&2
    exit 1
fi
"#
    );
    if work.workload() == Workload::FetchUrl {
        script += &site(racers);
    }
    script += &format!(
        r#"
# No shell between hyperfine and the racers, so that the times are theirs.
shell=-N style='--style basic' warmup='--warmup 1' runs='--runs {rounds}'
for option; do
    case $option in
        -N | -S* | --shell*) shell= ;;
        --style*) style= ;;
        -w* | --warmup*) warmup= ;;
        -r* | --runs* | -m* | --min-runs* | -M* | --max-runs*) runs= ;;
    esac
done
exec hyperfine $shell $style $warmup $runs "$@""#
    );
    for racer in racers {
        let command = racer.command_line();
        let words = ["-n", &racer.name, &command].map(shell_words::quote);
        script += &format!(" \\\n    {}", words.join(" "));
    }
    script + "\n"
}

/// Turns the URLs to the site that is running, and has the first page fetched from it: it
/// takes its own arguments, but one URL from stdin.
fn site(racers: &[Racer]) -> String {
    let mut part = format!(
        r#"
# The URLs are on the site that `cargo xtask serve` runs.
SITE=${{SITE:-http://127.0.0.1:8000}}
sed "s|^http://[^/]*|$SITE|" {URLS} > {URLS}.new
mv {URLS}.new {URLS}
"#
    );
    let page = racers.iter().find(|racer| racer.origin != Origin::Also);
    if let Some(page) = page {
        let mut page = page.clone();
        for argument in &mut page.arguments {
            if *argument == format!("--from={URLS}") {
                *argument = "--from=-".to_string();
            }
        }
        part += &format!(
            r#"if ! head -n 1 {URLS} | {} > /dev/null; then
    echo "error: the site does not answer at $SITE; start it with: cargo xtask serve" >&2
    exit 1
fi
"#,
            page.command_line()
        );
    }
    part
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::process::{Command, Output};

    use super::*;
    use crate::show::files::Folder;

    /// A folder in which a hyperfine stands that writes down what it is given.
    struct Bench {
        folder: Folder,
    }

    impl Bench {
        fn new(name: &str) -> Self {
            let name = format!("xtask {name} {}", std::process::id());
            let folder = Folder::create(std::env::temp_dir().join(name)).unwrap();
            let stub = "#!/bin/sh\nprintf '%s\\n' \"$@\" > given\n";
            folder.write_script("hyperfine", stub).unwrap();
            Bench { folder }
        }

        fn path(&self) -> &Path {
            self.folder.path()
        }

        fn racer(&self, name: &str, program: &str, arguments: &[&str]) -> Racer {
            Racer {
                name: name.to_string(),
                origin: Origin::Page(name.to_string()),
                program: PathBuf::from(program),
                arguments: arguments.iter().map(ToString::to_string).collect(),
                folder: self.path().to_path_buf(),
                in_flight: 1,
            }
        }

        /// Runs the script from elsewhere.
        fn run(&self, script: &str, options: &[&str]) -> Output {
            let script = self.folder.write_script("race.sh", script).unwrap();
            let path = format!("{}:/usr/bin:/bin", self.path().display());
            let mut sh = Command::new("sh");
            sh.arg(script)
                .args(options)
                .current_dir("/")
                .env("PATH", path);
            sh.env_remove("SITE").output().unwrap()
        }

        /// What hyperfine was given; `None` if it was not started.
        fn given(&self) -> Option<Vec<String>> {
            let given = fs::read_to_string(self.path().join("given")).ok()?;
            Some(given.lines().map(String::from).collect())
        }
    }

    impl Drop for Bench {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(self.path());
        }
    }

    fn sayings() -> Work {
        Work::scaled(Workload::SayAfter, 2, 1)
    }

    #[test]
    fn without_options_it_is_run_as_compare_runs_it() {
        let bench = Bench::new("options");
        let hello = bench.racer("threads", "/bin/say it", &["1:it's $5", "a  b"]);
        let mine = bench.racer("mine", "say", &[]);
        let script = script(&sayings(), &[hello.clone(), mine], 7);
        let output = bench.run(&script, &[]);
        assert!(output.status.success(), "{output:?}");
        let given = bench.given().unwrap();
        let (options, racers) = given.split_at(7);
        let mut expected = hyperfine::options(7).to_vec();
        let mut options = options.to_vec();
        expected.sort();
        options.sort();
        assert_eq!(options, expected);
        // Every racer is one word, from which hyperfine makes the same words again.
        assert_eq!(racers[..2], ["-n", "threads"]);
        assert_eq!(
            shell_words::split(&racers[2]).unwrap(),
            ["/bin/say it", "1:it's $5", "a  b", "--quiet"]
        );
        assert_eq!(racers[3..], ["-n", "mine", "say --quiet"]);
    }

    #[test]
    fn options_of_the_caller_take_the_place_of_its_own() {
        let bench = Bench::new("own options");
        let script = script(&sayings(), &[bench.racer("threads", "say", &[])], 7);
        let runs: &[&str] = &["--runs", "7"];
        let warmup: &[&str] = &["--warmup", "1"];
        let style: &[&str] = &["--style", "basic"];
        let cases: [(&[&str], &[&[&str]]); 13] = [
            (&["--runs", "4"], &[&["-N"], style, warmup]),
            (&["--runs=4"], &[&["-N"], style, warmup]),
            (&["-r", "4"], &[&["-N"], style, warmup]),
            (&["-r4"], &[&["-N"], style, warmup]),
            (&["--min-runs", "4"], &[&["-N"], style, warmup]),
            (&["-M", "4"], &[&["-N"], style, warmup]),
            (&["--warmup", "0"], &[&["-N"], style, runs]),
            (&["-w", "0"], &[&["-N"], style, runs]),
            (&["--style", "full"], &[&["-N"], warmup, runs]),
            (&["--shell", "bash"], &[style, warmup, runs]),
            (&["-S", "bash"], &[style, warmup, runs]),
            (&["-N"], &[style, warmup, runs]),
            (
                &["--export-json", "a b.json"],
                &[&["-N"], style, warmup, runs],
            ),
        ];
        for (options, own) in cases {
            assert!(bench.run(&script, options).status.success(), "{options:?}");
            let racer: &[&str] = &["-n", "threads", "say --quiet"];
            let expected = [&own.concat()[..], options, racer].concat();
            assert_eq!(bench.given().unwrap(), expected, "{options:?}");
        }
    }

    #[test]
    fn where_hyperfine_is_missing_it_says_how_to_get_one() {
        let bench = Bench::new("missing");
        fs::remove_file(bench.path().join("hyperfine")).unwrap();
        let script = script(&sayings(), &[bench.racer("threads", "say", &[])], 7);
        // A PATH on which there is a `dirname`, and no hyperfine even where one is installed.
        let dirname = "#!/bin/sh\nexec /usr/bin/dirname \"$@\"\n";
        bench.folder.write_script("dirname", dirname).unwrap();
        let path = bench.folder.write_script("race.sh", &script).unwrap();
        let mut sh = Command::new("/bin/sh");
        let output = sh.arg(path).env("PATH", bench.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(stderr, format!("error: {}\n", hyperfine::MISSING));
    }

    #[test]
    fn it_tells_how_to_start_the_site_and_turns_the_urls_to_it() {
        let bench = Bench::new("site");
        let work = Work::fetch(2, std::time::Duration::ZERO, 2);
        let urls = work.urls("http://127.0.0.1:45678");
        bench.folder.write(URLS, &urls).unwrap();
        // A page that writes down what it is asked for, and succeeds where there is a site.
        let page = "#!/bin/sh\necho \"$@\" > asked; cat >> asked; test -e up\n";
        bench.folder.write_script("page", page).unwrap();
        let mut also = bench.racer("mine", "/nowhere/mine", &[]);
        also.origin = Origin::Also;
        let page = bench.path().join("page");
        let arguments = ["--max-workers=2", &format!("--from={URLS}")];
        let page = bench.racer("threads", page.to_str().unwrap(), &arguments);
        let script = script(&work, &[also, page], 7);

        let output = bench.run(&script, &[]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            stderr,
            "error: the site does not answer at http://127.0.0.1:8000; \
             start it with: cargo xtask serve\n"
        );
        assert_eq!(bench.given(), None, "it must not be raced");
        let asked = fs::read_to_string(bench.path().join("asked")).unwrap();
        assert_eq!(
            asked,
            "--max-workers=2 --from=- --quiet\nhttp://127.0.0.1:8000/delay/0?page=1\n"
        );
        let turned = fs::read_to_string(bench.path().join(URLS)).unwrap();
        assert_eq!(turned, work.urls("http://127.0.0.1:8000"));

        bench.folder.write("up", "").unwrap();
        assert!(bench.run(&script, &["--runs", "4"]).status.success());
        assert!(bench.given().unwrap().contains(&"-n".to_string()));
    }
}

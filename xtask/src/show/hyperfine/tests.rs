use super::*;

/// Our field names and their order, and the statistics, must be those of hyperfine.
#[test]
fn what_is_written_is_hyperfines_own_schema() {
    let sample = include_str!("../../../samples/hyperfine-1.15.json");
    let known: serde_json::Value = serde_json::from_str(sample).unwrap();
    let racers = known["results"].as_array().unwrap().iter().map(|result| {
        let number = |value: &serde_json::Value| value.as_f64().unwrap();
        let times = result["times"].as_array().unwrap().iter();
        let run = |(i, wall): (usize, &serde_json::Value)| Run {
            round: i as u32 + 1,
            wall: number(wall),
            user: number(&result["user"]),
            system: number(&result["system"]),
        };
        Entrant {
            name: result["command"].as_str().unwrap().to_string(),
            bound: None,
            check: None,
            runs: times.enumerate().map(run).collect(),
            memory: Vec::new(),
            failure: None,
        }
    });
    let racers: Vec<_> = racers.collect();
    assert_eq!(json(&racers).unwrap().trim(), sample.trim());
}

/// Tests of the scripts, with a stand-in for hyperfine that records its arguments.
#[cfg(unix)]
mod scripts {
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::process::{Command, Output};

    use super::*;
    use crate::show::files::Folder;

    /// A folder with a stand-in for hyperfine that records its arguments.
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

        fn command(&self, program: &str, arguments: &[&str]) -> CommandLine {
            CommandLine {
                program: PathBuf::from(program),
                arguments: arguments.iter().map(ToString::to_string).collect(),
                folder: self.path().to_path_buf(),
                environment: Vec::new(),
            }
        }

        /// Runs the script from another folder.
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

        /// The arguments of hyperfine. `None` if it was not started.
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

    fn script(commands: &[(&str, CommandLine)]) -> String {
        let commands = commands.iter();
        let commands =
            commands.map(|(name, command)| (name.to_string(), command.clone()));
        Script {
            name: "say-after",
            commands: &commands.collect::<Vec<_>>(),
            site: None,
        }
        .text()
    }

    #[test]
    fn without_options_it_is_run_as_compare_runs_it() {
        let bench = Bench::new("options");
        let hello = bench.command("/bin/say it", &["1:it's $5", "a  b"]);
        let mine = bench.command("say", &[]);
        let script = script(&[("threads", hello), ("mine", mine)]);
        let output = bench.run(&script, &[]);
        assert!(output.status.success(), "{output:?}");
        let given = bench.given().unwrap();
        let (options, racers) = given.split_at(7);
        let expected = "-N --style basic --warmup 1 --runs 10";
        assert_eq!(options.join(" "), expected);
        // The command of every racer is one argument, which hyperfine splits into the same
        // words again.
        assert_eq!(racers[..2], ["-n", "threads"]);
        assert_eq!(
            shell_words::split(&racers[2]).unwrap(),
            ["/bin/say it", "1:it's $5", "a  b"]
        );
        assert_eq!(racers[3..], ["-n", "mine", "say"]);
    }

    #[test]
    fn options_of_the_caller_take_the_place_of_its_own() {
        let bench = Bench::new("own options");
        let script = script(&[("threads", bench.command("say", &[]))]);
        let runs: &[&str] = &["--runs", "10"];
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
            let racer: &[&str] = &["-n", "threads", "say"];
            let expected = [&own.concat()[..], options, racer].concat();
            assert_eq!(bench.given().unwrap(), expected, "{options:?}");
        }
    }

    #[test]
    fn where_hyperfine_is_missing_it_says_how_to_get_one() {
        let bench = Bench::new("missing");
        fs::remove_file(bench.path().join("hyperfine")).unwrap();
        let script = script(&[("threads", bench.command("say", &[]))]);
        // A PATH on which there is a `dirname`, and no hyperfine even where one is installed.
        let dirname = "#!/bin/sh\nexec /usr/bin/dirname \"$@\"\n";
        bench.folder.write_script("dirname", dirname).unwrap();
        let path = bench.folder.write_script("race.sh", &script).unwrap();
        let mut sh = Command::new("/bin/sh");
        let output = sh.arg(path).env("PATH", bench.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(stderr, format!("error: {}\n", MISSING));
    }

    #[test]
    fn it_tells_how_to_start_the_site_and_turns_the_urls_to_it() {
        let bench = Bench::new("site");
        let urls = |site: &str| format!("{site}/python\n{site}/django\n");
        bench
            .folder
            .write("its.urls", &urls("http://127.0.0.1:45678"))
            .unwrap();
        // A stand-in for a page. It records what it is asked for, and succeeds if the site is
        // up.
        let page = "#!/bin/sh\necho \"$@\" > asked; cat >> asked; test -e up\n";
        bench.folder.write_script("page", page).unwrap();
        let page = bench.path().join("page");
        let page = page.to_str().unwrap();
        let script = Script {
            name: "fetch-url",
            commands: &[("threads".to_string(), bench.command(page, &["--from=it"]))],
            site: Some(Site {
                urls: "its.urls".to_string(),
                delay: Duration::from_millis(20),
                fetches_stdin: bench.command(page, &["--from=-", "--quiet"]),
            }),
        }
        .text();

        let output = bench.run(&script, &[]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            stderr,
            "error: the site does not answer at http://127.0.0.1:8000; \
             start it with: cargo xtask serve --delay 0.02\n"
        );
        assert_eq!(bench.given(), None, "it must not be raced");
        let asked = fs::read_to_string(bench.path().join("asked")).unwrap();
        assert_eq!(asked, "--from=- --quiet\nhttp://127.0.0.1:8000/python\n");
        let turned = fs::read_to_string(bench.path().join("its.urls")).unwrap();
        assert_eq!(turned, urls("http://127.0.0.1:8000"));

        bench.folder.write("up", "").unwrap();
        assert!(bench.run(&script, &["--runs", "4"]).status.success());
        assert!(bench.given().unwrap().contains(&"-n".to_string()));
    }
}

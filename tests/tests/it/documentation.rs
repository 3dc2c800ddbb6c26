//! The documentation is right: these tests run every command in the header of a page and in the
//! README, and compare its output with the output that stands there.

use std::fs;

use serde_json::Value;
use tests::header::{self, Example, examples};
use tests::nats::NatsServer;
use tests::{Program, for_each_page, pages, root, source};

/// Runs a page with the arguments of an example, and compares the output.
fn run_page(example: &Example) {
    let Example { command, output } = example;
    let page = &command[3];
    let args = command[4..].iter().filter(|word| *word != "--");
    let printed = Program::new(page).args(args).expect(0).stdout;
    let printed = printed.lines().map(with_port_token).collect();
    assert_eq!(arrange(printed), arrange(output.clone()), "{command:?}");
}

#[test]
fn every_header_shows_what_its_page_prints() {
    for_each_page(pages(), |page| {
        let text = fs::read_to_string(source(page)).unwrap();
        let examples = examples(&header::text(&text));
        assert!(
            examples[0]
                .command
                .iter()
                .eq(["cargo", "run", "--bin", page]),
            "{page}"
        );
        examples.iter().for_each(run_page);
    });
}

#[test]
fn the_readme_shows_what_its_commands_print() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let examples = examples(&readme);
    assert!(!examples.is_empty());
    for example in examples {
        let words: Vec<_> = example.command.iter().map(String::as_str).collect();
        match words[..] {
            ["cargo", "run", "--bin", ..] => run_page(&example),
            _ => panic!("nothing runs this command of the README: {example:?}"),
        }
    }
}

/// The commands in the `sh` blocks of a text, which show no output.
fn commands(markdown: &str) -> Vec<&str> {
    let blocks = markdown.split("```sh\n").skip(1);
    let blocks =
        blocks.map(|rest| rest.split("```").next().expect("split yields a part"));
    let lines = blocks.flat_map(str::lines);
    lines
        .map(|line| line.split(" #").next().expect("split yields a part").trim())
        .collect()
}

#[test]
fn every_command_that_the_readme_shows_works() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let commands = commands(&readme);
    assert!(commands.len() >= 2, "{commands:?}");
    for command in commands {
        let words: Vec<_> = command.split(' ').collect();
        match words[..] {
            ["cargo", "run", "--bin", page, ref args @ ..] => {
                let args = args.iter().filter(|word| **word != "--");
                Program::new(page).args(args).expect(0);
            }
            ["cargo", "run", "--example", page] => {
                Program::new(&format!("examples/{page}")).expect(0);
            }
            // Other tests run these tasks.
            ["cargo", "xtask", ref words @ ..] => assert_is_task(words),
            _ => panic!("nothing runs this command of the README: {command:?}"),
        }
    }
}

/// How the commands in the job queue's README begin that make three hosts work together.
const THREE_HOSTS: [&str; 3] = [
    "nats-server --config crates/job-queue/nats.conf",
    "machines-heavy-calculation --worker ",
    "machines-heavy-calculation --server ",
];

#[test]
fn the_three_commands_of_three_hosts_work_together() {
    let readme = fs::read_to_string(root().join("crates/job-queue/README.md")).unwrap();
    let commands = commands(&readme);
    let [server, worker, submitter] = THREE_HOSTS.map(|start| {
        let command = commands.iter().find(|command| command.starts_with(start));
        *command.unwrap_or_else(|| panic!("the README has no command {start}"))
    });
    assert_eq!(server, THREE_HOSTS[0]);
    let configuration =
        fs::read_to_string(root().join("crates/job-queue/nats.conf")).unwrap();
    let password = configuration
        .lines()
        .find(|line| line.starts_with("authorization"))
        .expect("who may come in");
    let password = password
        .replace("$NATS_USER", "test")
        .replace("$NATS_PASSWORD", "secret");
    let Some(server) = NatsServer::with(&password) else {
        return;
    };
    let on_this_host = |command: &str| {
        let address = "nats://a:4222";
        assert!(command.contains(address), "{command}");
        let command = command.replace(address, server.address());
        let words: Vec<_> = command.split(' ').map(str::to_owned).collect();
        Program::new(&words[0])
            .args(&words[1..])
            .env("NATS_USER", "test")
            .env("NATS_PASSWORD", "secret")
    };
    let _worker = on_this_host(worker).start();
    let finished = on_this_host(submitter).expect(0);
    assert!(
        finished
            .stdout
            .starts_with("Calculation for 20000000 returned ")
    );
}

#[test]
fn the_code_in_the_readme_stands_in_its_pages() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let python = root().join("python/threads_fetch_url.py");
    for (language, file) in [("python", python), ("rust", source("threads-fetch-url"))] {
        let block = readme.split(&format!("```{language}\n")).nth(1);
        let code = block.and_then(|rest| rest.split("```").next());
        let page = fs::read_to_string(file).unwrap();
        assert!(page.contains(code.expect(language)), "{language}");
    }
}

#[test]
fn every_task_and_option_that_a_text_names_exists() {
    for file in [
        "README.md",
        "xtask/README.md",
        "results/README.md",
        "python/README.md",
    ] {
        let text = fs::read_to_string(root().join(file)).unwrap();
        let spans = text.split('`');
        let commands = spans.filter_map(|code| code.strip_prefix("cargo xtask "));
        let commands: Vec<_> = commands.collect();
        assert!(!commands.is_empty(), "{file}");
        for command in commands {
            assert_is_task(&command.split(' ').collect::<Vec<_>>());
        }
    }
}

/// Checks that a task takes these words. With `--help` it checks them but does nothing.
fn assert_is_task(words: &[&str]) {
    Program::new("xtask").args(words).args(["--help"]).expect(0);
}

#[test]
fn the_readme_of_xtask_shows_every_task() {
    let readme = fs::read_to_string(root().join("xtask/README.md")).unwrap();
    let help = Program::new("xtask").args(["--help"]).expect(0).stdout;
    let (_, tasks) = help.split_once("Commands:\n").unwrap();
    let tasks = tasks.lines().take_while(|line| !line.is_empty());
    let tasks = tasks.filter_map(|line| line.split_whitespace().next());
    let tasks: Vec<_> = tasks.filter(|task| *task != "help").collect();
    assert!(tasks.len() >= 5, "{help}");
    for task in tasks {
        assert!(
            readme.contains(&format!("`cargo xtask {task}")),
            "the README does not name {task}"
        );
    }
}

#[test]
fn the_figures_in_the_texts_are_those_of_the_results() {
    Program::new("xtask").args(["readme", "--check"]).expect(0);
}

#[test]
fn the_results_name_no_folder_of_the_machine() {
    for results in [
        "results/compare.json",
        "results/python/compare.json",
        "results/timeline.json",
    ] {
        let json = fs::read_to_string(root().join(results)).unwrap();
        let json: Value = serde_json::from_str(&json).unwrap();
        for text in texts(&json) {
            let mut words = text.split([' ', '=', '\'', '"']);
            let is_absolute = words.any(|word| word.starts_with('/'));
            assert!(!is_absolute, "{results}: {text}");
        }
    }
}

/// All texts in a JSON value.
fn texts(json: &Value) -> Vec<&str> {
    match json {
        Value::String(text) => vec![text],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// Result lines in their order, lines of progress in any.
fn arrange(lines: Vec<String>) -> (Vec<String>, Vec<String>) {
    let is_result = |line: &String| {
        line.starts_with("URL: ")
            || line.contains(" returned ")
            || line.ends_with("completed.")
    };
    let (results, mut progress): (Vec<_>, Vec<_>) =
        lines.into_iter().partition(is_result);
    progress.sort();
    (results, progress)
}

/// Puts the word `PORT` in the place of the port that the demo site was given.
fn with_port_token(line: &str) -> String {
    match line.split_once("127.0.0.1:") {
        Some((before, after)) => {
            let path = after.trim_start_matches(|c: char| c.is_ascii_digit());
            format!("{before}127.0.0.1:PORT{path}")
        }
        None => line.to_owned(),
    }
}

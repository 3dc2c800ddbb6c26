//! What the documentation shows is what happens: every command in the header of a page and
//! in the README is run, and what it prints compared.

use std::fs;

use serde_json::Value;
use tests::header::{self, Example, examples};
use tests::nats::NatsServer;
use tests::{Program, for_each_page, pages, root, source};

/// Runs a page as an example of `cargo run` shows it.
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
fn the_readme_shows_commands_that_there_are() {
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
            // These are run by tests of their own, and by whoever reads this.
            ["cargo", "xtask", ref words @ ..] => assert_is_task(words),
            // And these by the next one.
            _ if THREE_HOSTS.iter().any(|start| command.starts_with(start)) => {}
            _ => panic!("nothing runs this command of the README: {command:?}"),
        }
    }
}

/// How the commands of the README begin that make three hosts work together.
const THREE_HOSTS: [&str; 3] = [
    "nats-server --jetstream --user me --pass SECRET",
    "machines-heavy-calculation --worker ",
    "machines-heavy-calculation --server ",
];

#[test]
fn the_three_commands_of_three_hosts_work_together() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let commands = commands(&readme);
    let [server, worker, submitter] = THREE_HOSTS.map(|start| {
        let command = commands.iter().find(|command| command.starts_with(start));
        *command.unwrap_or_else(|| panic!("the README has no command {start}"))
    });
    // A test's own server is started with these options, too.
    assert_eq!(server, THREE_HOSTS[0]);
    let Some(server) = NatsServer::start() else {
        return;
    };
    let on_this_host = |command: &str| {
        let address = "nats://me:SECRET@a:4222";
        assert!(command.contains(address), "{command}");
        let command = command.replace(address, &server.url());
        let words: Vec<_> = command.split(' ').map(str::to_owned).collect();
        Program::new(&words[0]).args(&words[1..])
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
fn the_readme_names_only_tasks_and_options_that_there_are() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let commands = readme.split('`');
    let commands = commands.filter_map(|code| code.strip_prefix("cargo xtask "));
    let commands: Vec<_> = commands.collect();
    assert!(!commands.is_empty());
    for command in commands {
        assert_is_task(&command.split(' ').collect::<Vec<_>>());
    }
}

/// Asks a task for its help: it is refused before that, if anything is wrong with it.
fn assert_is_task(words: &[&str]) {
    Program::new("xtask").args(words).args(["--help"]).expect(0);
}

#[test]
fn the_readme_shows_every_task() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
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

/// Every figure of a race in the README comes from results that are kept beside it.
#[test]
fn the_readme_is_in_step_with_the_results() {
    Program::new("xtask").args(["readme", "--check"]).expect(0);
}

#[test]
fn the_results_say_nothing_of_where_they_were_measured() {
    for results in ["results/compare.json", "results/python/compare.json"] {
        let json = fs::read_to_string(root().join(results)).unwrap();
        let json: Value = serde_json::from_str(&json).unwrap();
        for race in json["races"].as_array().unwrap() {
            let entrants = race["entrants"].as_array().unwrap();
            assert!(!entrants.is_empty(), "{results}");
            for entrant in entrants {
                let command = entrant["command"].as_str().unwrap();
                let absolute = |word: &str| word.trim_matches('\'').starts_with('/');
                assert!(!command.split(' ').any(absolute), "{results}: {command}");
            }
        }
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

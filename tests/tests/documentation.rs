//! What the documentation shows is what happens: every command in the header of a page and
//! in the README is run, and what it prints compared.

use std::fs;

use tests::{Program, for_each_page, pages, root, source};

/// A command and the output that is shown below it.
#[derive(Debug)]
struct Example {
    command: Vec<String>,
    output: Vec<String>,
}

/// The examples in the `console` blocks of a text.
fn examples(markdown: &str) -> Vec<Example> {
    let mut examples = Vec::new();
    let mut in_block = false;
    for line in markdown.lines() {
        if line.starts_with("```") {
            in_block = line == "```console";
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| in_block) {
            let command = command.split(' ').map(String::from).collect();
            examples.push(Example {
                command,
                output: Vec::new(),
            });
        } else if in_block {
            examples
                .last_mut()
                .expect("a command comes first")
                .output
                .push(line.into());
        }
    }
    examples
}

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
        let header = text.lines().map_while(|line| line.strip_prefix("//!"));
        let header = header
            .map(|line| line.trim_start().to_owned() + "\n")
            .collect::<String>();
        let examples = examples(&header);
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
    for example in examples(&readme) {
        let words: Vec<_> = example.command.iter().map(String::as_str).collect();
        match words[..] {
            ["cargo", "run", "--bin", ..] => run_page(&example),
            // These are run by the tests of `compare`, and by whoever reads this.
            ["cargo", "xtask", "compare", ..] | ["cargo", "test", "--workspace"] => {}
            _ => panic!("nothing runs this command of the README: {example:?}"),
        }
    }
}

#[test]
fn the_readme_names_only_tasks_and_options_that_there_are() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let commands = readme
        .split('`')
        .filter_map(|code| code.strip_prefix("cargo xtask "));
    for command in commands {
        let words: Vec<_> = command.split(' ').collect();
        // It is refused before it comes to the help, if there is anything wrong with it.
        Program::new("xtask").args(words).args(["--help"]).expect(0);
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

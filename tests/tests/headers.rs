//! Every page does what its header says: the command in it is run, and its output compared.

use std::fs;

use tests::{Program, for_each_page, pages, source};

#[test]
fn every_page_prints_what_its_header_shows() {
    for_each_page(pages(), |page| {
        let text = fs::read_to_string(source(page)).expect("the page is there");
        let mut header = text.lines().map_while(|line| line.strip_prefix("//!"));
        let command = header
            .find_map(|line| line.strip_prefix(" $ "))
            .expect("the header has a command");
        let mut words = command.split(' ');
        assert!(
            words.by_ref().take(4).eq(["cargo", "run", "--bin", page]),
            "{command}"
        );
        let args = words.skip_while(|word| *word == "--");
        let expected: Vec<_> = header
            .map(str::trim)
            .take_while(|line| *line != "```")
            .map(String::from)
            .collect();

        let printed = Program::new(page).args(args).expect(0).stdout;
        let printed = printed.lines().map(with_port_token).collect();
        assert_eq!(arrange(printed), arrange(expected), "{page}");
    });
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

//! Reads the header of a page, and what the README has in the same form.

/// A command and the output that is shown below it.
#[derive(Debug)]
pub struct Example {
    /// The words of the command, `cargo` the first.
    pub command: Vec<String>,
    /// The lines of the output.
    pub output: Vec<String>,
}

/// The text of the comment that a file begins with.
pub fn text(source: &str) -> String {
    let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
    let lines = lines.map(|line| line.strip_prefix(' ').unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// The examples in the `console` blocks of a text.
pub fn examples(markdown: &str) -> Vec<Example> {
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

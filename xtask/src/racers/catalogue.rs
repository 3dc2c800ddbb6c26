//! The catalogue: every page as a file, and the search that finds a page by name.
//!
//! Its pages are those that are raced and those of the phrasebook.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::racers::build::{PACKAGES, root};

/// A page, and what `search` looks at.
pub struct Page {
    /// The name that cargo knows.
    pub name: String,
    /// Whether it is one of the phrasebook: `cargo run --example`, else `--bin`.
    pub is_phrase: bool,
    /// Its file, from the root of the workspace.
    pub file: PathBuf,
    /// All of its header before the command.
    pub about: String,
}

/// All pages: first those that are raced, by model, then the phrasebook, by name.
pub fn pages() -> Result<Vec<Page>> {
    let mut pages = Vec::new();
    for package in PACKAGES {
        pages.extend(of_folder(&Path::new(package).join("src/bin"), false)?);
    }
    let mut phrases = Vec::new();
    for package in entries(Path::new("phrasebook"))? {
        if !root().join(&package).is_dir() {
            continue;
        }
        phrases.extend(of_folder(&package.join("examples"), true)?);
    }
    phrases.sort_by(|a, b| a.name.cmp(&b.name));
    pages.append(&mut phrases);
    Ok(pages)
}

/// The pages of a folder, by name.
fn of_folder(folder: &Path, is_phrase: bool) -> Result<Vec<Page>> {
    let mut pages = Vec::new();
    for file in entries(folder)? {
        if file.extension().is_some_and(|extension| extension == "rs") {
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            let name = name.into_owned();
            let header = header(&read(&file)?);
            let (about, _) = header.split_once("```").unwrap_or((&header, ""));
            pages.push(Page {
                name,
                is_phrase,
                file,
                about: about.to_owned(),
            });
        }
    }
    if pages.is_empty() {
        bail!("there is no page in {}", folder.display());
    }
    pages.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(pages)
}

/// The entries of a folder. Their paths, like the folder's, start at the workspace root.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = || format!("cannot read {}", folder.display());
    let mut entries = Vec::new();
    for entry in fs::read_dir(root().join(folder)).with_context(unreadable)? {
        entries.push(folder.join(entry.with_context(unreadable)?.file_name()));
    }
    Ok(entries)
}

/// Reads a file of the workspace. Its path starts at the workspace root.
pub fn read(file: &Path) -> Result<String> {
    let unreadable = || format!("cannot read {}", file.display());
    fs::read_to_string(root().join(file)).with_context(unreadable)
}

/// The header comment of a Rust file as Markdown: its lines without `//!`.
pub fn header(source: &str) -> String {
    let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
    let lines = lines.map(|line| line.strip_prefix(' ').unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// The code of a page, without its header.
pub fn below_header(rust: &str) -> &str {
    rust.split_once("\n\n").map_or(rust, |(_, code)| code)
}

/// The header of a twin: the comment above its docstring, and the docstring.
pub fn header_of_twin(python: &str) -> String {
    let mut parts = python.splitn(3, "\"\"\"");
    let (Some(comment), Some(docstring)) = (parts.next(), parts.next()) else {
        return String::new();
    };
    let comment: Vec<&str> = comment
        .lines()
        .map(|line| line.trim_start_matches(['#', ' ']))
        .collect();
    let header = format!("{}\n\n{docstring}", comment.join("\n"));
    header.trim().to_owned()
}

/// The code of a twin, without its header.
pub fn below_docstring(python: &str) -> &str {
    let code = python.splitn(3, "\"\"\"").last().unwrap_or_default();
    code.trim_start()
}

impl Page {
    /// The first sentence of the header.
    pub fn summary(&self) -> String {
        let (summary, _) = self.about.split_once("\n\n").unwrap_or((&self.about, ""));
        summary.replace('\n', " ")
    }

    /// The same program in Python, if there is one.
    ///
    /// A twin with the name of a module of Python's library would be imported in its place,
    /// so the name of such a twin ends in `_`.
    pub fn twin(&self) -> Option<PathBuf> {
        let folder = match self.is_phrase {
            true => "python/phrasebook",
            false => "python",
        };
        let stem = self.name.replace('-', "_");
        let twins =
            ["", "_"].map(|end| Path::new(folder).join(format!("{stem}{end}.py")));
        twins.into_iter().find(|twin| root().join(twin).exists())
    }
}

/// Finds the pages that match every one of the words, the best match first.
///
/// A page with a word as its name comes first, then pages with a word in their names, then
/// pages with the words in their texts. Within each of these the phrasebook comes first.
pub fn search<'a>(pages: &'a [Page], words: &[Word]) -> Vec<Hit<'a>> {
    let mut hits = Vec::new();
    for page in pages {
        let matches: Option<Vec<Match>> =
            words.iter().map(|word| word.matches(page)).collect();
        if let Some(mut matches) = matches {
            matches.sort();
            hits.push(Hit { page, matches });
        }
    }
    hits.sort_by_key(|hit| (hit.matches.clone(), !hit.page.is_phrase));
    hits
}

/// A page that matches every word of a search.
pub struct Hit<'a> {
    pub page: &'a Page,
    /// How it matches each of the words, the best match first.
    matches: Vec<Match>,
}

impl Hit<'_> {
    /// Whether the page is the one that has this name.
    pub fn is_exact(&self) -> bool {
        self.matches == [Match::Exact]
    }
}

/// How a page matches a word. The order is that of the hits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Match {
    /// The word is the page's name.
    Exact,
    /// The page's name contains the word.
    InName,
    /// The page's text mentions the word.
    InText,
}

/// A word to search for: a name in Python or Rust, or the name of a page.
///
/// `wait_for`, `Wait-For`, `wait_for()` and `asyncio.wait_for` are the same word.
pub struct Word {
    /// The name without its modules. A class stays: `Queue.join` is not every `join`.
    name: String,
    /// With its modules: `asyncio.run` is the page `asyncio-run`.
    path: String,
    /// Without the class as well: `TaskGroup.create_task` is the page `create-task`.
    last: String,
}

impl Word {
    pub fn new(typed: &str) -> Self {
        let path = typed.strip_suffix("()").unwrap_or(typed);
        let last = path.rsplit(['.', ':']).next().unwrap_or(path);
        Word {
            name: simple(without_modules(path)),
            path: simple(path),
            last: simple(last),
        }
    }

    /// Whether a text mentions this word.
    pub fn is_in(&self, text: &str) -> bool {
        simple(text).contains(&self.name)
    }

    fn matches(&self, page: &Page) -> Option<Match> {
        if [&self.name, &self.path, &self.last].contains(&&page.name) {
            Some(Match::Exact)
        } else if self.is_in(&page.name) {
            Some(Match::InName)
        } else if self.is_in(&page.about) {
            Some(Match::InText)
        } else {
            None
        }
    }
}

/// A name without the modules before it. In both languages a module begins with a lower-case
/// letter, and a type with a capital.
fn without_modules(path: &str) -> &str {
    let mut name = path;
    while let Some((module, rest)) = name.split_once("::").or(name.split_once('.')) {
        if !module.starts_with(char::is_lowercase) || rest.is_empty() {
            break;
        }
        name = rest;
    }
    name
}

/// Writes all spellings of a name alike, as the names of pages are written.
fn simple(text: &str) -> String {
    text.to_lowercase()
        .replace("::", "-")
        .replace(['_', '.'], "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(name: &str, is_phrase: bool, about: &str) -> Page {
        Page {
            name: name.to_owned(),
            is_phrase,
            file: PathBuf::new(),
            about: about.to_owned(),
        }
    }

    /// The names that a search finds, in its order.
    fn found<'a>(pages: &'a [Page], words: &[&str]) -> Vec<&'a str> {
        let words: Vec<Word> = words.iter().map(|word| Word::new(word)).collect();
        search(pages, &words)
            .iter()
            .map(|hit| hit.page.name.as_str())
            .collect()
    }

    #[test]
    fn all_spellings_of_a_name_find_the_same_pages() {
        let pages = [
            page("condition", true, "`condition.wait_for(predicate)`"),
            page("wait-for", true, "Wait for a task."),
            page("wait-all", true, "`asyncio.wait(tasks)`"),
        ];
        for spelling in [
            "wait_for",
            "wait-for",
            "Wait_For",
            "WAIT-FOR",
            "wait_for()",
            "asyncio.wait_for",
            "asyncio.wait_for()",
            "tokio::time::wait_for",
        ] {
            assert_eq!(
                found(&pages, &[spelling]),
                ["wait-for", "condition"],
                "{spelling}"
            );
        }
    }

    #[test]
    fn a_path_can_be_the_name_of_a_page() {
        let pages = [
            page("asyncio-run", true, ""),
            page("create-task", true, ""),
            page("subprocess-run", true, ""),
        ];
        for (path, name) in [
            ("asyncio.run", "asyncio-run"),
            ("subprocess.run()", "subprocess-run"),
            ("TaskGroup.create_task", "create-task"),
            ("Asyncio.Create_Task", "create-task"),
        ] {
            let hits = search(&pages, &[Word::new(path)]);
            assert_eq!(hits[0].page.name, name);
            assert!(hits[0].is_exact(), "{path}");
        }
    }

    #[test]
    fn a_method_is_searched_for_with_its_class() {
        let pages = [
            page("thread", true, "`Thread.join`"),
            page("async-queue-join", true, "`queue.join()`"),
            page("tasks", true, "`JoinSet::join_next`"),
        ];
        let expected = ["async-queue-join"];
        assert_eq!(found(&pages, &["Queue.join"]), expected);
        assert_eq!(found(&pages, &["asyncio.Queue.join()"]), expected);
        assert_eq!(found(&pages, &["JoinSet::join_next"]), ["tasks"]);
        assert_eq!(found(&pages, &["tokio::task::JoinSet"]), ["tasks"]);
    }

    #[test]
    fn a_name_comes_before_a_part_of_a_name_and_that_before_a_mention() {
        let pages = [
            page("async-gather", false, ""),
            page("fetch", false, "gather"),
            page("all-tasks", true, "gather"),
            page("gather", true, ""),
            page("gather-tasks", true, ""),
            page("sleep", true, ""),
        ];
        let expected = [
            "gather",
            "gather-tasks",
            "async-gather",
            "all-tasks",
            "fetch",
        ];
        assert_eq!(found(&pages, &["gather"]), expected);
    }

    #[test]
    fn a_page_has_to_match_every_word() {
        let pages = [
            page("lifo-queue", true, ""),
            page("queue-with-timeout", true, ""),
            page("timer", true, "A queue with a timeout."),
            page("timeout", true, "Take from a queue."),
        ];
        let expected = ["timeout", "queue-with-timeout", "timer"];
        assert_eq!(found(&pages, &["queue", "timeout"]), expected);
        assert_eq!(found(&pages, &["timeout", "queue"]), expected);
        assert!(found(&pages, &["queue", "lock"]).is_empty());
    }

    #[test]
    fn a_word_of_signs_only_is_not_cut_to_nothing() {
        let pages = [page("gather", true, "Wait")];
        for word in [".", "asyncio.", "tokio::", "a.."] {
            assert!(found(&pages, &[word]).is_empty(), "{word}");
        }
    }

    #[test]
    fn the_header_of_a_twin_is_its_comment_and_its_docstring() {
        let python =
            "# Needs Python 3.15.\n\"\"\"End tasks.\n\nIn Rust: a.rs\n\"\"\"\n\nmain()\n";
        let expected = "Needs Python 3.15.\n\nEnd tasks.\n\nIn Rust: a.rs";
        assert_eq!(header_of_twin(python), expected);
        assert_eq!(below_docstring(python), "main()\n");
        assert_eq!(header_of_twin("\"\"\"End tasks.\"\"\"\n"), "End tasks.");
        assert_eq!(header_of_twin("main()\n"), "");
    }
}

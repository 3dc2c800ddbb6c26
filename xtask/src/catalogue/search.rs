//! The search: finds rows of the index, and pages, by words in any spelling.

use super::Page;
use super::index::Row;

/// What a search finds.
#[derive(Clone, Copy)]
pub enum Entry<'a> {
    /// A row of the phrasebook's index, with its pages.
    Row(&'a Row),
    /// A page that no row of the index leads to.
    Page(&'a Page),
}

/// What matches all words.
pub struct Hit<'a> {
    pub entry: Entry<'a>,
    /// How well it matches, the worst of its words.
    pub quality: Quality,
}

/// How well something matches a word, from the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quality {
    /// The word is one of its names, module and all.
    Name,
    /// The same, but one of the two has more modules before it.
    NameWithModule,
    /// The same, in another module.
    NameInAnotherModule,
    /// One of its names contains the word.
    PartOfName,
    /// One of its names has a part that begins like the word.
    BeginningInName,
    /// Its text contains the word.
    InText,
    /// A word of its text begins like it.
    BeginningInText,
    /// The letters of the word are somewhere in its names or its text.
    Anywhere,
}

/// All rows and pages, ready to be searched.
pub struct Search<'a> {
    candidates: Vec<Candidate<'a>>,
}

impl<'a> Search<'a> {
    pub fn new(rows: &'a [Row], pages: &'a [Page]) -> Self {
        Search {
            candidates: candidates(rows, pages),
        }
    }

    /// Finds the entries that match every one of the words, the best match first.
    ///
    /// Only if none matches a whole word or its beginning are the letters looked for anywhere.
    pub fn find(&self, words: &[Name]) -> Vec<Hit<'a>> {
        let mut hits = Vec::new();
        for candidate in &self.candidates {
            let qualities: Option<Vec<Quality>> =
                words.iter().map(|word| candidate.quality(word)).collect();
            if let Some(quality) = qualities.and_then(|them| them.into_iter().max()) {
                let entry = candidate.entry;
                hits.push(Hit { entry, quality });
            }
        }
        if hits.iter().any(|hit| hit.quality < Quality::Anywhere) {
            hits.retain(|hit| hit.quality < Quality::Anywhere);
        }
        // Stable: equally good ones keep the order of the index.
        hits.sort_by_key(|hit| hit.quality);
        hits
    }
}

/// The name that is most like a word that nothing matches.
pub fn nearest<'a>(rows: &'a [Row], pages: &'a [Page], typed: &str) -> Option<&'a str> {
    let typed = simple(without_modules(typed));
    let page_names = pages.iter().map(|page| page.name.as_str());
    let names = rows.iter().flat_map(Row::names).chain(page_names);
    let distance =
        |name: &str| strsim::damerau_levenshtein(&typed, &simple(without_modules(name)));
    let (distance, name) = names.map(|name| (distance(name), name)).min()?;
    (distance <= 2).then_some(name)
}

/// An entry, and the texts that a search looks at.
struct Candidate<'a> {
    entry: Entry<'a>,
    names: Vec<Name>,
    /// Everything else that is said of it.
    text: String,
}

fn candidates<'a>(rows: &'a [Row], pages: &'a [Page]) -> Vec<Candidate<'a>> {
    let mut candidates = Vec::new();
    for row in rows {
        let its_pages: Vec<&Page> = row.pages(pages).collect();
        let page_names = its_pages.iter().map(|page| page.name.as_str());
        let mut text = [&*row.python, &row.rust, &row.trap].join(" ");
        for page in &its_pages {
            text += &prose(&page.header);
        }
        candidates.push(Candidate {
            entry: Entry::Row(row),
            names: row.names().chain(page_names).map(Name::new).collect(),
            text: simple(&text),
        });
    }
    for page in pages {
        if rows.iter().any(|row| row.pages.contains(&page.name)) {
            continue;
        }
        candidates.push(Candidate {
            entry: Entry::Page(page),
            names: vec![Name::new(&page.name)],
            text: simple(&prose(&page.header)),
        });
    }
    candidates
}

/// A header without its output, without the crates that it needs, and without the names of
/// other pages: what it says of its construct.
fn prose(header: &str) -> String {
    let items = header.replace("\n- ", "\n\n- ");
    let paragraphs = items.split("\n\n").map(str::trim_start);
    let paragraphs = paragraphs.filter(|paragraph| {
        !["```", "- **Needs:**", "Neighbours:", "Siblings:"]
            .iter()
            .any(|start| paragraph.starts_with(start))
    });
    paragraphs.collect::<Vec<_>>().join("\n")
}

impl Row {
    /// Its pages, in the order of the row.
    pub fn pages<'a>(&'a self, all: &'a [Page]) -> impl Iterator<Item = &'a Page> {
        let names = self.pages.iter();
        names.filter_map(|name| all.iter().find(|page| page.name == *name))
    }
}

impl Candidate<'_> {
    fn quality(&self, word: &Name) -> Option<Quality> {
        let of_names = self
            .names
            .iter()
            .filter_map(|name| word.quality(name))
            .min();
        of_names.or_else(|| word.quality_in_text(&self.text))
    }
}

/// A name in Python or Rust, or of a page, or a word that is searched for.
///
/// `wait_for`, `Wait-For`, `wait_for()` and `asyncio.wait_for` find the same.
pub struct Name {
    with_modules: String,
    without_modules: String,
}

impl Name {
    pub fn new(written: &str) -> Self {
        Name {
            with_modules: simple(written),
            without_modules: simple(without_modules(written)),
        }
    }

    /// How well this, which is searched for, matches the name of a page.
    pub fn quality_of_page(&self, page: &Page) -> Option<Quality> {
        // `asyncio.run` is the page asyncio-run.
        self.quality(&Name::new(&page.name))
    }

    /// How well this, which is searched for, matches a name.
    fn quality(&self, name: &Name) -> Option<Quality> {
        if self.without_modules.is_empty() {
            return None;
        }
        let is_same = self.without_modules == name.without_modules;
        if self.with_modules == name.with_modules {
            Some(Quality::Name)
        } else if is_same && self.differs_by_first_modules(name) {
            Some(Quality::NameWithModule)
        } else if is_same {
            Some(Quality::NameInAnotherModule)
        } else if name.with_modules.contains(&self.without_modules) {
            Some(Quality::PartOfName)
        } else if name.with_modules.contains(self.beginning()) {
            Some(Quality::BeginningInName)
        } else {
            None
        }
    }

    /// How well this, which is searched for, matches a text.
    fn quality_in_text(&self, text: &str) -> Option<Quality> {
        if self.without_modules.is_empty() {
            None
        } else if text.contains(&self.without_modules) {
            Some(Quality::InText)
        } else if text.contains(self.beginning()) {
            Some(Quality::BeginningInText)
        } else if text.contains(self.without_modules.trim_matches('-')) {
            Some(Quality::Anywhere)
        } else {
            None
        }
    }

    /// `time::timeout` and `tokio::time::timeout`.
    fn differs_by_first_modules(&self, other: &Name) -> bool {
        let [one, other] = [&self.with_modules, &other.with_modules];
        one.ends_with(other.as_str()) || other.ends_with(one.as_str())
    }

    /// Without the sign that ends its last word.
    fn beginning(&self) -> &str {
        self.without_modules.trim_end_matches('-')
    }
}

/// A name without the modules before it. In both languages a module begins with a lower-case
/// letter, and a type with a capital. `Queue.join` keeps its class: it is not every `join`.
fn without_modules(path: &str) -> &str {
    let arguments = path.find('(').unwrap_or(path.len());
    let mut start = 0;
    while let Some((module, rest)) = split_at_point(&path[start..arguments]) {
        if !module.starts_with(char::is_lowercase) || rest.is_empty() {
            break;
        }
        start = arguments - rest.len();
    }
    &path[start..]
}

fn split_at_point(path: &str) -> Option<(&str, &str)> {
    path.split_once("::").or_else(|| path.split_once('.'))
}

/// Writes all spellings of a name alike: `wait_for()` as `-wait-for-`. The signs around it let
/// a search look for whole words. Nothing is left of a text without letters and digits.
fn simple(text: &str) -> String {
    let lower_case = text.to_lowercase();
    let mut simple = String::from("-");
    for part in lower_case.split(|sign: char| !sign.is_alphanumeric()) {
        if !part.is_empty() {
            simple += part;
            simple.push('-');
        }
    }
    if simple == "-" { String::new() } else { simple }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::catalogue::{self, index};

    fn row(python: &str, rust: &str, pages: &[&str], trap: &str) -> Row {
        Row {
            section: "asyncio".to_owned(),
            python: python.to_owned(),
            rust: rust.to_owned(),
            pages: pages.iter().map(|&page| page.to_owned()).collect(),
            trap: trap.to_owned(),
        }
    }

    fn page(name: &str, header: &str) -> Page {
        Page {
            name: name.to_owned(),
            is_phrase: true,
            file: PathBuf::new(),
            header: header.to_owned(),
        }
    }

    fn rows() -> Vec<Row> {
        vec![
            row("`asyncio.Condition.wait_for`", "**none**", &[], ""),
            row(
                "`asyncio.wait_for`",
                "`tokio::time::timeout`",
                &["wait-for"],
                "",
            ),
            row(
                "`asyncio.wait`",
                "`select!`",
                &["wait-all"],
                "drops the rest",
            ),
            row("`asyncio.Queue`", "`mpsc::channel`", &["async-queue"], ""),
            row("`queue.Queue`", "`bounded`", &["threads-queue"], ""),
            row("`asyncio.Queue.join`", "`TaskTracker`", &["queue-join"], ""),
            row(
                "`Thread(daemon=True)`",
                "`thread::spawn`",
                &["thread-daemon"],
                "",
            ),
            row(
                "`gather(return_exceptions=True)`",
                "`join_all`",
                &["all"],
                "",
            ),
        ]
    }

    /// The first name of each row, and the name of each page, that a search finds.
    fn found(words: &str) -> Vec<String> {
        let rows = rows();
        let pages = [
            page("wait-for", "Give a task time to clean up."),
            page("wait-all", "Wait.\n\n- **Needs:** `cargo add queue`"),
            page("async-gather", "All of them, joined.\n\n```\n$ queue\n```"),
        ];
        let words: Vec<Name> = words.split(' ').map(Name::new).collect();
        let hits = Search::new(&rows, &pages).find(&words);
        hits.iter()
            .map(|hit| match hit.entry {
                Entry::Row(row) => row.names().next().unwrap().to_owned(),
                Entry::Page(page) => page.name.clone(),
            })
            .collect()
    }

    #[test]
    fn all_spellings_of_a_name_find_it_first() {
        for spelling in [
            "wait_for",
            "wait-for",
            "Wait_For",
            "WAIT-FOR",
            "wait_for()",
            "asyncio.wait_for",
            "asyncio.wait_for()",
            "tokio::time::timeout",
            "time::timeout",
        ] {
            assert_eq!(found(spelling)[0], "asyncio.wait_for", "{spelling}");
        }
        assert_eq!(found("daemon=True"), ["Thread(daemon=True)"]);
        assert_eq!(found("Thread(daemon=True)"), ["Thread(daemon=True)"]);
        assert_eq!(found("std::thread::spawn"), ["Thread(daemon=True)"]);
    }

    #[test]
    fn a_module_decides_between_two_equal_names() {
        assert_eq!(
            found("asyncio.Queue")[..2],
            ["asyncio.Queue", "queue.Queue"]
        );
        assert_eq!(found("queue.Queue")[..2], ["queue.Queue", "asyncio.Queue"]);
    }

    #[test]
    fn a_method_is_searched_for_with_its_class() {
        let expected = ["asyncio.Queue.join"];
        assert_eq!(found("Queue.join"), expected);
        assert_eq!(found("asyncio.Queue.join()"), expected);
        assert_eq!(
            found("return_exceptions"),
            ["gather(return_exceptions=True)"]
        );
    }

    #[test]
    fn every_word_has_to_match() {
        assert_eq!(found("queue fibers"), Vec::<String>::new());
        assert_eq!(found("queue TaskTracker"), ["asyncio.Queue.join"]);
        assert_eq!(found("rest wait"), ["asyncio.wait"]);
    }

    #[test]
    fn a_beginning_matches_and_the_middle_of_a_word_only_if_nothing_else_does() {
        assert_eq!(found("cond"), ["asyncio.Condition.wait_for"]);
        assert_eq!(found("joined"), ["async-gather"]);
        assert_eq!(found("racker"), ["asyncio.Queue.join"]);
    }

    #[test]
    fn what_a_page_needs_and_prints_is_not_what_it_is_about() {
        for hit in found("queue") {
            assert!(hit.to_lowercase().contains("queue"), "{hit}");
        }
    }

    #[test]
    fn a_word_of_signs_only_finds_nothing() {
        for word in [".", "::", "()", "-", ""] {
            assert!(found(word).is_empty(), "{word}");
        }
    }

    #[test]
    fn every_name_of_the_index_leads_to_its_rows_first() {
        let rows = index::rows().unwrap();
        let pages = catalogue::pages().unwrap();
        let search = Search::new(&rows, &pages);
        let mut lost = Vec::new();
        for row in &rows {
            for name in row.names() {
                let hits = search.find(&[Name::new(name)]);
                let leads_to_it = hits.iter().any(|hit| {
                    let is_row = matches!(hit.entry, Entry::Row(it) if it == row);
                    is_row && hit.quality == Quality::Name
                });
                if !leads_to_it {
                    lost.push(name);
                }
            }
        }
        assert!(lost.is_empty(), "{lost:#?}");
    }

    #[test]
    fn every_name_of_python_is_found_without_its_module_and_with_arguments() {
        let rows = index::rows().unwrap();
        let pages = catalogue::pages().unwrap();
        let search = Search::new(&rows, &pages);
        let mut lost = Vec::new();
        for row in &rows {
            for name in row.python.split('`').skip(1).step_by(2) {
                let plain = name.split('(').next().unwrap();
                for spelling in [
                    without_modules(name).to_owned(),
                    format!("{plain}()"),
                    plain.to_uppercase(),
                    plain.replace(['_', '.'], "-"),
                ] {
                    let hits = search.find(&[Name::new(&spelling)]);
                    let mut entries = hits.iter().map(|hit| hit.entry);
                    if !entries.any(|entry| matches!(entry, Entry::Row(it) if it == row))
                    {
                        lost.push(spelling);
                    }
                }
            }
        }
        assert!(lost.is_empty(), "{lost:#?}");
    }

    #[test]
    fn a_mistyped_name_is_near_to_one() {
        let rows = rows();
        assert_eq!(nearest(&rows, &[], "wiat_for"), Some("asyncio.wait_for"));
        assert_eq!(nearest(&rows, &[], "asyncio.Quee"), Some("asyncio.Queue"));
        assert_eq!(nearest(&rows, &[], "fibers"), None);
    }
}

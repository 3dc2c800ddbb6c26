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

/// An entry that matches all words of a search.
pub struct Hit<'a> {
    pub entry: Entry<'a>,
    /// How well it matches. If the words match unequally well, this is the worst of them.
    pub quality: Quality,
}

/// How well something matches a word, from the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quality {
    /// The word is one of its names in Python or the name of one of its pages, with all
    /// modules.
    Name,
    /// The same, but the word or the name has more modules before it.
    NameWithModule,
    /// The same name, but in another module.
    NameInAnotherModule,
    /// The word is one of its names in Rust.
    NameInRust,
    /// One of its names contains the word.
    PartOfName,
    /// A part of one of its names begins like the word.
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

    /// Finds the entries that match, the best match first.
    ///
    /// An entry matches if what was typed is one of its names, or if it matches each word that
    /// was typed.
    ///
    /// The letters are looked for anywhere only if no entry matches a whole word or its
    /// beginning.
    pub fn find(&self, typed: &str) -> Vec<Hit<'a>> {
        let query = Query::new(typed);
        let mut hits = Vec::new();
        for candidate in &self.candidates {
            if let Some(qualities) = candidate.qualities(&query)
                && let Some(&quality) = qualities.first()
            {
                let entry = candidate.entry;
                hits.push((qualities, Hit { entry, quality }));
            }
        }
        // The sort is stable: entries that match equally well keep the order of the index.
        hits.sort_by(|(one, _), (other, _)| one.cmp(other));
        let mut hits: Vec<Hit> = hits.into_iter().map(|(_, hit)| hit).collect();
        if hits.iter().any(|hit| hit.quality < Quality::Anywhere) {
            hits.retain(|hit| hit.quality < Quality::Anywhere);
        }
        hits
    }
}

/// The name, or the part of a name, that is most similar to what was typed. It is for a search
/// that found nothing.
pub fn nearest<'a>(rows: &'a [Row], pages: &'a [Page], typed: &str) -> Option<&'a str> {
    let typed = typed.to_lowercase().replace('-', "_");
    let page_names = pages.iter().map(|page| page.name.as_str());
    let names = rows.iter().flat_map(Row::names).chain(page_names);
    let parts = names.flat_map(|name| name.split(['.', ':', '(']).chain([name]));
    let distance = |name: &str| {
        let name = name.to_lowercase().replace('-', "_");
        strsim::damerau_levenshtein(&typed, &name)
    };
    let has_same_beginning = |name: &&str| name.chars().next() == typed.chars().next();
    let similar = parts.filter(has_same_beginning);
    let (distance, name) = similar.map(|name| (distance(name), name)).min()?;
    let most = if typed.len() < 8 { 1 } else { 2 };
    (distance <= most).then_some(name)
}

/// An entry, and the texts that a search looks at.
struct Candidate<'a> {
    entry: Entry<'a>,
    /// Its names in Python, in code and in plain words, and those of its pages.
    names: Vec<Name>,
    names_in_rust: Vec<Name>,
    /// All other text about it.
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
            names: row
                .names_in_python()
                .chain(row.python.split(", "))
                .chain(page_names)
                .map(Name::new)
                .collect(),
            names_in_rust: row.names_in_rust().map(Name::new).collect(),
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
            names_in_rust: Vec::new(),
            text: simple(&prose(&page.header)),
        });
    }
    candidates
}

/// What a header says about its construct: the text without the output, the needed crates, and
/// the names of other pages.
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
    /// How well it matches: by its name, or by each of the words, the worst first.
    fn qualities(&self, query: &Query) -> Option<Vec<Quality>> {
        let by_name = self.quality(&query.whole);
        if let Some(quality) = by_name.filter(|it| *it <= Quality::PartOfName) {
            return Some(vec![quality]);
        }
        let words = query.words.iter();
        let qualities: Option<Vec<Quality>> =
            words.map(|word| self.quality(word)).collect();
        let mut qualities = qualities?;
        qualities.sort_by(|one, other| other.cmp(one));
        Some(qualities)
    }

    fn quality(&self, word: &Word) -> Option<Quality> {
        let qualities = word
            .spellings
            .iter()
            .filter_map(|name| self.quality_of(name));
        qualities.min()
    }

    fn quality_of(&self, typed: &Name) -> Option<Quality> {
        let in_python = self.names.iter().filter_map(|name| typed.quality(name));
        let in_rust = self.names_in_rust.iter();
        let in_rust = in_rust
            .filter_map(|name| typed.quality(name))
            .map(|quality| quality.max(Quality::NameInRust));
        let best = in_python.chain(in_rust).min();
        best.or_else(|| typed.quality_in_text(&self.text))
    }
}

/// What is searched for: a name, or words that must all match.
struct Query {
    whole: Word,
    words: Vec<Word>,
}

impl Query {
    fn new(typed: &str) -> Self {
        Query {
            whole: Word::new(typed),
            words: words(typed),
        }
    }
}

/// A word that is searched for.
pub struct Word {
    /// The forms in which the index may have it: `asyncio.Queue(maxsize=10)` can stand
    /// there as `asyncio.Queue(maxsize)` or as `asyncio.Queue`.
    spellings: Vec<Name>,
}

/// Words that are ignored if there are others.
const FILLERS: [&str; 11] = [
    "a", "an", "and", "await", "for", "in", "is", "of", "the", "to", "with",
];

/// The words of what was typed. What stands between parentheses belongs to the word before it.
fn words(typed: &str) -> Vec<Word> {
    let mut depth = 0;
    let parts: Vec<&str> = typed
        .split(|sign: char| {
            match sign {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            sign.is_whitespace() && depth <= 0
        })
        .filter(|part| !part.is_empty())
        .collect();
    let says_something = |part: &&&str| !FILLERS.contains(&part.to_lowercase().as_str());
    let mut kept: Vec<&&str> = parts.iter().filter(says_something).collect();
    if kept.is_empty() {
        kept = parts.iter().collect();
    }
    kept.into_iter().map(|part| Word::new(part)).collect()
}

impl Word {
    pub fn new(typed: &str) -> Self {
        let Some((name, arguments)) = typed.split_once('(') else {
            return Word {
                spellings: vec![Name::new(typed)],
            };
        };
        let mut spellings = vec![Name::new(typed)];
        for argument in arguments.split(',') {
            if let Some((keyword, _)) = argument.split_once('=') {
                spellings.push(Name::new(&format!("{name}({})", keyword.trim())));
            }
        }
        if !name.is_empty() {
            spellings.push(Name::new(name));
        }
        Word { spellings }
    }

    /// How well this matches the name of a page.
    pub fn quality_of_page(&self, page: &Page) -> Option<Quality> {
        // `asyncio.run` is the page asyncio-run.
        let name = Name::new(&page.name);
        let qualities = self
            .spellings
            .iter()
            .filter_map(|typed| typed.quality(&name));
        qualities.min()
    }
}

/// A name in Python or Rust, or of a page, or one that is searched for.
///
/// `wait_for`, `Wait-For`, `wait_for()` and `asyncio.wait_for` find the same.
struct Name {
    with_modules: String,
    without_modules: String,
}

impl Name {
    fn new(written: &str) -> Self {
        Name {
            with_modules: simple(written),
            without_modules: simple(without_modules(written)),
        }
    }

    /// How well a search for this name matches another name.
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

    /// How well a search for this name matches a text.
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

    /// Whether one only has more modules before it, as `tokio::time::timeout` has more than
    /// `time::timeout`.
    fn differs_by_first_modules(&self, other: &Name) -> bool {
        let [one, other] = [&self.with_modules, &other.with_modules];
        one.ends_with(other.as_str()) || other.ends_with(one.as_str())
    }

    /// The name without the hyphen that ends its last word, so that longer words match as well.
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

/// Writes all spellings of a name alike: `wait_for()` as `-wait-for-`. The hyphens around it
/// let a search look for whole words. A text without letters and digits becomes empty.
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
        let hits = Search::new(&rows, &pages).find(words);
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
    fn arguments_may_have_values() {
        assert_eq!(found("asyncio.Queue(maxsize=10)")[0], "asyncio.Queue");
        assert_eq!(
            found("Thread(target=f, daemon=True)"),
            ["Thread(daemon=True)"]
        );
        assert_eq!(found("await wait_for(f(1, 2), 5)")[0], "asyncio.wait_for");
    }

    #[test]
    fn a_name_in_python_comes_before_the_same_in_rust() {
        let rows = [
            row("`asyncio.timeout`", "a pinned `sleep`", &[], ""),
            row("`asyncio.sleep`", "`tokio::time::sleep`", &[], ""),
        ];
        let hits = Search::new(&rows, &[]).find("sleep");
        assert!(matches!(hits[0].entry, Entry::Row(it) if *it == rows[1]));
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

    /// The names by which a search does not find the row that they come from.
    fn lost(of_row: impl Fn(&Row) -> Vec<String>, worst: Quality) -> Vec<String> {
        let rows = index::rows().unwrap();
        let pages = catalogue::pages().unwrap();
        let mut lost = Vec::new();
        for candidate in &Search::new(&rows, &pages).candidates {
            let Entry::Row(row) = candidate.entry else {
                continue;
            };
            lost.extend(of_row(row).into_iter().filter(|typed| {
                let qualities = candidate.qualities(&Query::new(typed));
                qualities.is_none_or(|qualities| qualities[0] > worst)
            }));
        }
        lost
    }

    #[test]
    fn every_name_of_the_index_finds_its_rows_by_name() {
        let names = |row: &Row| {
            let can_be_typed = |name: &&str| name.contains(char::is_alphanumeric);
            row.names()
                .filter(can_be_typed)
                .map(str::to_owned)
                .collect()
        };
        let lost = lost(names, Quality::NameInRust);
        assert!(lost.is_empty(), "{lost:#?}");
    }

    #[test]
    fn every_name_of_python_is_found_without_its_module_and_with_arguments() {
        let spellings = |row: &Row| {
            let is_path = |name: &&str| !name.contains(' ');
            let spellings = row.names_in_python().filter(is_path).flat_map(|name| {
                let plain = name.split('(').next().unwrap();
                [
                    without_modules(name).to_owned(),
                    format!("{plain}()"),
                    plain.to_uppercase(),
                    plain.replace(['_', '.'], "-"),
                ]
            });
            spellings.collect()
        };
        let lost = lost(spellings, Quality::BeginningInText);
        assert!(lost.is_empty(), "{lost:#?}");
    }

    #[test]
    fn a_mistyped_name_is_near_to_one() {
        let rows = rows();
        assert_eq!(nearest(&rows, &[], "wiat_for"), Some("wait_for"));
        assert_eq!(nearest(&rows, &[], "asyncio.Quee"), Some("asyncio.Queue"));
        assert_eq!(nearest(&rows, &[], "asynico"), Some("asyncio"));
        assert_eq!(nearest(&rows, &[], "fibers"), None);
    }
}

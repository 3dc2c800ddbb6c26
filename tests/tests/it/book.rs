//! The book is whole: every page is in it with its code, and every link leads somewhere.
//!
//! mdBook makes it: the one that `MDBOOK` names, or the one on the `PATH`. Without mdBook most
//! of these tests do nothing; with `REQUIRE_MDBOOK` they fail.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;
use tests::{FETCH_URL, HEAVY_CALCULATION, Program, header, pages, phrasebook};
use tests::{SAY_AFTER, left_out, root, source};

/// The texts of the repository.
const TEXTS: [&str; 10] = [
    "README.md",
    "PHRASEBOOK.md",
    "crates/job-queue/README.md",
    "crates/process-pool/README.md",
    "crates/race/README.md",
    "crates/task-group/README.md",
    "crates/thread-pool/README.md",
    "python/README.md",
    "results/README.md",
    "xtask/README.md",
];

/// Every file of the book that is HTML, by its path in the book.
type Book = BTreeMap<String, String>;

/// The book, made once for all tests; `None` without mdBook.
fn book() -> Option<&'static Book> {
    static BOOK: OnceLock<Option<(File, Book)>> = OnceLock::new();
    let made = BOOK.get_or_init(|| {
        let mdbook = env::var_os("MDBOOK").unwrap_or_else(|| "mdbook".into());
        if Command::new(&mdbook).arg("--version").output().is_err() {
            left_out(
                "mdBook",
                "`cargo xtask book` says how to get it",
                "REQUIRE_MDBOOK",
            );
            return None;
        }
        // nextest runs each test in a process of its own. The lock lets them take turns.
        let lock = File::create(folder().with_extension("lock")).unwrap();
        lock.lock().unwrap();
        xtask_book().expect(0);
        let html = folder().join("book/html");
        let files = files(&html);
        let files = files.into_iter().filter(|file| file.ends_with(".html"));
        let book = files.map(|file| {
            let text = fs::read_to_string(html.join(&file)).unwrap();
            (file, text)
        });
        Some((lock, book.collect()))
    });
    made.as_ref().map(|(_, book)| book)
}

/// The target directory of the book that is tested.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("for-the-book")
}

fn xtask_book() -> Program {
    let program = Program::new("xtask").args(["book"]);
    program.env("CARGO_TARGET_DIR", folder())
}

/// All files below a folder, seen from it.
fn files(folder: &Path) -> BTreeSet<String> {
    let mut files = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            let below = self::files(&path).into_iter();
            files.extend(below.map(|file| format!("{name}/{file}")));
        } else {
            files.insert(name);
        }
    }
    files
}

/// The opening tags of a chapter's HTML, without their `<` and `>`. Tags in scripts do not
/// count.
fn tags(html: &str) -> Vec<&str> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some((_, begin)) = rest.split_once('<') {
        let mut in_quotes = false;
        let end = begin.find(|sign| {
            in_quotes ^= sign == '"';
            sign == '>' && !in_quotes
        });
        let (tag, after) = begin.split_at(end.expect("a tag ends"));
        rest = after;
        if tag.starts_with("!--") {
            rest = begin.split_once("-->").expect("a comment ends").1;
        } else {
            if tag.starts_with("script") {
                rest = after.split_once("</script").expect("a script ends").1;
            }
            tags.push(tag);
        }
    }
    tags
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, value) = tag.split_once(&format!(" {name}=\""))?;
    value.split('"').next()
}

/// What a reader sees of a piece of HTML.
fn text(html: &str) -> String {
    let parts = html.split('<').enumerate();
    let parts = parts.map(|(i, part)| match i {
        0 => part,
        _ => part.split_once('>').expect("a tag ends").1,
    });
    let text: String = parts.collect();
    let text = text.replace("&lt;", "<").replace("&gt;", ">");
    text.replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

/// The code blocks of a language in a chapter's HTML.
fn blocks(html: &str, language: &str) -> Vec<String> {
    let begin = format!("<code class=\"language-{language}\">");
    let blocks = html.split(&begin).skip(1);
    blocks
        .map(|block| {
            text(block.split("</code>").next().unwrap())
                .trim_end()
                .to_owned()
        })
        .collect()
}

/// Checks that a chapter has the header of a page, its code, and the code of its twin.
fn assert_is_whole(chapter: &str, file: &Path, twin: &Path) {
    let rust = fs::read_to_string(file).unwrap();
    let python = fs::read_to_string(twin).unwrap();
    let (_, code) = rust.split_once("\n\n").unwrap();
    let (_, code_of_twin) = python.split_once("\"\"\"\n\n").unwrap();
    let name = file.display();
    assert_eq!(blocks(chapter, "rust"), [code.trim_end()], "{name}");
    let found = blocks(chapter, "python");
    assert_eq!(found, [code_of_twin.trim_start().trim_end()], "{name}");
    let header = header::text(&rust);
    let (words, _) = header.split_once("```console").unwrap();
    let shown = text(chapter).replace('*', "");
    for word in words.replace(['`', '*'], "").split_whitespace() {
        assert!(shown.contains(word), "{name}: {word}");
    }
    for example in header::examples(&header) {
        let block = format!("$ {}", example.command.join(" "));
        let block = [vec![block], example.output].concat().join("\n");
        let console = blocks(chapter, "console");
        let is_there = console.iter().any(|shown| shown.contains(&block));
        assert!(is_there, "{name}: {block} in {console:#?}");
    }
}

#[test]
fn every_page_is_in_it() {
    let Some(book) = book() else { return };
    for page in pages() {
        let chapter = &book[&format!("models/{page}.html")];
        let twin = root().join(format!("python/{}.py", page.replace('-', "_")));
        assert_is_whole(chapter, &source(page), &twin);
    }
    assert!(pages().count() >= 19);
}

#[test]
fn every_phrase_is_in_it() {
    let Some(book) = book() else { return };
    let phrases = phrasebook::pages();
    assert!(phrases.len() >= 147, "{}", phrases.len());
    for page in phrases {
        let chapter = &book[&format!("phrasebook/{}.html", page.name)];
        assert_is_whole(chapter, &page.file, &page.twin());
    }
}

/// The chapter of a phrasebook page is a question, its code, and a folded answer below.
#[test]
fn what_a_phrase_prints_is_folded_below_its_code() {
    let Some(book) = book() else { return };
    for page in phrasebook::pages() {
        let chapter = &book[&format!("phrasebook/{}.html", page.name)];
        let (question, answer) = chapter.split_once("<details>").unwrap();
        let (answer, rest) = answer.split_once("</details>").unwrap();
        assert_eq!(blocks(question, "rust").len(), 1, "{}", page.name);
        assert!(blocks(question, "console").is_empty(), "{}", page.name);
        assert_eq!(blocks(answer, "console").len(), 1, "{}", page.name);
        assert!(answer.contains("<strong>Trap:</strong>"), "{}", page.name);
        assert!(rest.contains("Neighbours: "), "{}", page.name);
    }
}

const PLAYGROUND: &str = "https://play.rust-lang.org/?version=stable&amp;mode=debug&amp;edition=2024&amp;code=";

#[test]
fn a_phrase_that_the_playground_can_run_opens_there_with_its_whole_code() {
    let Some(book) = book() else { return };
    let mut opened = 0;
    for page in phrasebook::pages() {
        let chapter = &book[&format!("phrasebook/{}.html", page.name)];
        let codes: Vec<_> = tags(chapter)
            .into_iter()
            .filter_map(|tag| attribute(tag, "href")?.strip_prefix(PLAYGROUND))
            .collect();
        let known = ["tokio", "rayon", "futures-util"];
        let can_run = page.needs().iter().all(|need| known.contains(&&*need.name));
        assert_eq!(codes.len(), usize::from(can_run), "{}", page.name);
        for code in codes {
            assert_eq!(unescaped(code), page.code, "{}", page.name);
            // Some servers and browsers refuse longer addresses.
            assert!(code.len() < 8_000, "{}: {}", page.name, code.len());
            opened += 1;
        }
    }
    assert!(opened > 60, "{opened}");
}

/// The text that is escaped in an address.
fn unescaped(escaped: &str) -> String {
    let mut bytes = Vec::new();
    let mut parts = escaped.split('%');
    bytes.extend(parts.next().unwrap_or_default().bytes());
    for part in parts {
        let (code, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(code, 16).unwrap());
        bytes.extend(rest.bytes());
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn every_heading_of_a_text_is_in_it() {
    let Some(book) = book() else { return };
    let mut shown = BTreeSet::new();
    for html in book.values() {
        for order in 1..=4 {
            let begin = format!("<h{order} id=");
            for heading in html.split(&begin).skip(1) {
                let (_, heading) = heading.split_once('>').unwrap();
                let (heading, _) = heading.split_once("</h").unwrap();
                shown.insert(text(heading));
            }
        }
    }
    for file in TEXTS {
        let text = fs::read_to_string(root().join(file)).unwrap();
        // Every second part is a code block.
        let prose = text.split("```").step_by(2).flat_map(str::lines);
        for heading in prose.filter(|line| line.starts_with('#')) {
            let heading = heading.trim_start_matches('#').trim_start();
            assert!(shown.contains(heading), "{file}: {heading}");
        }
    }
}

/// The cells of the row with that name in the tables of a text.
fn row<'a>(text: &'a str, name: &str) -> Option<Vec<&'a str>> {
    let mut lines = text.lines();
    let line = lines.find(|line| line.starts_with(&format!("| {name} ")))?;
    Some(line.trim_matches('|').split('|').map(str::trim).collect())
}

/// A cell without its range: `116 ms` of `116 ms (109…126)`.
fn value(cell: &str) -> &str {
    cell.split(" (").next().unwrap()
}

#[test]
fn every_page_shows_the_figures_of_the_tables() {
    let Some(book) = book() else { return };
    let [tables, python] = ["results/README.md", "python/README.md"]
        .map(|file| fs::read_to_string(root().join(file)).unwrap());
    let mut twins = 0;
    for (workload, pages) in [
        ("fetch-url", &FETCH_URL[..]),
        ("heavy-calculation", &HEAVY_CALCULATION),
        ("say-after", &SAY_AFTER),
    ] {
        let (_, race) = tables.split_once(&format!("\n## {workload}: ")).unwrap();
        let race = race.split("\n## ").next().unwrap();
        for page in pages {
            let racer = page.strip_suffix(&format!("-{workload}")).unwrap_or(page);
            let chapter = text(&book[&format!("models/{page}.html")]);
            let expected = match row(race, racer).as_deref() {
                Some([_, _, time, _, _, memory, _]) => {
                    format!("this page took {} and {memory} of memory", value(time))
                }
                _ => "this page was not".to_owned(),
            };
            assert!(chapter.contains(&expected), "{page}: {expected}");

            let twin = row(&python, &format!("{workload}, {racer}"));
            if let Some([_, _, _, ratio, ..]) = twin.as_deref() {
                let expected = format!("takes {} as long", value(ratio));
                assert!(chapter.contains(&expected), "{page}: {expected}");
                twins += 1;
            }
        }
    }
    assert!(twins > 10, "{twins}");
}

#[test]
fn every_page_shows_its_timeline() {
    let Some(book) = book() else { return };
    let results = fs::read_to_string(root().join("results/timeline.json")).unwrap();
    let results: Value = serde_json::from_str(&results).unwrap();
    let lanes = |chapter: &str| chapter.matches("<g class=\"lane\"").count();
    let mut shown = 0;
    for panel in results["panels"].as_array().unwrap() {
        let mut lanes_of_pages = 0;
        for timeline in panel["timelines"].as_array().unwrap() {
            let page = timeline["origin"]["page"].as_str().unwrap();
            let chapter = &book[&format!("models/{page}.html")];
            assert!(lanes(chapter) > 0, "{page} shows no lanes");
            let name = format!("{}</tspan>", timeline["name"].as_str().unwrap());
            assert!(
                chapter.contains(&name),
                "{page} shows those of another page"
            );
            lanes_of_pages += lanes(chapter);
            shown += 1;
        }
        // The chapter of the workload shows all of them.
        let workload = panel["workload"].as_str().unwrap();
        let chapter = &book[&format!("models/{workload}.html")];
        assert_eq!(lanes(chapter), lanes_of_pages, "{workload}");
    }
    assert!(shown >= 14, "{shown}");
    // Without their style the pictures are black.
    let style = fs::read_to_string(folder().join("book/pictures.css")).unwrap();
    for class in [".bar", ".over", ".grid", "--async"] {
        assert!(style.contains(class), "{class}");
    }
}

#[test]
fn every_link_leads_somewhere() {
    let Some(book) = book() else { return };
    let files = files(&folder().join("book/html"));
    let ids: BTreeMap<_, BTreeSet<_>> = book
        .iter()
        .map(|(file, html)| {
            let ids = tags(html)
                .into_iter()
                .filter_map(|tag| attribute(tag, "id"));
            (file.as_str(), ids.collect())
        })
        .collect();
    let texts = TEXTS.map(|text| fs::read_to_string(root().join(text)).unwrap());
    let repository = texts.concat();
    let mut links = 0;
    for (file, html) in book {
        for tag in tags(html) {
            let targets = ["href", "src", "srcset"];
            for target in targets.iter().filter_map(|name| attribute(tag, name)) {
                links += 1;
                if target.contains("://") {
                    // A text may have a link to another site, which the reader can follow. The
                    // book itself must load nothing from there.
                    let is_ours = tag.starts_with("a ")
                        && (repository.contains(target)
                            || target.starts_with(PLAYGROUND));
                    assert!(is_ours, "{file} loads {target}");
                    continue;
                }
                let (path, fragment) = target.split_once('#').unwrap_or((target, ""));
                let to = if path.is_empty() {
                    file.clone()
                } else {
                    joined(file, path)
                };
                assert!(files.contains(&to), "{file}: {target} leads nowhere");
                let is_there = fragment.is_empty() || ids[&to[..]].contains(fragment);
                assert!(is_there, "{file}: {target} leads to no place of {to}");
            }
        }
    }
    // Each chapter has several links, and the table of contents.
    assert!(links > 10 * book.len(), "{links}");
}

/// The file that a link in a file of the book leads to.
fn joined(file: &str, link: &str) -> String {
    let mut path: Vec<_> = file.split('/').collect();
    path.pop();
    for part in link.split('/') {
        match part {
            ".." => assert!(path.pop().is_some(), "{file}: {link} leads out of the book"),
            part => path.push(part),
        }
    }
    path.join("/")
}

#[test]
fn no_text_is_written_for_the_book_alone() {
    let kept = files(&root().join("book"));
    assert!(
        kept.iter().eq(["book.css", "book.toml", "mdbook-version"]),
        "{kept:?}"
    );
}

#[test]
fn without_mdbook_it_says_how_to_get_it() {
    let version = fs::read_to_string(root().join("book/mdbook-version")).unwrap();
    let install = format!("cargo install mdbook --version {} --locked", version.trim());
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-book");
    let _ = fs::remove_dir_all(&target);
    fs::create_dir(&target).unwrap();
    let run = |mdbook: &Path| {
        let xtask = Program::new("xtask").args(["book"]);
        let xtask = xtask.env("MDBOOK", mdbook).env("CARGO_TARGET_DIR", &target);
        xtask.expect(1).stderr
    };
    let stderr = run(Path::new("./no-such-mdbook"));
    assert!(stderr.contains(&install), "{stderr}");
    assert!(
        stderr.contains("./no-such-mdbook does not start"),
        "{stderr}"
    );

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let fake = target.join("mdbook");
        let write = |script: &str| {
            fs::write(&fake, format!("#!/bin/sh\n{script}\n")).unwrap();
            fs::set_permissions(&fake, fs::Permissions::from_mode(0o755)).unwrap();
        };
        write("echo mdbook v0.4.52");
        let stderr = run(&fake);
        assert!(stderr.contains(&install), "{stderr}");
        assert!(stderr.contains("is mdbook v0.4.52"), "{stderr}");
        assert!(!target.join("book").exists(), "something was written");

        // Its error is shown.
        let version = version.trim();
        write(&format!(
            "[ \"$1\" = --version ] && exec echo mdbook v{version}; echo it broke >&2; exit 3"
        ));
        let stderr = run(&fake);
        assert!(stderr.contains("it broke"), "{stderr}");
    }
}

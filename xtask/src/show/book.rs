//! The book: every text of this repository as a chapter for mdBook.
//!
//! No text is written for the book alone. Each chapter is made of the files that hold it.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::catalogue::{self, Page, read};
use crate::format;
use crate::racers::pages;
use crate::racers::work::Workload;
use crate::show::book_links::{Links, Place};
use crate::show::book_page::{self, Measured};
use crate::show::outline::{self, Section};
use crate::show::{chart, document, timeline};

const README: &str = "README.md";
const PHRASEBOOK: &str = "PHRASEBOOK.md";

/// The files that texts link to and that are neither pages nor texts. Each is a chapter.
const FILES: [&str; 10] = [
    "crates/thread-pool/src/pool.rs",
    "crates/thread-pool/src/shared.rs",
    "crates/task-group/src/lib.rs",
    "crates/workloads/src/lib.rs",
    "xtask/src/main.rs",
    "crates/process-pool/tests/it/contract.rs",
    "python/job_queue.py",
    ".ci/run",
    "LICENSE-MIT",
    "LICENSE-APACHE",
];

/// What mdBook turns into HTML.
pub struct Sources {
    /// The text of each chapter by its path, and the table of contents.
    pub chapters: Vec<(String, String)>,
    /// The pictures in the chapters, as files of the repository. They keep their paths.
    pub pictures: BTreeSet<String>,
}

/// The whole book.
pub fn sources(results: &Measured) -> Result<Sources> {
    let book = Book::read(results)?;
    let mut links = book.links();
    let mut chapters = vec![("SUMMARY.md".to_owned(), book.summary())];
    for chapter in book.chapters() {
        let place = Place {
            file: chapter.file.as_deref().unwrap_or_default(),
            chapter: &chapter.path,
        };
        let text = links.rewrite(&chapter.markdown(), place)?;
        chapters.push((chapter.path.clone(), text));
    }
    Ok(Sources {
        chapters,
        pictures: links.pictures,
    })
}

/// The style of the pictures in the book, in the colours of mdBook's themes.
pub fn style() -> String {
    let [light, dark] = [chart::LIGHT, chart::DARK]
        .map(|colours| format!("{colours} --page: var(--bg); --text: var(--fg);"));
    format!(
        "figure {{ {light}\n{}{} }}\n\
         :is(.navy, .coal, .ayu) figure {{ {dark} }}\n\
         @media (prefers-color-scheme: dark) {{ html:not(.js) figure {{ {dark} }} }}\n",
        chart::STYLE,
        timeline::STYLE
    )
}

struct Book {
    parts: Vec<Part>,
}

/// Chapters that stand together in the table of contents.
struct Part {
    /// Its name. The first part has none.
    name: Option<&'static str>,
    chapters: Vec<Chapter>,
}

struct Chapter {
    title: String,
    /// The Markdown above the text: the title, and in some chapters more.
    heading: String,
    text: String,
    /// Its file in the book.
    path: String,
    /// The file of the repository that it shows, if it shows one. Links in its text start
    /// there, and links to this file lead here.
    file: Option<String>,
    /// Whether it is indented in the table of contents.
    is_below: bool,
}

impl Book {
    fn read(results: &Measured) -> Result<Self> {
        let pages = catalogue::pages()?;
        let mut readme = Readme::read()?;
        let part = |name, chapters| Part {
            name: Some(name),
            chapters,
        };
        let mut parts = vec![
            Part {
                name: None,
                chapters: vec![
                    readme.opening.take().context("README.md has no title")?,
                    readme.take("One construct in both languages")?,
                    readme.take("When to use which")?,
                ],
            },
            part("The models", models(&mut readme, &pages, results)?),
            part("Phrasebook", phrasebook(&pages)?),
            part("The race", race(&mut readme)?),
            part("The crates", crates()?),
        ];
        // The sections of the README that no other part has, so that none is lost.
        let mut besides = readme.left;
        besides.extend(files()?);
        parts.push(part("Besides", besides));
        Ok(Book { parts })
    }

    fn chapters(&self) -> impl Iterator<Item = &Chapter> {
        self.parts.iter().flat_map(|part| &part.chapters)
    }

    /// The table of contents, in mdBook's form.
    fn summary(&self) -> String {
        let mut summary = "# Summary\n".to_owned();
        for part in &self.parts {
            if let Some(name) = part.name {
                summary += &format!("\n# {name}\n\n");
            }
            for chapter in &part.chapters {
                let indent = if chapter.is_below { "  " } else { "" };
                summary += &format!("{indent}- [{}]({})\n", chapter.title, chapter.path);
            }
        }
        summary
    }

    /// The chapter for each link to a file or to a heading.
    fn links(&self) -> Links {
        let mut links = Links::default();
        // This folder has no chapter of its own.
        links.lead(
            "python/phrasebook".to_owned(),
            "python.md#the-phrasebook".to_owned(),
        );
        for chapter in self.chapters() {
            let Some(file) = &chapter.file else { continue };
            let path = &chapter.path;
            let title = outline::slug(&chapter.title);
            links.lead(file.clone(), path.clone());
            links.lead(format!("{file}#{title}"), path.clone());
            for heading in outline::headings(&chapter.text) {
                let slug = outline::slug(heading);
                links.lead(format!("{file}#{slug}"), format!("{path}#{slug}"));
            }
        }
        links
    }
}

impl Chapter {
    fn new(title: &str, text: String, path: String, file: Option<&str>) -> Self {
        Chapter {
            title: title.to_owned(),
            heading: title.to_owned(),
            text,
            path,
            file: file.map(str::to_owned),
            is_below: false,
        }
    }

    /// A whole text of the repository.
    fn of_text(file: &str, path: &str) -> Result<Self> {
        let markdown = read(Path::new(file))?;
        let (title, text) = markdown.split_once('\n').unwrap_or((&markdown, ""));
        let title = title.trim_start_matches("# ");
        Ok(Chapter::new(
            title,
            text.to_owned(),
            path.to_owned(),
            Some(file),
        ))
    }

    /// A page, which stands below another chapter.
    fn of_page(page: &Page, folder: &str, text: String) -> Self {
        let path = format!("{folder}/{}.md", page.name);
        let file = book_page::path(&page.file);
        Chapter {
            is_below: true,
            ..Chapter::new(&page.name, text, path, Some(&file))
        }
    }

    fn markdown(&self) -> String {
        format!("# {}\n\n{}", self.heading, self.text)
    }
}

/// The README, a chapter for each of its sections.
struct Readme {
    /// What stands above its first section.
    opening: Option<Chapter>,
    /// The sections that have no place in the book yet.
    left: Vec<Chapter>,
}

impl Readme {
    fn read() -> Result<Self> {
        let mut sections = outline::sections(&read(Path::new(README))?).into_iter();
        let opening = sections.next();
        let opening = opening.map(|Section { title, text }| {
            Chapter::new(&title, text, "index.md".to_owned(), Some(README))
        });
        let left = sections.map(|Section { title, text }| {
            let path = format!("{}.md", outline::slug(&title));
            Chapter::new(&title, text, path, Some(README))
        });
        Ok(Readme {
            opening,
            left: left.collect(),
        })
    }

    fn take(&mut self, title: &str) -> Result<Chapter> {
        let place = self.left.iter().position(|chapter| chapter.title == title);
        let place =
            place.with_context(|| format!("{README} has no section {title:?}"))?;
        Ok(self.left.remove(place))
    }
}

/// A chapter for each workload, and below it one for each page that runs it.
fn models(
    readme: &mut Readme,
    pages: &[Page],
    results: &Measured,
) -> Result<Vec<Chapter>> {
    let mut chapters = vec![readme.take("The pages")?];
    for workload in Workload::value_variants() {
        let mut its_pages = Vec::new();
        for raced in workload.pages() {
            let page = pages.iter().find(|page| page.name == raced.name);
            let page =
                page.with_context(|| format!("there is no page {}", raced.name))?;
            its_pages.push((raced, page));
        }
        let name = workload.name();
        let text = about_workload(*workload, &its_pages, results)?;
        let path = format!("models/{name}.md");
        chapters.push(Chapter::new(name, text, path, None));
        for (raced, page) in its_pages {
            let text = book_page::model(page, raced, pages, results)?;
            chapters.push(Chapter::of_page(page, "models", text));
        }
    }
    Ok(chapters)
}

/// The pages of a workload with their times, and what ran when in them.
fn about_workload(
    workload: Workload,
    its_pages: &[(&'static pages::Page, &Page)],
    results: &Measured,
) -> Result<String> {
    let mut races = results.comparison.races.iter();
    let race = races.find(|race| race.work.workload() == workload);
    let race =
        race.with_context(|| format!("there is no race of {}", workload.name()))?;
    let title = document::escaped(&race.work.title());
    let mut text = format!("In [the race](/results/README.md): {title}.\n\n");
    for (raced, page) in its_pages {
        text += &format!("- [{}]({})", page.name, book_page::link(page));
        if let Some(racer) = race.page(raced.racer) {
            text += &format!(", {}", format::seconds(racer.median()));
        }
        text += &format!(": {}\n", page.summary());
    }
    let mut panels = results.timelines.panels.iter();
    if let Some(panel) = panels.find(|panel| panel.workload == workload) {
        text += &format!("\n## What ran when\n\n{}\n", book_page::figure(panel));
    }
    Ok(text)
}

/// A chapter for each section of the index. Below it is a chapter for each page that no earlier
/// section names.
fn phrasebook(pages: &[Page]) -> Result<Vec<Chapter>> {
    let index = read(Path::new(PHRASEBOOK))?;
    let mut left: Vec<&Page> = pages.iter().filter(|page| page.is_phrase).collect();
    let mut chapters = Vec::new();
    for section in outline::sections(&index) {
        let place = |page: &Page| section.text.find(&link_in_index(page));
        let mut named: Vec<&Page> =
            left.extract_if(.., |page| place(page).is_some()).collect();
        named.sort_by_key(|page| place(page));

        let path = match chapters.is_empty() {
            true => "phrasebook.md".to_owned(),
            false => format!("phrasebook/{}.md", outline::slug(&section.title)),
        };
        let Section { title, text } = section;
        chapters.push(Chapter::new(&title, text, path, Some(PHRASEBOOK)));
        for page in named {
            chapters.push(phrase(page, pages, &index)?);
        }
    }
    match left.first() {
        Some(page) => bail!("{PHRASEBOOK} does not name {}", page.name),
        None => Ok(chapters),
    }
}

/// A page of the phrasebook. Below its title are the names in Python that the index has for it.
fn phrase(page: &Page, pages: &[Page], index: &str) -> Result<Chapter> {
    let names = names_in_index(page, index);
    // The book's search finds `result` in the names below the title, and `Future.result` in
    // these.
    let hidden = names.replace(['`', '<', '&'], " ");
    let text = book_page::phrase(page, pages)?;
    let text = format!("{text}\n\n<p hidden>{hidden}</p>");
    let chapter = Chapter::of_page(page, "phrasebook", text);
    Ok(Chapter {
        // The fragment of links to this heading is the page's name alone.
        heading: format!(
            "{0} <small>{1}</small> {{#{0}}}",
            page.name,
            breakable(&names)
        ),
        ..chapter
    })
}

/// The first cells of all rows in the index that link to a page.
fn names_in_index(page: &Page, index: &str) -> String {
    let link = link_in_index(page);
    let mut names = Vec::new();
    for row in index.lines().filter(|line| line.contains(&link)) {
        let cells = row.strip_prefix("| ").and_then(|row| row.split_once(" | "));
        names.extend(cells.map(|(first, _)| first.replace("\\|", "|")));
    }
    names.join("; ")
}

fn link_in_index(page: &Page) -> String {
    format!("]({})", book_page::path(&page.file))
}

/// Names in Markdown as HTML in which a line may break after each dot.
///
/// mdBook's search takes such a place for the end of a word: a search for `result` finds
/// `Future.<wbr>result`, but not `Future.result`.
fn breakable(names: &str) -> String {
    let mut html = String::new();
    for (i, part) in names.split('`').enumerate() {
        let is_code = i % 2 == 1;
        if !is_code {
            html += part;
            continue;
        }
        html += "<code>";
        let name = part.replace('&', "&amp;").replace('<', "&lt;");
        let mut letters = name.chars().peekable();
        while let Some(letter) = letters.next() {
            html.push(letter);
            let goes_on = letters.peek().is_some_and(|next| next.is_alphabetic());
            if letter == '.' && goes_on {
                html += "<wbr>";
            }
        }
        html += "</code>";
    }
    html
}

fn race(readme: &mut Readme) -> Result<Vec<Chapter>> {
    Ok(vec![
        readme.take("The race")?,
        Chapter::of_text("results/README.md", "results.md")?,
        Chapter::of_text("python/README.md", "python.md")?,
        Chapter::of_text("xtask/README.md", "commands.md")?,
    ])
}

fn crates() -> Result<Vec<Chapter>> {
    let mut chapters = Vec::new();
    for name in [
        "process-pool",
        "thread-pool",
        "task-group",
        "job-queue",
        "race",
    ] {
        let file = format!("crates/{name}/README.md");
        chapters.push(Chapter::of_text(&file, &format!("crates/{name}.md"))?);
    }
    for name in ["job_queue", "messages"] {
        let file = format!("crates/job-queue/src/{name}.rs");
        chapters.push(Chapter::new(
            &format!("{name}.rs"),
            book_page::module(&file)?,
            format!("{name}.md"),
            Some(&file),
        ));
    }
    Ok(chapters)
}

fn files() -> Result<Vec<Chapter>> {
    let mut chapters = Vec::new();
    for file in FILES {
        let source = read(Path::new(file))?;
        let language = match Path::new(file).extension() {
            Some(end) if end == "rs" => "rust",
            Some(end) if end == "py" => "python",
            _ => "text",
        };
        let text = book_page::listing(Path::new(file), language, &source);
        let path = format!("files/{}.md", file.replace(['/', '.'], "-"));
        chapters.push(Chapter::new(file, text, path, Some(file)));
    }
    Ok(chapters)
}

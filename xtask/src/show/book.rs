//! The book: the texts of this repository as chapters for mdBook. All of it is made from the
//! files that hold it, so that nothing has to be written twice.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::format;
use crate::racers::catalogue::{self, Page, read};
use crate::racers::pages::Workload;
use crate::show::book_links::{Links, Place};
use crate::show::book_page::{self, Measured, listing};
use crate::show::outline::{self, Section};
use crate::show::{chart, document, timeline};

const README: &str = "README.md";
const PHRASEBOOK: &str = "PHRASEBOOK.md";

/// Files that the texts speak of and that are no pages. Each is a chapter.
const FILES: [&str; 9] = [
    "crates/thread-pool/src/lib.rs",
    "crates/task-group/src/lib.rs",
    "crates/workloads/src/lib.rs",
    "xtask/src/main.rs",
    "crates/process-pool/tests/it/contract.rs",
    "python/job_queue.py",
    ".ci/run",
    "LICENSE-MIT",
    "LICENSE-APACHE",
];

/// What mdBook makes HTML of.
pub struct Sources {
    /// The text of each chapter by its path, and the table of contents.
    pub chapters: Vec<(String, String)>,
    /// The pictures that they show, as files of the repository. They keep their paths.
    pub pictures: BTreeSet<String>,
}

/// The whole book.
pub fn sources(results: &Measured) -> Result<Sources> {
    let book = Book::read(results)?;
    let mut links = book.links();
    let mut chapters = vec![("SUMMARY.md".to_owned(), book.summary())];
    for chapter in &book.chapters {
        let place = Place {
            file: &chapter.file,
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

/// How its pictures look, in the colours of mdBook's themes.
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

struct Chapter {
    title: String,
    /// Other names for what it is about, which stand below its title and are searched like it.
    names: String,
    path: String,
    /// How deep it stands in the table of contents: 0 at its top.
    depth: usize,
    /// The file that its links are relative to, and that leads here.
    file: String,
    text: String,
}

#[derive(Default)]
struct Book {
    chapters: Vec<Chapter>,
    /// The parts of the book, each with the number of the chapter that it begins with.
    parts: Vec<(usize, &'static str)>,
}

impl Book {
    fn read(results: &Measured) -> Result<Self> {
        let pages = catalogue::pages()?;
        let readme = read(Path::new(README))?;
        let readme = outline::sections(&readme);
        // What is not asked for by its title stands at the end, so that nothing is lost.
        let mut left: Vec<_> = readme.iter().skip(1).collect();
        let mut section = |title: &str| {
            let mut found = left.extract_if(.., |section| section.title == title);
            let section = found.next();
            section.with_context(|| format!("{README} has no section {title:?}"))
        };

        let mut book = Book::default();
        let opening = readme.first().context("README.md is empty")?;
        book.add_section("index.md", README, opening);
        book.add_part_of_readme(section("Run")?);
        book.add_part_of_readme(section("When to use which")?);

        book.part("The models");
        book.add_part_of_readme(section("Read")?);
        for workload in Workload::value_variants() {
            book.add_workload(*workload, &pages, results)?;
        }

        book.part("Phrasebook");
        book.add_phrasebook(&read(Path::new(PHRASEBOOK))?, &pages)?;

        book.part("The race");
        book.add_part_of_readme(section("Race")?);
        book.add_part_of_readme(section("What the numbers do not show")?);
        book.add_text("results.md", "results/README.md")?;
        book.add_text("python.md", "python/README.md")?;

        book.part("Pools, the task group, the job queue, the race");
        for name in ["process-pool", "thread-pool", "task-group", "race"] {
            book.add_text(&format!("{name}.md"), &format!("crates/{name}/README.md"))?;
        }
        for (file, path) in [
            ("crates/job-queue/src/job_queue.rs", "job_queue.md"),
            ("crates/job-queue/src/messages.rs", "messages.md"),
        ] {
            let title = path.replace(".md", ".rs");
            book.push(path, file, &title, book_page::module(file)?);
        }

        book.part("Besides");
        for section in left {
            book.add_part_of_readme(section);
        }
        for file in FILES {
            let path = format!("files/{}.md", file.replace(['/', '.'], "-"));
            let language = match Path::new(file).extension() {
                Some(end) if end == "rs" => "rust",
                Some(end) if end == "py" => "python",
                _ => "text",
            };
            let source = read(Path::new(file))?;
            let text = listing(Path::new(file), "", language, &source);
            book.push(&path, file, file, text);
        }
        Ok(book)
    }

    /// What comes now belongs to another part.
    fn part(&mut self, name: &'static str) {
        self.parts.push((self.chapters.len(), name));
    }

    fn push(&mut self, path: &str, file: &str, title: &str, text: String) {
        self.chapters.push(Chapter {
            title: title.to_owned(),
            names: String::new(),
            path: path.to_owned(),
            depth: 0,
            file: file.to_owned(),
            text,
        });
    }

    fn add_section(&mut self, path: &str, file: &str, section: &Section) {
        self.push(path, file, &section.title, section.text.clone());
    }

    fn add_part_of_readme(&mut self, section: &Section) {
        let path = format!("{}.md", outline::slug(&section.title));
        self.add_section(&path, README, section);
    }

    /// A whole text as one chapter.
    fn add_text(&mut self, path: &str, file: &str) -> Result<()> {
        let text = outline::without_items(&read(Path::new(file))?);
        let (title, text) = text.split_once('\n').unwrap_or((&text, ""));
        self.push(path, file, title.trim_start_matches("# "), text.to_owned());
        Ok(())
    }

    /// A workload, and below it the pages that carry it out.
    fn add_workload(
        &mut self,
        workload: Workload,
        pages: &[Page],
        results: &Measured,
    ) -> Result<()> {
        let mut its_pages = Vec::new();
        for raced in workload.pages() {
            let page = pages.iter().find(|page| page.name == raced.name);
            let page =
                page.with_context(|| format!("there is no page {}", raced.name))?;
            its_pages.push((raced, page));
        }
        let name = workload.name();
        let mut races = results.comparison.races.iter();
        let race = races.find(|race| race.work.workload() == workload);
        let race = race.with_context(|| format!("there is no race of {name}"))?;
        let title = document::escaped(&race.work.title());
        let mut text = format!("In [the race](/results/README.md): {title}.\n\n");
        for (raced, page) in &its_pages {
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
        self.push(&format!("models/{name}.md"), "", name, text);
        for (raced, page) in its_pages {
            let text = [
                book_page::header(page, pages)?,
                book_page::code(page)?,
                book_page::timeline(raced, &results.timelines),
                book_page::measured(raced, results)?,
            ];
            self.add_page("models", page, String::new(), &text);
        }
        Ok(())
    }

    /// The index, a chapter for each of its sections, and below that the pages which it is
    /// the first to name.
    fn add_phrasebook(&mut self, index: &str, pages: &[Page]) -> Result<()> {
        let sections = outline::sections(index);
        let mut left: Vec<&Page> = pages.iter().filter(|page| page.is_phrase).collect();
        for (i, section) in sections.iter().enumerate() {
            let path = match i {
                0 => "phrasebook.md".to_owned(),
                _ => format!("phrasebook/{}.md", outline::slug(&section.title)),
            };
            self.add_section(&path, PHRASEBOOK, section);
            let place = |page: &Page| section.text.find(&link_to(page));
            let mut named: Vec<&Page> =
                left.extract_if(.., |page| place(page).is_some()).collect();
            named.sort_by_key(|page| place(page));
            for page in named {
                let names = names(index, page);
                let text = [
                    book_page::header(page, pages)?,
                    book_page::code(page)?,
                    // For who searches them as they are.
                    format!("<p hidden>{}</p>", names.replace(['`', '<', '&'], " ")),
                ];
                self.add_page("phrasebook", page, names, &text);
            }
        }
        if let Some(page) = left.first() {
            bail!("{PHRASEBOOK} does not name {}", page.name);
        }
        Ok(())
    }

    fn add_page(&mut self, folder: &str, page: &Page, names: String, text: &[String]) {
        self.chapters.push(Chapter {
            title: page.name.clone(),
            names,
            path: format!("{folder}/{}.md", page.name),
            depth: 1,
            file: book_page::path(&page.file),
            text: text.join("\n\n"),
        });
    }

    /// The table of contents, in mdBook's form.
    fn summary(&self) -> String {
        let mut summary = "# Summary\n".to_owned();
        for (i, chapter) in self.chapters.iter().enumerate() {
            let part = self.parts.iter().find(|(begin, _)| *begin == i);
            if let Some((_, name)) = part {
                summary += &format!("\n# {name}\n\n");
            }
            let indent = "  ".repeat(chapter.depth);
            let Chapter { title, path, .. } = chapter;
            summary += &format!("{indent}- [{title}]({path})\n");
        }
        summary
    }

    fn links(&self) -> Links {
        let mut links = Links::default();
        // A folder is none of the files, but a text tells of it.
        let twins = "python.md#the-phrasebook".to_owned();
        links.lead("python/phrasebook".to_owned(), twins);
        for chapter in &self.chapters {
            let Chapter { path, file, .. } = chapter;
            links.lead(file.clone(), path.clone());
            links.lead(
                format!("{file}#{}", outline::slug(&chapter.title)),
                path.clone(),
            );
            for heading in outline::headings(&chapter.text) {
                let slug = outline::slug(heading);
                links.lead(format!("{file}#{slug}"), format!("{path}#{slug}"));
            }
        }
        links
    }
}

impl Chapter {
    fn markdown(&self) -> String {
        let Chapter { title, text, .. } = self;
        let names = match &self.names[..] {
            "" => String::new(),
            names => format!(" <small>{}</small> {{#{title}}}", in_parts(names)),
        };
        format!("# {title}{names}\n\n{text}")
    }
}

/// Names with a place between their parts where a line may end, and at which mdBook's search
/// takes them apart: `Future.result` is found by `result`.
fn in_parts(names: &str) -> String {
    let spans = names.split('`').enumerate().map(|(i, span)| {
        if i % 2 == 0 {
            return span.to_owned();
        }
        let letters: Vec<char> = span.chars().collect();
        let mut parts = String::new();
        for (i, letter) in letters.iter().enumerate() {
            match letter {
                '&' => parts += "&amp;",
                '<' => parts += "&lt;",
                letter => parts.push(*letter),
            }
            let next = letters.get(i + 1).is_some_and(|next| next.is_alphabetic());
            if *letter == '.' && next {
                parts += "<wbr>";
            }
        }
        format!("<code>{parts}</code>")
    });
    spans.collect()
}

fn link_to(page: &Page) -> String {
    format!("]({})", book_page::path(&page.file))
}

/// What the index calls that for which a page is the answer.
fn names(index: &str, page: &Page) -> String {
    let link = link_to(page);
    let rows = index.lines().filter(|line| line.contains(&link));
    let rows = rows.filter_map(|row| row.strip_prefix("| ")?.split(" | ").next());
    rows.collect::<Vec<_>>().join("; ").replace("\\|", "|")
}

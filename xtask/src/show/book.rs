//! The book: the texts of this repository as chapters for mdBook. All of it is made from the
//! files that hold it, so that nothing has to be written twice.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::format;
use crate::judge::comparison::Comparison;
use crate::judge::results::Entrant;
use crate::racers::catalogue::{self, Page, read};
use crate::racers::workload::Workload;
use crate::show::book_links::{Links, Place};
use crate::show::book_page::{self, listing};
use crate::show::outline::{self, Section};
use crate::show::sheet::{Column, Sheet};

const README: &str = "README.md";
const PHRASEBOOK: &str = "PHRASEBOOK.md";

/// Files that the texts speak of and that are no pages. Each is a chapter.
const FILES: [&str; 6] = [
    "workloads/src/lib.rs",
    "xtask/src/main.rs",
    "process-pool/tests/it/contract.rs",
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
pub fn sources(comparison: &Comparison, with_python: &Comparison) -> Result<Sources> {
    let book = Book::read(comparison, with_python)?;
    let mut links = book.links();
    let mut chapters = vec![("SUMMARY.md".to_owned(), book.summary())];
    for chapter in &book.chapters {
        let place = Place {
            file: &chapter.file,
            chapter: &chapter.path,
        };
        let text = links.rewrite(&chapter.text, place)?;
        chapters.push((chapter.path.clone(), text));
    }
    Ok(Sources {
        chapters,
        pictures: links.pictures,
    })
}

struct Chapter {
    title: String,
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
    fn read(comparison: &Comparison, with_python: &Comparison) -> Result<Self> {
        let pages = catalogue::pages()?;
        let readme = read(Path::new(README))?;
        let readme = outline::sections(&readme);
        let section = |title: &str| {
            let section = readme.iter().find(|section| section.title == title);
            section.with_context(|| format!("{README} has no section {title:?}"))
        };

        let mut book = Book::default();
        let opening = readme.first().context("README.md is empty")?;
        book.add(0, "index.md", README, opening);
        book.add(0, "run.md", README, section("Run")?);
        let when = section("When to use which")?;
        book.add(0, "when-to-use-which.md", README, when);

        book.part("The models");
        book.add(0, "read.md", README, section("Read")?);
        for workload in Workload::value_variants() {
            book.add_workload(*workload, &pages, comparison, with_python)?;
        }

        book.part("Phrasebook");
        book.add_phrasebook(&read(Path::new(PHRASEBOOK))?, &pages)?;

        book.part("The race");
        book.add(0, "race.md", README, section("Race")?);
        let limits = section("What the numbers do not show")?;
        book.add(0, "what-the-numbers-do-not-show.md", README, limits);
        book.add_text("python.md", "python/README.md")?;

        book.part("Pools and the task group");
        book.add_text("process-pool.md", "process-pool/README.md")?;
        for module in ["thread_pool", "task_group"] {
            let model = match module {
                "thread_pool" => "threads",
                _ => "async",
            };
            let file = format!("examples-{model}/src/{module}.rs");
            let text = book_page::module(&file)?;
            book.push(0, &format!("{module}.md"), &file, &file, &text);
        }

        book.part("Besides");
        book.add(0, "tests.md", README, section("Tests")?);
        book.add(0, "licence.md", README, section("Licence")?);
        for file in FILES {
            let path = format!("files/{}.md", file.replace(['/', '.'], "-"));
            let language = if file.ends_with(".rs") {
                "rust"
            } else {
                "text"
            };
            let source = read(Path::new(file))?;
            let text = listing(Path::new(file), "", language, &source);
            book.push(1, &path, file, file, &text);
        }
        Ok(book)
    }

    /// What comes now belongs to another part.
    fn part(&mut self, name: &'static str) {
        self.parts.push((self.chapters.len(), name));
    }

    fn push(&mut self, depth: usize, path: &str, file: &str, title: &str, text: &str) {
        self.chapters.push(Chapter {
            title: title.to_owned(),
            path: path.to_owned(),
            depth,
            file: file.to_owned(),
            text: format!("# {title}\n\n{text}"),
        });
    }

    fn add(&mut self, depth: usize, path: &str, file: &str, section: &Section) {
        self.push(depth, path, file, &section.title, &section.text);
    }

    /// A whole text as one chapter.
    fn add_text(&mut self, path: &str, file: &str) -> Result<()> {
        let text = outline::without_items(&read(Path::new(file))?);
        let title = outline::headings(&text).next().unwrap_or_default();
        self.chapters.push(Chapter {
            title: title.to_owned(),
            path: path.to_owned(),
            depth: 0,
            file: file.to_owned(),
            text: text.clone(),
        });
        Ok(())
    }

    /// A workload, and below it the pages that carry it out.
    fn add_workload(
        &mut self,
        workload: Workload,
        pages: &[Page],
        comparison: &Comparison,
        with_python: &Comparison,
    ) -> Result<()> {
        let mut its_pages = Vec::new();
        for name in workload.pages() {
            let page = pages.iter().find(|page| page.name == *name);
            its_pages.push(page.with_context(|| format!("there is no page {name}"))?);
        }
        let results = comparison.races.iter();
        let results = results
            .filter(|results| results.workload == workload)
            .next()
            .with_context(|| format!("there is no race of {}", workload.name()))?;
        let rows = its_pages.iter().map(|page| {
            let entrant = results.page(book_page::racer(&page.name, results));
            let figure =
                |figure: fn(&Entrant) -> String| entrant.map_or("–".into(), figure);
            let link = format!("[{}]({})", page.name, book_page::link(page));
            vec![
                link,
                page.summary(),
                figure(|entrant| format::seconds(entrant.median())),
                figure(|entrant| format::seconds(entrant.cpu())),
                figure(|entrant| match entrant.bytes() {
                    Some(bytes) => format::bytes(bytes as f64),
                    None => "–".into(),
                }),
            ]
        });
        let columns = ["", "", "median", "CPU", "memory"];
        let sheet = Sheet {
            columns: columns.map(|name| Column::new(name, "")).into(),
            rows: rows.collect(),
            are_figures: false,
            times: Vec::new(),
        };
        let name = workload.name();
        let text = format!(
            "In [the race](/README.md#race): {}.\n\n{}",
            results.title,
            sheet.markdown()
        );
        self.push(0, &format!("models/{name}.md"), "", name, &text);
        for page in its_pages {
            let text = [
                book_page::header(page, pages)?,
                book_page::code(page)?,
                "## Measured".to_owned(),
                book_page::measured(&page.name, comparison, with_python)?,
            ];
            self.add_page(page, "models", 1, &text.join("\n\n"));
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
            self.add(0, &path, PHRASEBOOK, section);
            let place = |page: &Page| section.text.find(&link_to(page));
            let mut named: Vec<&Page> =
                left.extract_if(.., |page| place(page).is_some()).collect();
            named.sort_by_key(|page| place(page));
            for page in named {
                let text = [
                    rows(index, page),
                    book_page::header(page, pages)?,
                    book_page::code(page)?,
                ];
                self.add_page(page, "phrasebook", 1, &text.join("\n\n"));
            }
        }
        if let Some(page) = left.first() {
            bail!("{PHRASEBOOK} does not name {}", page.name);
        }
        Ok(())
    }

    fn add_page(&mut self, page: &Page, folder: &str, depth: usize, text: &str) {
        let path = format!("{folder}/{}.md", page.name);
        let file = book_page::path(&page.file);
        self.push(depth, &path, &file, &page.name, text);
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
        for Chapter {
            path, file, text, ..
        } in &self.chapters
        {
            links.lead(file.clone(), path.clone());
            for (i, heading) in outline::headings(text).enumerate() {
                let slug = outline::slug(heading);
                // The first is the chapter's own.
                let to = match i {
                    0 => path.clone(),
                    _ => format!("{path}#{slug}"),
                };
                links.lead(format!("{file}#{slug}"), to);
            }
        }
        links
    }
}

fn link_to(page: &Page) -> String {
    format!("]({})", book_page::path(&page.file))
}

/// What the index says of a page: where, and by which names of Python it is found.
fn rows(index: &str, page: &Page) -> String {
    let link = link_to(page);
    let mut rows = Vec::new();
    for Section { title, text } in outline::sections(index) {
        for row in text.lines().filter(|line| line.contains(&link)) {
            let names = match row.strip_prefix("| ") {
                Some(cells) => cells.split(" | ").next().unwrap_or_default(),
                None => continue,
            };
            let slug = outline::slug(&title);
            let names = names.replace("\\|", "|");
            rows.push(format!("- [{title}](/{PHRASEBOOK}#{slug}): {names}"));
        }
    }
    rows.join("\n")
}

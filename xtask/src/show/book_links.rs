//! The links of the repository's texts, turned into links of the book. What has no
//! counterpart in the book is an error.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};

use crate::racers::build::root;
use crate::show::outline;

/// Where a text stands in the repository and in the book, each seen from its root.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub file: &'a str,
    pub chapter: &'a str,
}

/// What the repository's links lead to in the book.
#[derive(Default)]
pub struct Links {
    /// `PHRASEBOOK.md` or `PHRASEBOOK.md#left-out`: the chapter, perhaps with a fragment.
    targets: BTreeMap<String, String>,
    /// The pictures that the texts show, as files of the repository.
    pub pictures: BTreeSet<String>,
}

impl Links {
    /// Lets a file, or a heading of one, lead to a place in the book. The first that is told
    /// counts.
    pub fn lead(&mut self, from: String, to: String) {
        self.targets.entry(from).or_insert(to);
    }

    /// A text as it stands in the book.
    pub fn rewrite(&mut self, text: &str, place: Place<'_>) -> Result<String> {
        outline::map_prose(text, |prose| {
            let prose = self.rewrite_after("](", ')', prose, place)?;
            let prose = self.rewrite_after("src=\"", '"', &prose, place)?;
            self.rewrite_after("srcset=\"", '"', &prose, place)
        })
    }

    fn rewrite_after(
        &mut self,
        begin: &str,
        end: char,
        prose: &str,
        place: Place<'_>,
    ) -> Result<String> {
        let mut links = prose.split(begin);
        let mut rewritten = links.next().unwrap_or_default().to_owned();
        for link in links {
            let (target, rest) = link.split_once(end).with_context(|| {
                format!("{}: a link has no end: {link:.60}", place.file)
            })?;
            rewritten += begin;
            rewritten += &self.target(target, place)?;
            rewritten.push(end);
            rewritten += rest;
        }
        Ok(rewritten)
    }

    fn target(&mut self, target: &str, place: Place<'_>) -> Result<String> {
        if target.contains("://") {
            return Ok(target.to_owned());
        }
        let file = match target.strip_prefix('#') {
            Some(fragment) => format!("{}#{fragment}", place.file),
            None => joined(place.file, target),
        };
        if let Some(chapter) = self.targets.get(&file) {
            return Ok(relative(place.chapter, chapter));
        }
        if file.ends_with(".svg") && root().join(&file).exists() {
            let picture = relative(place.chapter, &file);
            self.pictures.insert(file);
            return Ok(picture);
        }
        bail!(
            "{} links to {target}, which is not in the book: a file becomes a chapter in \
             xtask/src/show/book.rs",
            place.file
        )
    }
}

/// What a link in a file means, seen from the root, from which one with a `/` is.
fn joined(file: &str, link: &str) -> String {
    if let Some(file) = link.strip_prefix('/') {
        return file.to_owned();
    }
    let mut path: Vec<_> = file.split('/').collect();
    path.pop();
    for part in link.split('/') {
        match part {
            "." => {}
            ".." => drop(path.pop()),
            part => path.push(part),
        }
    }
    path.join("/")
}

/// The link from one file of the book to another.
fn relative(from: &str, to: &str) -> String {
    "../".repeat(from.matches('/').count()) + to
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(text: &str) -> Result<String> {
        let mut links = Links::default();
        for (from, to) in [
            ("a/README.md", "a.md"),
            ("a/README.md#part", "a.md#part"),
            ("a/src/lib.rs", "files/lib.md"),
        ] {
            links.lead(from.into(), to.into());
        }
        let place = Place {
            file: "a/README.md",
            chapter: "deep/a.md",
        };
        links.rewrite(text, place)
    }

    #[test]
    fn links_lead_to_chapters_and_all_else_stays() {
        let text = "[it](src/lib.rs), [`it`](/a/README.md#part) [here](#part)\n\
                    [out](https://example.org/x.rs) `[no](none)`\n```\n[no](none)\n```\n\
                    <img src=\"../results/race-light.svg\" alt=\"x\">\n";
        let expected = "[it](../files/lib.md), [`it`](../a.md#part) [here](../a.md#part)\n\
                    [out](https://example.org/x.rs) `[no](none)`\n```\n[no](none)\n```\n\
                    <img src=\"../results/race-light.svg\" alt=\"x\">\n";
        assert_eq!(rewritten(text).unwrap(), expected);
    }

    #[test]
    fn what_is_not_in_the_book_is_an_error_that_names_it() {
        for link in [
            "src/none.rs",
            "#none",
            "README.md#none",
            "../a",
            "x.svg",
            "Builder::new",
        ] {
            let error = rewritten(&format!("see [it]({link})"))
                .unwrap_err()
                .to_string();
            let expected =
                format!("a/README.md links to {link}, which is not in the book");
            assert!(error.starts_with(&expected), "{error}");
        }
        assert!(rewritten("[it](src/lib.rs").is_err());
    }
}

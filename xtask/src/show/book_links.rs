//! Turns the links of the repository's texts into links of the book.
//!
//! A link to a file that is not in the book is an error.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use anyhow::{Context, Result, bail};
use pulldown_cmark::{BrokenLink, CowStr, Event, Parser, Tag};

use crate::racers::build::root;
use crate::show::outline;

/// Where a text stands in the repository and in the book. Both paths start at the root.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub file: &'a str,
    pub chapter: &'a str,
}

/// Where the repository's links lead to in the book.
#[derive(Default)]
pub struct Links {
    /// The chapter for each file and each heading, for instance `phrasebook/left-out.md` for
    /// `PHRASEBOOK.md#left-out`. A chapter may have a fragment as well.
    chapters: BTreeMap<String, String>,
    /// The pictures that the rewritten texts show, as files of the repository.
    pub pictures: BTreeSet<String>,
}

/// A change to a text: a part of it, and what replaces that.
struct Edit {
    place: Range<usize>,
    text: String,
}

impl Links {
    /// Lets links to a file, or to a heading in it, lead to a chapter. If this is called twice
    /// for one file, the first chapter counts.
    pub fn lead(&mut self, file: String, chapter: String) {
        self.chapters.entry(file).or_insert(chapter);
    }

    /// A text with the links that it has in the book.
    pub fn rewrite(&mut self, text: &str, place: Place<'_>) -> Result<String> {
        let mut edits = Vec::new();
        let parser = Parser::new_with_broken_link_callback(
            text,
            outline::OPTIONS,
            Some(item_without_target),
        );
        for (event, part) in parser.into_offset_iter() {
            match event {
                Event::Start(Tag::Link { dest_url, .. }) if is_item(&dest_url) => {
                    edits.push(without_link(text, part));
                }
                Event::Start(
                    Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. },
                ) => {
                    let target = self.target(&dest_url, place)?;
                    if *target != *dest_url {
                        edits.push(Edit {
                            place: place_of_target(text, part, &dest_url)
                                .with_context(|| format!("in {}", place.file))?,
                            text: target,
                        });
                    }
                }
                Event::Html(_) | Event::InlineHtml(_) => {
                    for target in sources(text, part) {
                        edits.push(Edit {
                            text: self.target(&text[target.clone()], place)?,
                            place: target,
                        });
                    }
                }
                _ => {}
            }
        }
        Ok(edited(text, edits))
    }

    /// The target of a link in the book.
    fn target(&mut self, target: &str, place: Place<'_>) -> Result<String> {
        if target.contains("://") {
            return Ok(target.to_owned());
        }
        let file = match target.strip_prefix('#') {
            Some(fragment) => format!("{}#{fragment}", place.file),
            None => joined(place.file, target),
        };
        if let Some(chapter) = self.chapters.get(&file) {
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

/// A name in backticks and brackets is a link to an item of Rust, for which the text has no
/// target.
fn item_without_target<'a>(link: BrokenLink<'a>) -> Option<(CowStr<'a>, CowStr<'a>)> {
    let is_item = link.reference.starts_with('`');
    is_item.then(|| ("::".into(), "".into()))
}

/// Whether a target is an item of Rust, such as `Pool::new`. The book does not have these.
fn is_item(target: &str) -> bool {
    target.contains("::")
}

/// Removes a link and keeps its text: `name` of `[name](Pool::name)`, and of `[name]`.
fn without_link(text: &str, place: Range<usize>) -> Edit {
    let link = &text[place.clone()];
    let end = link.rfind("](").or_else(|| link.rfind(']'));
    let shown = link[..end.unwrap_or(link.len())].trim_start_matches('[');
    Edit {
        text: shown.to_owned(),
        place,
    }
}

/// Where the target stands in `[text](target)`.
fn place_of_target(text: &str, link: Range<usize>, target: &str) -> Result<Range<usize>> {
    let begin = text[link.clone()].rfind(&format!("]({target}"));
    let begin = begin.with_context(|| format!("write [text]({target}) for this link"))?;
    let begin = link.start + begin + "](".len();
    Ok(begin..begin + target.len())
}

/// The places in HTML that name pictures.
fn sources(text: &str, html: Range<usize>) -> Vec<Range<usize>> {
    let mut sources = Vec::new();
    for attribute in [" src=\"", " srcset=\""] {
        for (begin, _) in text[html.clone()].match_indices(attribute) {
            let begin = html.start + begin + attribute.len();
            if let Some(length) = text[begin..].find('"') {
                sources.push(begin..begin + length);
            }
        }
    }
    sources
}

fn edited(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| edit.place.start);
    let mut edited = text.to_owned();
    // From the last to the first, so that the places of the remaining edits stay right.
    for edit in edits.into_iter().rev() {
        edited.replace_range(edit.place, &edit.text);
    }
    edited
}

/// The file that a link in a file leads to. A link with a `/` starts at the root.
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
        for (file, chapter) in [
            ("a/README.md", "a.md"),
            ("a/README.md#part", "a.md#part"),
            ("a/src/lib.rs", "files/lib.md"),
        ] {
            links.lead(file.into(), chapter.into());
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
                    [out](https://example.org/x.rs) `[no](none)`\n```\n[no](none)\n```\n\n\
                    | [it](src/lib.rs) | <https://example.org> |\n|---|---|\n\n\
                    <img src=\"../results/race-light.svg\" alt=\"x\">\n";
        let expected = "[it](../files/lib.md), [`it`](../a.md#part) [here](../a.md#part)\n\
                    [out](https://example.org/x.rs) `[no](none)`\n```\n[no](none)\n```\n\n\
                    | [it](../files/lib.md) | <https://example.org> |\n|---|---|\n\n\
                    <img src=\"../results/race-light.svg\" alt=\"x\">\n";
        assert_eq!(rewritten(text).unwrap(), expected);
    }

    #[test]
    fn items_of_rust_are_no_links() {
        let text = "[`Pool`] has [`new`](Pool::new), [see `lib`](src/lib.rs).\n```\n[`a`]\n```\n";
        let expected =
            "`Pool` has `new`, [see `lib`](../files/lib.md).\n```\n[`a`]\n```\n";
        assert_eq!(rewritten(text).unwrap(), expected);
    }

    #[test]
    fn a_link_to_what_is_not_in_the_book_is_an_error() {
        for link in ["src/none.rs", "#none", "README.md#none", "../a", "x.svg"] {
            let error = rewritten(&format!("see [it]({link})")).unwrap_err();
            let expected =
                format!("a/README.md links to {link}, which is not in the book");
            assert!(error.to_string().starts_with(&expected), "{error}");
        }
    }
}

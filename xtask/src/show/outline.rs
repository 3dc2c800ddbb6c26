//! The headings of a Markdown text, and the sections below them.

use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag};

/// How the texts of this repository are read: as Markdown with tables.
pub const OPTIONS: Options = Options::ENABLE_TABLES;

/// A heading of the first or the second level, and what stands below it.
#[derive(Debug, PartialEq)]
pub struct Section {
    pub title: String,
    /// Its headings are one level higher than in the whole text.
    pub text: String,
}

/// Splits a text into its sections. What stands above the first heading is left out.
///
/// Each section is to be a chapter: what was a third level in the whole text is a second one in
/// the chapter.
pub fn sections(markdown: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut position = 0;
    for heading in all_headings(markdown) {
        if let Some(section) = sections.last_mut() {
            section.text += &markdown[position..heading.place.start];
        }
        if heading.level <= HeadingLevel::H2 {
            sections.push(Section {
                title: heading.title.to_owned(),
                text: String::new(),
            });
            position = heading.place.end;
        } else {
            // Without one `#`, a heading is one level higher.
            position = heading.place.start + "#".len();
        }
    }
    if let Some(section) = sections.last_mut() {
        section.text += &markdown[position..];
    }
    sections
}

/// The title of every heading of a text.
pub fn headings(markdown: &str) -> impl Iterator<Item = &str> {
    all_headings(markdown)
        .into_iter()
        .map(|heading| heading.title)
}

/// The fragment of a link to a heading, as GitHub and mdBook make it.
pub fn slug(title: &str) -> String {
    let letters = title.chars().flat_map(char::to_lowercase);
    let letters = letters.filter_map(|letter| match letter {
        ' ' => Some('-'),
        letter if letter.is_alphanumeric() || "-_".contains(letter) => Some(letter),
        _ => None,
    });
    letters.collect()
}

struct Heading<'a> {
    level: HeadingLevel,
    title: &'a str,
    /// Its line in the text.
    place: Range<usize>,
}

fn all_headings(markdown: &str) -> Vec<Heading<'_>> {
    let mut headings = Vec::new();
    for (event, place) in Parser::new_ext(markdown, OPTIONS).into_offset_iter() {
        if let Event::Start(Tag::Heading { level, .. }) = event {
            let line = &markdown[place.clone()];
            headings.push(Heading {
                level,
                title: line.trim_start_matches('#').trim(),
                place,
            });
        }
    }
    headings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_has_the_text_below_its_heading_with_higher_headings() {
        let text =
            "# All\nfirst\n## One\na\n### Deep\n```sh\n# no\n## no\n```\n## Two\nb\n";
        let found = sections(text);
        let found: Vec<_> = found
            .iter()
            .map(|section| (&section.title[..], &section.text[..]))
            .collect();
        let one = "a\n## Deep\n```sh\n# no\n## no\n```\n";
        assert_eq!(found, [("All", "first\n"), ("One", one), ("Two", "b\n")]);
        assert!(headings(text).eq(["All", "One", "Deep", "Two"]));
    }

    #[test]
    fn a_slug_is_what_a_link_to_a_heading_ends_with() {
        assert_eq!(slug("asyncio: locks, `wait_for`"), "asyncio-locks-wait_for");
        assert_eq!(slug("concurrent.futures"), "concurrentfutures");
    }
}

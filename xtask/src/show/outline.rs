//! Markdown as people write it in this repository: its headings, and what of it is no code.

use anyhow::Result;

/// A part of a text: what stands below a heading.
#[derive(Debug, PartialEq)]
pub struct Section {
    pub title: String,
    /// The headings in it are those of a text of its own: the highest is a second one.
    pub text: String,
}

/// The sections of a text, whose title is the first one's.
pub fn sections(markdown: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in lines(markdown) {
        if let (Some((1 | 2, title)), _) = (line.heading(), &sections) {
            let (title, text) = (title.to_owned(), String::new());
            sections.push(Section { title, text });
        } else if let Some(section) = sections.last_mut() {
            // One of the third order is one of the second now.
            let risen = line.heading().and_then(|_| line.text.strip_prefix('#'));
            section.text += risen.unwrap_or(line.text);
            section.text += "\n";
        }
    }
    sections
}

/// Every heading of a text.
pub fn headings(markdown: &str) -> impl Iterator<Item = &str> {
    lines(markdown).filter_map(|line| line.heading().map(|(_, title)| title))
}

/// What a link to a heading is made of, on GitHub as in mdBook.
pub fn slug(title: &str) -> String {
    let letters = title.chars().flat_map(char::to_lowercase);
    let letters = letters.filter_map(|letter| match letter {
        ' ' => Some('-'),
        letter if letter.is_alphanumeric() || "-_".contains(letter) => Some(letter),
        _ => None,
    });
    letters.collect()
}

/// A text with everything in it changed that is no code.
pub fn map_prose(
    markdown: &str,
    mut change: impl FnMut(&str) -> Result<String>,
) -> Result<String> {
    let mut mapped = String::new();
    let mut prose = String::new();
    for line in lines(markdown) {
        if line.is_code {
            mapped += &map_between_spans(&prose, &mut change)?;
            mapped += line.text;
            mapped += "\n";
            prose.clear();
        } else {
            prose += line.text;
            prose += "\n";
        }
    }
    Ok(mapped + &map_between_spans(&prose, &mut change)?)
}

fn map_between_spans(
    prose: &str,
    change: &mut impl FnMut(&str) -> Result<String>,
) -> Result<String> {
    let mut mapped = String::new();
    let mut rest = prose;
    while let Some(begin) = rest.find('`') {
        let (before, span) = rest.split_at(begin);
        let signs = span.len() - span.trim_start_matches('`').len();
        let Some(inside) = span[signs..].find(&span[..signs]) else {
            break;
        };
        let (span, after) = span.split_at(inside + 2 * signs);
        mapped += &change(before)?;
        mapped += span;
        rest = after;
    }
    Ok(mapped + &change(rest)?)
}

/// A text with the links of rustdoc taken away, which lead to items of Rust: `[Pool]`, and
/// `[new](Pool::new)`.
pub fn without_items(markdown: &str) -> String {
    let mut text = String::new();
    for line in lines(markdown) {
        let mut rest = line.text;
        while let Some((before, link)) = rest.split_once("[`").filter(|_| !line.is_code) {
            let Some((name, after)) = link.split_once("`]") else {
                break;
            };
            let target = after.strip_prefix('(').and_then(|it| it.split_once(')'));
            rest = match target {
                Some((target, after)) if target.contains("::") => after,
                Some(_) => {
                    text += &format!("{before}[`{name}`]");
                    rest = after;
                    continue;
                }
                None => after,
            };
            text += &format!("{before}`{name}`");
        }
        text += rest;
        text += "\n";
    }
    text
}

struct Line<'a> {
    text: &'a str,
    is_code: bool,
}

impl<'a> Line<'a> {
    /// The order of a heading, and its title.
    fn heading(&self) -> Option<(usize, &'a str)> {
        let title = self.text.trim_start_matches('#');
        let order = self.text.len() - title.len();
        let title = title.strip_prefix(' ').filter(|_| !self.is_code)?;
        (order > 0).then_some((order, title))
    }
}

/// The lines of a text, those of a code block with its fences being code.
fn lines(markdown: &str) -> impl Iterator<Item = Line<'_>> {
    let mut in_block = false;
    markdown.lines().map(move |text| {
        let is_fence = text.starts_with("```");
        let is_code = in_block || is_fence;
        in_block ^= is_fence;
        Line { text, is_code }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_in_code_is_none_and_lower_ones_rise() {
        let text =
            "# All\nfirst\n## One\na\n### Deep\n```sh\n# no\n## no\n```\n## Two\nb\n";
        let found = sections(text);
        let found: Vec<_> = found.iter().map(|s| (&s.title[..], &s.text[..])).collect();
        let one = "a\n## Deep\n```sh\n# no\n## no\n```\n";
        assert_eq!(found, [("All", "first\n"), ("One", one), ("Two", "b\n")]);
        assert!(headings(text).eq(["All", "One", "Deep", "Two"]));
    }

    #[test]
    fn slugs_are_what_links_are_made_of() {
        assert_eq!(slug("asyncio: locks, `wait_for`"), "asyncio-locks-wait_for");
        assert_eq!(slug("concurrent.futures"), "concurrentfutures");
    }

    #[test]
    fn items_of_rust_are_no_links() {
        let text = "[`Pool`] has [`new`](Pool::new), see [`lib`](src/lib.rs).\n```\n[`a`]\n```\n";
        let expected = "`Pool` has `new`, see [`lib`](src/lib.rs).\n```\n[`a`]\n```\n";
        assert_eq!(without_items(text), expected);
    }

    #[test]
    fn code_is_left_alone() {
        let text = "a `b` c ``d ` d`` e\nf `g\ng` h\n```\na\n```\na ` a\n";
        let mapped = map_prose(text, |prose| Ok(prose.to_uppercase())).unwrap();
        assert_eq!(
            mapped,
            "A `b` C ``d ` d`` E\nF `g\ng` H\n```\na\n```\nA ` A\n"
        );
    }
}

//! A text that people read: as plain text in a terminal, and as Markdown, which the README and
//! the report show.

use comfy_table::{
    Cell, CellAlignment, ContentArrangement, LineStyle, Table as Drawn, TableStyle,
    presets,
};

use crate::format;

/// Lines in a terminal are no longer than this.
const WIDTH: usize = 80;

/// Its blocks, one below the other.
#[derive(Default)]
pub struct Document(pub Vec<Block>);

/// A block. Its texts are plain: nothing in them is markup.
pub enum Block {
    Heading(String),
    Paragraph(String),
    Table(Table),
    /// What a reader opens on demand: in Markdown folded, in a terminal left out.
    Fold {
        title: String,
        paragraphs: Vec<String>,
    },
}

pub struct Table {
    /// The names of the columns. To make a column narrow, a `|` breaks its name into two lines:
    /// `at a|time`.
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
    pub cells: Cells,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Cells {
    /// The first column names the rows. The others hold figures, which are aligned on the
    /// right.
    Figures,
    /// Sentences, which may be broken into lines. The column with the number `answer` is the
    /// answer.
    Sentences { answer: usize },
}

impl Document {
    pub fn heading(&mut self, text: impl Into<String>) {
        self.0.push(Block::Heading(text.into()));
    }

    pub fn paragraph(&mut self, text: impl Into<String>) {
        self.0.push(Block::Paragraph(text.into()));
    }

    pub fn table(&mut self, table: Table) {
        self.0.push(Block::Table(table));
    }

    /// The text for a terminal. It ends with an empty line, unless the document is empty. No
    /// empty line stands before a paragraph that follows a table or another paragraph.
    pub fn terminal(&self) -> String {
        let mut text = String::new();
        if self.0.is_empty() {
            return text;
        }
        for block in &self.0 {
            match block {
                Block::Heading(heading) => {
                    if !text.is_empty() {
                        text += "\n";
                    }
                    text += &wrapped(heading);
                }
                Block::Paragraph(paragraph) => text += &wrapped(paragraph),
                Block::Table(table) => {
                    text += &table.terminal();
                    text += "\n";
                }
                Block::Fold { .. } => {}
            }
        }
        text + "\n"
    }

    pub fn markdown(&self) -> String {
        let blocks = self.0.iter().map(|block| match block {
            Block::Heading(heading) => format!("## {}\n", escaped(heading)),
            Block::Paragraph(paragraph) => format!("{}\n", escaped(paragraph)),
            Block::Table(table) => format!("{}\n", table.markdown()),
            Block::Fold { title, paragraphs } => {
                let paragraphs = paragraphs.iter();
                let paragraphs: Vec<_> = paragraphs.map(|text| escaped(text)).collect();
                format!(
                    "<details>\n<summary>{title}</summary>\n\n{}\n\n</details>\n",
                    paragraphs.join("\n\n")
                )
            }
        });
        blocks.collect::<Vec<_>>().join("\n")
    }

    /// The Markdown as HTML.
    pub fn html(&self) -> String {
        let markdown = self.markdown();
        let options = pulldown_cmark::Options::ENABLE_TABLES;
        let parser = pulldown_cmark::Parser::new_ext(&markdown, options);
        let mut html = String::new();
        pulldown_cmark::html::push_html(&mut html, parser);
        // If a table is wider than the screen, it scrolls by itself, and the rest of the
        // document does not.
        html.replace("<table>", "<div class=\"wide\" tabindex=\"0\"><table>")
            .replace("</table>", "</table></div>")
    }
}

impl Table {
    fn terminal(&self) -> String {
        let header = self.header.iter().map(|name| name.replace('|', "\n"));
        let mut table = self.drawn(header.collect(), self.rows.clone());
        table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─')));
        for (i, column) in table.column_iter_mut().enumerate() {
            column.set_padding(if i == 0 { (0, 0) } else { (2, 0) });
        }
        if self.cells != Cells::Figures {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(WIDTH as u16);
        }
        table.trim_fmt()
    }

    fn markdown(&self) -> String {
        let header = self.header.iter().map(|name| name.replace('|', " "));
        let rows = self.rows.iter().map(|row| {
            let cells = row.iter().enumerate().map(|(i, cell)| match self.cells {
                Cells::Sentences { answer } if answer == i => {
                    format!("**{}**", escaped(cell))
                }
                _ => escaped(cell),
            });
            cells.collect()
        });
        let mut table = self.drawn(header.collect(), rows.collect());
        table.load_style(presets::ASCII_MARKDOWN);
        let drawn = table.to_string();
        if self.cells != Cells::Figures {
            return drawn;
        }
        // In Markdown a colon says on which side the cells of a column end.
        let lines = drawn.lines().enumerate().map(|(i, line)| match i {
            1 => line
                .replacen("-|", ":|", self.header.len())
                .replacen(":|", "-|", 1),
            _ => line.to_string(),
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    fn drawn(&self, header: Vec<String>, rows: Vec<Vec<String>>) -> Drawn {
        let mut table = Drawn::new();
        table.set_header(header.into_iter().map(Cell::new));
        table.add_rows(rows);
        if self.cells == Cells::Figures {
            for column in table.column_iter_mut().skip(1) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table
    }
}

/// The text, broken into lines between words.
fn wrapped(text: &str) -> String {
    let mut wrapped = String::new();
    let mut column = 0;
    for word in format::visible(text).split(' ') {
        let width = console::measure_text_width(word);
        if column > 0 && column + 1 + width > WIDTH {
            wrapped += "\n";
            column = 0;
        } else if column > 0 {
            wrapped += " ";
            column += 1;
        }
        wrapped += word;
        column += width;
    }
    wrapped + "\n"
}

/// Escapes a text, so that nothing in it is markup to Markdown or HTML.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in format::visible(text).chars() {
        match c {
            '<' => escaped += "&lt;",
            '&' => escaped += "&amp;",
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures() -> Document {
        let mut document = Document::default();
        document.heading("a race of <two> | 1:*b*");
        document.table(Table {
            header: ["", "at a|time", "CPU"].map(String::from).into(),
            rows: [["sequential", "1", "1.00 s"], ["a_b", "100", "250 ms"]]
                .map(|row| row.map(String::from).into())
                .into(),
            cells: Cells::Figures,
        });
        document.paragraph("Bound: 1 s.");
        document.0.push(Block::Fold {
            title: "What the columns mean".to_string(),
            paragraphs: vec!["CPU: user and system time.".to_string()],
        });
        document
    }

    #[test]
    fn a_terminal_has_narrow_columns_and_no_markup() {
        let expected = "\
a race of <two> | 1:*b*
            at a     CPU
            time
────────────────────────
sequential     1  1.00 s
a_b          100  250 ms
Bound: 1 s.

";
        assert_eq!(figures().terminal(), expected);
    }

    #[test]
    fn markdown_has_figures_on_the_right_and_nothing_is_markup_by_accident() {
        let expected = "\
## a race of &lt;two> \\| 1:\\*b\\*

|            | at a time |    CPU |
|------------|----------:|-------:|
| sequential |         1 | 1.00 s |
| a\\_b       |       100 | 250 ms |

Bound: 1 s.

<details>
<summary>What the columns mean</summary>

CPU: user and system time.

</details>
";
        let markdown = figures().markdown();
        assert_eq!(markdown, expected, "{markdown}");
    }

    #[test]
    fn html_shows_what_the_markdown_says() {
        let html = figures().html();
        for text in [
            "<h2>a race of &lt;two&gt; | 1:*b*</h2>",
            "<td>a_b</td>",
            "<details>\n<summary>What the columns mean</summary>\n<p>CPU: user",
        ] {
            assert!(html.contains(text), "{text} in {html}");
        }
    }

    #[test]
    fn sentences_are_broken_and_the_answer_is_bold() {
        let mut document = Document::default();
        document.table(Table {
            header: ["Your work", "Take", "Why"].map(String::from).into(),
            rows: vec![vec!["Timers".into(), "async".into(), "word ".repeat(60)]],
            cells: Cells::Sentences { answer: 1 },
        });
        document.paragraph("word ".repeat(60));
        let terminal = document.terminal();
        let widths = terminal.lines().map(console::measure_text_width);
        assert!(widths.max() <= Some(WIDTH), "{terminal}");
        assert!(document.markdown().contains("| **async** |"));
    }

    #[test]
    fn nothing_reaches_the_terminal_as_an_order() {
        let mut document = Document::default();
        document.paragraph("a\u{1b}[31mb");
        assert_eq!(document.terminal(), "a\\u{1b}[31mb\n\n");
        assert!(!document.markdown().contains('\u{1b}'));
    }
}

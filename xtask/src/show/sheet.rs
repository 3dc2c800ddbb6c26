//! A table before it is drawn, and the three ways to draw it: in a terminal, as Markdown, in
//! the report.

use comfy_table::{
    Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle, presets,
};
use maud::{Markup, html};

use crate::show::bars::{Bars, Ink};

/// As wide as a table is in a terminal where its sentences can be broken.
const WIDTH: u16 = 118;

/// What stands in a table. The first column names the rows.
pub struct Sheet {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<String>>,
    /// Whether the cells are figures, which are never broken and end on the right; else they
    /// are words.
    pub are_figures: bool,
    /// A time for each row, to be drawn as a bar behind the second column in a terminal.
    pub times: Vec<f64>,
}

pub struct Column {
    pub name: String,
    /// For those who do not know what the name means. May be empty.
    pub meaning: String,
    /// Whether people read the table for the sake of this one.
    pub is_answer: bool,
}

impl Column {
    pub fn new(name: impl Into<String>, meaning: impl Into<String>) -> Self {
        Column {
            name: name.into(),
            meaning: meaning.into(),
            is_answer: false,
        }
    }
}

impl Sheet {
    /// For a terminal; with bars if there is something to draw them with.
    pub fn terminal(&self, ink: Option<Ink>) -> String {
        // Figures are narrower than these names.
        let names = self
            .columns
            .iter()
            .map(|column| column.name.replace(" per ", "\nper "));
        let mut header: Vec<_> = names.collect();
        let mut rows = self.rows.clone();
        let bars = Bars::around(self.times.iter().copied());
        let drawn = bars.zip(ink).inspect(|(bars, ink)| {
            header.insert(2, bars.describe());
            for (row, time) in rows.iter_mut().zip(&self.times) {
                row.insert(2, bars.draw(*time, *ink));
            }
        });
        let mut table = self.table(header, rows);
        table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─')));
        if drawn.is_some()
            && let Some(bars) = table.column_mut(2)
        {
            bars.set_cell_alignment(CellAlignment::Left);
        }
        if let Some(names) = table.column_mut(0) {
            names.set_padding((0, 1));
        }
        if !self.are_figures {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(WIDTH);
        }
        table.trim_fmt()
    }

    /// For a README.
    pub fn markdown(&self) -> String {
        let plain = |text: &String| text.replace('|', "\\|");
        let header = self.columns.iter().map(|column| plain(&column.name));
        let rows = self.rows.iter().map(|row| {
            let cells = row.iter().zip(&self.columns).map(|(cell, column)| {
                if column.is_answer {
                    format!("**{}**", plain(cell))
                } else {
                    plain(cell)
                }
            });
            cells.collect()
        });
        let mut table = self.table(header.collect(), rows.collect());
        table.load_style(presets::ASCII_MARKDOWN);
        let drawn = table.to_string();
        if !self.are_figures {
            return drawn;
        }
        // Markdown has its own way to say on which side the cells of a column end.
        let lines = drawn.lines().enumerate().map(|(i, line)| match i {
            1 => {
                line.replacen("-|", ":|", self.columns.len())
                    .replacen(":|", "-|", 1)
                    + "\n"
            }
            _ => line.to_string() + "\n",
        });
        lines.collect::<String>().trim_end().to_string()
    }

    /// For the report, with what its columns mean below it. `label` says what it is to those
    /// who cannot see it.
    pub fn html(&self, label: &str) -> Markup {
        let class = if self.are_figures { "figures" } else { "cards" };
        let explained = || {
            self.columns
                .iter()
                .filter(|column| !column.meaning.is_empty())
        };
        html! {
            div.wide tabindex="0" role="group" aria-label=(label) {
                table class=(class) {
                    thead { tr {
                        @for Column { name, meaning, .. } in &self.columns {
                            th scope="col" {
                                @if meaning.is_empty() { (name) }
                                @else { abbr title=(meaning) { (name) } }
                            }
                        }
                    } }
                    tbody {
                        @for row in &self.rows {
                            tr {
                                @for (i, (cell, column)) in row.iter().zip(&self.columns).enumerate() {
                                    @if i == 0 { th scope="row" { (cell) } }
                                    @else {
                                        td class=[column.is_answer.then_some("answer")] data-label=(column.name) { (cell) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            @if explained().next().is_some() {
                details.terms {
                    summary { "What the columns mean" }
                    dl {
                        @for Column { name, meaning, .. } in explained() {
                            dt { (name) }
                            dd { (meaning) "." }
                        }
                    }
                }
            }
        }
    }

    fn table(&self, header: Vec<String>, rows: Vec<Vec<String>>) -> Table {
        let mut table = Table::new();
        table.set_header(header.into_iter().map(Cell::new));
        table.add_rows(rows);
        if self.are_figures {
            for column in table.column_iter_mut().skip(1) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures() -> Sheet {
        let columns = ["", "median", "CPU per item"];
        let meaning = |name: &str| {
            if name == "median" {
                "in the middle"
            } else {
                ""
            }
        };
        Sheet {
            columns: columns.map(|name| Column::new(name, meaning(name))).into(),
            rows: [["sequential", "1.00 s", "–"], ["a|b", "250 ms", "+1 µs"]]
                .map(|row| row.map(String::from).into())
                .into(),
            are_figures: true,
            times: vec![1.0, 0.25],
        }
    }

    fn words() -> Sheet {
        let mut sheet = figures();
        sheet.are_figures = false;
        sheet.times = Vec::new();
        sheet.columns[1].is_answer = true;
        sheet
    }

    #[test]
    fn a_terminal_shows_bars_beside_the_figures() {
        let expected = [
            "            median  linear,          CPU",
            "                    from 0      per item",
            "─────────────────────────────────────────",
            "sequential  1.00 s  ██████████         –",
            "a|b         250 ms  ██▌            +1 µs",
        ];
        assert_eq!(figures().terminal(Some(Ink::Blocks)), expected.join("\n"));
        let ascii = figures().terminal(Some(Ink::Ascii));
        assert!(ascii.contains(" 1.00 s  ########## "), "{ascii}");
        assert!(ascii.contains(" 250 ms  ### "), "{ascii}");
    }

    #[test]
    fn where_nobody_looks_there_are_no_bars() {
        let drawn = figures().terminal(None);
        assert!(!drawn.contains("linear") && !drawn.contains('█'), "{drawn}");
        // Nor where there is nothing to draw.
        let drawn = words().terminal(Some(Ink::Blocks));
        assert!(!drawn.contains("from") && !drawn.contains('█'), "{drawn}");
    }

    #[test]
    fn sentences_are_broken_and_figures_are_not() {
        let long = "word ".repeat(60);
        let mut sheet = words();
        sheet.rows[0][1] = long.clone();
        let width = |sheet: &Sheet| {
            let drawn = sheet.terminal(None);
            drawn.lines().map(|line| line.chars().count()).max()
        };
        assert!(width(&sheet) <= Some(usize::from(WIDTH)));
        sheet.are_figures = true;
        assert!(width(&sheet) > Some(300));
    }

    #[test]
    fn markdown_has_figures_on_the_right_and_the_answer_in_bold() {
        assert_eq!(
            figures().markdown(),
            "|            | median | CPU per item |\n\
             |------------|-------:|-------------:|\n\
             | sequential | 1.00 s |            – |\n\
             | a\\|b       | 250 ms |        +1 µs |"
        );
        let markdown = words().markdown();
        assert!(markdown.contains("| **1.00 s** |"), "{markdown}");
        assert!(!markdown.contains("-:|"), "{markdown}");
    }

    #[test]
    fn html_names_every_cell_and_explains_where_there_is_something_to_explain() {
        let html = words().html("what to take").into_string();
        for text in [
            "aria-label=\"what to take\"",
            "<table class=\"cards\">",
            "<abbr title=\"in the middle\">median</abbr>",
            "<dt>median</dt><dd>in the middle.</dd>",
            "<th scope=\"row\">sequential</th>",
            "<td class=\"answer\" data-label=\"median\">1.00 s</td>",
            "<td data-label=\"CPU per item\">+1 µs</td>",
        ] {
            assert!(html.contains(text), "{text} in {html}");
        }
        let mut sheet = figures();
        sheet.columns[1].meaning.clear();
        let html = sheet.html("figures").into_string();
        assert!(html.contains("<table class=\"figures\">"), "{html}");
        assert!(
            !html.contains("<details") && !html.contains("<abbr"),
            "{html}"
        );
    }
}

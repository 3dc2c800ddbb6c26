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

//! The list as a workbook: a sheet that says what it is, and the rows on as many sheets as they need.

use std::io::Write;

use jiff::civil::Date;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, IgnoreError, Workbook, Worksheet, XlsxError};

use super::{Candidates, Cell, NOTICE};

/// Rows of a sheet beside its header: Excel's limit is 1,048,576.
pub(super) const ROWS: usize = 1_048_575;
/// The longest text of a cell, in characters.
const LONGEST: usize = 32_767;
/// The longest number that a spreadsheet program shows as it is, in digits.
const DIGITS: usize = 15;
/// The widths of columns, in characters.
const WIDTHS: std::ops::RangeInclusive<usize> = 10..=60;
/// How many rows are looked at for a column's width.
const MEASURED: usize = 200;

/// Writes it, with so many rows on a sheet at most.
pub(super) fn write(candidates: &Candidates, out: &mut (dyn Write + Send), rows: usize) -> std::io::Result<()> {
    let mut workbook = Workbook::new();
    let made = (|| {
        workbook.set_properties(&properties(candidates)?);
        about(workbook.add_worksheet(), candidates)?;
        let sheets = candidates.rows.chunks(rows.max(1)).count().max(1);
        for sheet in 0..sheets {
            let name = if sheet == 0 { "candidates".to_owned() } else { format!("candidates {}", sheet + 1) };
            let from = sheet * rows;
            let to = candidates.rows.len().min(from + rows);
            fill(workbook.add_worksheet().set_name(name)?, candidates, from..to)?;
        }
        workbook.save_to_writer(out)
    })();
    made.map_err(|error: XlsxError| match error {
        XlsxError::IoError(error) => error,
        other => std::io::Error::other(other.to_string()),
    })
}

fn properties(candidates: &Candidates) -> Result<DocProperties, XlsxError> {
    let made = candidates.made.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let made = ExcelDateTime::parse_from_str(&made)?;
    Ok(DocProperties::new().set_title("Candidates for erasure").set_comment(NOTICE).set_creation_datetime(&made))
}

/// What this is, before anybody reads a name.
fn about(sheet: &mut Worksheet, candidates: &Candidates) -> Result<(), XlsxError> {
    sheet.set_name("about")?;
    let bold = Format::new().set_bold();
    let top = Format::new().set_align(FormatAlign::Top).set_text_wrap();
    sheet.set_column_width(0, 26)?;
    sheet.set_column_width(1, 90)?;
    sheet.write_string_with_format(0, 0, "Candidates for erasure", &bold)?;
    let mut lines = vec![("what this is".to_owned(), NOTICE.to_owned())];
    for tenant in &candidates.tenants {
        let whose = if tenant.tenant.is_empty() { "as of".to_owned() } else { format!("as of, tenant {}", tenant.tenant) };
        lines.push((whose, format!("{} ({})", tenant.as_of, tenant.time_zone)));
    }
    for stopped in &candidates.stopped {
        lines.push((format!("not in it: tenant {}", stopped.tenant), stopped.reason.clone()));
    }
    let ask = &candidates.ask;
    lines.push(("pipeline".into(), candidates.pipeline.clone()));
    lines.push(("pipeline SHA-256".into(), candidates.pipeline_sha256.clone()));
    lines.push(("snapshot".into(), candidates.snapshot.clone()));
    lines.push(("read at".into(), candidates.made.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()));
    lines.push(("category".into(), ask.category.clone().unwrap_or_else(|| "all".into())));
    let chosen = match ask.inactive_since {
        Some(day) => format!("whoever has done nothing since {day}, due or not"),
        None => "whose time has come".into(),
    };
    lines.push(("who is in it".into(), chosen));
    if !ask.outcomes.is_empty() {
        let named: Vec<&str> = ask.outcomes.iter().map(|outcome| outcome.as_str()).collect();
        lines.push(("only the outcomes".into(), named.join(", ")));
    }
    lines.push(("restricted classes".into(), if ask.with_restricted { "may be shown" } else { "not shown" }.into()));
    lines.extend(candidates.notes.iter().map(|note| ("left out".to_owned(), note.clone())));
    lines.push(("rows".into(), candidates.rows.len().to_string()));
    for line in candidates.counts() {
        let whose = if line.tenant.is_empty() { String::new() } else { format!("tenant {}, ", line.tenant) };
        lines.push((format!("{whose}{}: {}", line.category, line.outcome.as_str()), line.count.to_string()));
    }
    for (at, (name, value)) in (1..).zip(lines) {
        sheet.write_string_with_format(at, 0, name, &top)?;
        sheet.write_string_with_format(at, 1, cut(&value), &top)?;
    }
    Ok(())
}

fn fill(sheet: &mut Worksheet, candidates: &Candidates, range: std::ops::Range<usize>) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    let day_format = Format::new().set_num_format("yyyy-mm-dd");
    let header = candidates.header();
    let mut widths: Vec<usize> = header.iter().map(|name| name.chars().count()).collect();
    for (column, name) in (0..).zip(&header) {
        sheet.write_string_with_format(0, column, name, &bold)?;
    }
    let rows = &candidates.rows[range];
    for (row, candidate) in rows.iter().enumerate() {
        let at = u32::try_from(row + 1).map_err(|_| XlsxError::RowColumnLimitError)?;
        for ((column, cell), width) in (0..).zip(candidate.cells()).zip(&mut widths) {
            let shown = match cell {
                Cell::Empty => 0,
                // Written as text, whatever it begins with: nothing is calculated.
                Cell::Text(text) => {
                    sheet.write_string(at, column, cut(&text))?;
                    text.chars().take(*WIDTHS.end()).count()
                }
                Cell::Number(digits) => {
                    match digits.parse::<f64>() {
                        Ok(number) if digits.bytes().filter(u8::is_ascii_digit).count() <= DIGITS => {
                            sheet.write_number(at, column, number)?
                        }
                        _ => sheet.write_string(at, column, &digits)?,
                    };
                    digits.len()
                }
                Cell::Day(day) => {
                    match in_calendar(day) {
                        Some(date) => sheet.write_datetime_with_format(at, column, &date, &day_format)?,
                        None => sheet.write_string(at, column, day.to_string())?,
                    };
                    10
                }
            };
            if row < MEASURED {
                *width = (*width).max(shown);
            }
        }
    }
    for (column, width) in (0..).zip(&widths) {
        // Room for the filter's button.
        sheet.set_column_width(column, (*width + 3).clamp(*WIDTHS.start(), *WIDTHS.end()) as f64)?;
    }
    let last = u32::try_from(rows.len()).map_err(|_| XlsxError::RowColumnLimitError)?;
    let columns = u16::try_from(header.len()).map_err(|_| XlsxError::RowColumnLimitError)?;
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofilter(0, 0, last, columns.saturating_sub(1))?;
    if last > 0 {
        // Keys are texts on purpose.
        sheet.ignore_error_range(1, 0, last, columns.saturating_sub(1), IgnoreError::NumberStoredAsText)?;
    }
    Ok(())
}

/// A day as spreadsheets count; they know none before 1900.
fn in_calendar(day: Date) -> Option<ExcelDateTime> {
    let (year, month, date) = (u16::try_from(day.year()).ok()?, u8::try_from(day.month()).ok()?, u8::try_from(day.day()).ok()?);
    ExcelDateTime::from_ymd(year, month, date).ok().filter(|_| year >= 1900)
}

/// What fits into a cell; a text that goes on says so.
fn cut(text: &str) -> String {
    // The limit counts as UTF-16 does.
    if text.encode_utf16().count() <= LONGEST {
        return text.to_owned();
    }
    let mut room = LONGEST - 1;
    let fits = |letter: &char| {
        let wanted = letter.len_utf16();
        let fits = wanted <= room;
        room = room.saturating_sub(wanted);
        fits
    };
    let mut short: String = text.chars().take_while(fits).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::super::{Ask, Candidate};
    use super::*;
    use crate::decide::Outcome;

    fn candidates(rows: usize) -> Candidates {
        let row = |at: usize| Candidate {
            tenant: String::new(),
            category: "buyer".into(),
            key: at.to_string(),
            token: format!("{at:032x}"),
            outcome: Outcome::Delete,
            reason: "rule `bought`".into(),
            waits_for: String::new(),
            latest_activity: None,
            clock_start: None,
            due: Date::new(2026, 11, 22).ok(),
            next_due: None,
            linked_rows: 0,
            shown: Vec::new(),
        };
        Candidates {
            pipeline: "shop.toml".into(),
            pipeline_sha256: "0".repeat(64),
            snapshot: "one".into(),
            made: jiff::Timestamp::UNIX_EPOCH,
            tenants: Vec::new(),
            stopped: Vec::new(),
            ask: Ask::default(),
            columns: Vec::new(),
            rows: (0..rows).map(row).collect(),
            notes: Vec::new(),
        }
    }

    /// The parts of a workbook are files of an archive, which names them in plain text.
    fn sheets(rows: usize, of: usize) -> usize {
        let mut bytes = Vec::new();
        write(&candidates(rows), &mut bytes, of).unwrap();
        let holds = |name: &str| bytes.windows(name.len()).any(|window| window == name.as_bytes());
        (1..100).take_while(|number| holds(&format!("xl/worksheets/sheet{number}.xml"))).count()
    }

    #[test]
    fn more_rows_than_a_sheet_holds_go_on_further_sheets() {
        // One more than the rows need, which says what it is.
        assert_eq!([(0, 2), (2, 2), (3, 2), (5, 2), (5, 5)].map(|(rows, of)| sheets(rows, of)), [2, 2, 3, 4, 2]);
    }

    #[test]
    fn a_text_that_is_too_long_is_cut_and_says_so() {
        assert_eq!(cut(&"å".repeat(LONGEST)), "å".repeat(LONGEST));
        let short = cut(&"😀".repeat(LONGEST));
        assert!(short.ends_with('…') && short.encode_utf16().count() <= LONGEST && short.chars().count() > 16_000);
    }
}

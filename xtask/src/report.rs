//! What is said at the terminal. A reader that has gone away ends nothing.

use std::{
    io::{Write as _, stderr, stdout},
    time::{Duration, Instant},
};

pub(crate) fn say(line: &str) {
    let _ = writeln!(stdout(), "{line}").and_then(|()| stdout().flush());
}

pub(crate) fn complain(line: &str) {
    let _ = writeln!(stderr(), "{line}");
}

/// Does one step, and says how it went and how long it took.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    let begun_at = Instant::now();
    let done = work();
    let verdict = if done.is_ok() { "ok" } else { "failed" };
    say(&format!("  {name:<34} {verdict:<7} {:>7}", seconds(begun_at.elapsed())));
    done
}

pub(crate) fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

/// Columns as wide as they need to be, each row indented.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        format!("  {}", cells.collect::<Vec<_>>().join("   ")).trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

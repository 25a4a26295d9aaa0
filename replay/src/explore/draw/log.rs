//! The log: a line for each event, the newest at the bottom.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::words::{clock, cut, day, short, who};
use super::{Palette, detail, head, layout};
use crate::explore::model::Model;
use history::Entry;

/// From so many columns on times are told to the millisecond.
const WIDE: u16 = 100;

/// How wide each column is.
struct Columns {
    sequence: usize,
    time: usize,
    service: usize,
    event_type: usize,
    aggregate: usize,
    actor: usize,
}

impl Columns {
    fn of(width: u16, last: u64) -> Self {
        let sequence = last.to_string().len().max(5);
        let is_wide = width >= WIDE;
        let (time, event_type) = if is_wide { (12, 25) } else { (8, 21) };
        let (service, aggregate) = (10, 21);
        let taken = 1 + sequence + time + service + event_type + aggregate + 5;
        let actor = usize::from(width).saturating_sub(taken);
        Self { sequence, time, service, event_type, aggregate, actor }
    }

    fn widths(&self) -> [usize; 6] {
        [self.sequence, self.time, self.service, self.event_type, self.aggregate, self.actor]
    }
}

pub(super) fn draw(model: &Model, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let log = &model.log;
    let (list, below) = layout::list((area.width, area.height));
    let title = match log.selected() {
        Some(entry) => format!("Log of {} · {}", model.name, day(entry.at)),
        None => format!("Log of {}", model.name),
    };
    head(&title, &place(model), palette, area, buffer);
    let columns = Columns::of(area.width, log.head);
    let names = ["#", "time", "service", "event", "aggregate", "by"];
    put(&names.map(|name| (name.to_owned(), palette.quiet())), &columns, 1, buffer);
    if log.entries.is_empty() {
        let said = match (log.is_read(), log.is_filtered) {
            (false, _) => "reading…",
            (true, true) => "nothing matches",
            (true, false) => "nothing has happened yet",
        };
        buffer.set_stringn(1, list.y, said, usize::from(area.width) - 1, palette.quiet());
        return;
    }
    let shown = log.entries.iter().enumerate().skip(log.top);
    for ((number, entry), y) in shown.zip(list.top()..list.bottom()) {
        put(&cells(entry, &columns, palette), &columns, y, buffer);
        if log.search.as_ref().is_some_and(|search| search.matches(entry)) {
            buffer.set_string(0, y, "*", palette.match_());
        }
        if number == log.cursor {
            buffer.set_style(Rect::new(0, y, area.width, 1), palette.chosen());
        }
    }
    if let Some(entry) = log.selected() {
        detail(entry, below, palette, buffer);
    }
}

fn place(model: &Model) -> String {
    let log = &model.log;
    let at = log.selected().map_or(0, |entry| entry.sequence);
    let only = log.search.as_ref().filter(|_| log.is_filtered);
    let only = only.map_or_else(String::new, |search| format!(" · only {:?}", search.text));
    let comes = match (model.is_live, log.is_following) {
        (false, _) => "recorded",
        (true, true) => "following",
        (true, false) => "staying",
    };
    format!("#{at} of #{}{only} · {comes}", log.head)
}

fn cells(entry: &Entry, columns: &Columns, palette: Palette) -> [(String, Style); 6] {
    let service = entry.service.unwrap_or("?");
    let colour = palette.service(service);
    [
        (format!("{:>1$}", entry.sequence, columns.sequence), palette.quiet()),
        (clock(entry.at, columns.time > 8), Style::new()),
        (service.to_owned(), colour),
        (entry.event_type.clone(), colour),
        (format!("{} {}", cut(&entry.category, 11), short(entry.aggregate_id)), Style::new()),
        (who(&entry.actor, columns.actor), palette.quiet()),
    ]
}

fn put(cells: &[(String, Style); 6], columns: &Columns, y: u16, buffer: &mut Buffer) {
    let mut x = 1;
    for ((text, style), width) in cells.iter().zip(columns.widths()) {
        buffer.set_stringn(x, y, cut(text, width), width, *style);
        x = (x + u16::try_from(width).unwrap_or(0) + 1).min(buffer.area.right() - 1);
    }
}

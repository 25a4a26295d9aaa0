//! An aggregate: its history, a scrubber over it, and what the event that is looked at made of its state.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::{Block, BorderType, Widget as _};

use super::words::{clock, cut, day};
use super::{Palette, head, layout};
use crate::explore::aggregate::{Aggregate, Pane};

pub(super) fn draw(aggregate: &Aggregate, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let whose = &aggregate.whose;
    let last = aggregate.entries.last().map_or(0, |last| last.version);
    let at = aggregate.selected().map_or(0, |entry| entry.version);
    let cut_off = if aggregate.is_cut { "+" } else { "" };
    let is_there = aggregate.selected().is_some();
    let place = if is_there { format!("v{at} of v{last}{cut_off}") } else { String::new() };
    let title = format!("{} {}", whose.category, whose.id);
    head(&title, &place, palette, area, buffer);
    let Some(entry) = aggregate.selected() else {
        let said = if aggregate.is_read() { "nothing happened to it" } else { "reading…" };
        buffer.set_stringn(1, 2, said, usize::from(area.width) - 1, palette.quiet());
        return;
    };
    scrubber(aggregate, palette, area, buffer);
    let panes = layout::panes((area.width, area.height));
    let framed = |title: String, pane: Pane, rect: Rect, buffer: &mut Buffer| {
        let (border, style) = if aggregate.pane == pane {
            (BorderType::Thick, palette.title())
        } else {
            (BorderType::Plain, palette.quiet())
        };
        let room = usize::from(rect.width).saturating_sub(4);
        let title = format!(" {} ", cut(&title, room.saturating_sub(2)));
        Block::bordered().border_type(border).border_style(style).title(title).render(rect, buffer);
    };
    framed(format!("History · {}", day(entry.at)), Pane::History, panes.history, buffer);
    framed(format!("v{at} {}", entry.event_type), Pane::Difference, panes.difference, buffer);
    let missing = aggregate.missing().map_or_else(String::new, |missing| format!(" · {missing}"));
    let state = match (aggregate.shows_data, &aggregate.folded.unreadable) {
        (true, _) => "What the event said".to_owned(),
        (false, Some(_)) => format!("State, as it was before{missing}"),
        (false, None) => format!("State after v{at}{missing}"),
    };
    framed(state, Pane::State, panes.state, buffer);
    history(aggregate, palette, panes.history, buffer);
    let differences = aggregate.difference_lines(panes);
    let mut style = Style::new();
    let styled = differences.iter().map(|line| {
        // What goes on in the next line looks as it began.
        style = match line.chars().next() {
            Some('+') => palette.came(),
            Some('-') => palette.went(),
            Some('!') => palette.failure(),
            Some(' ') => style,
            _ => Style::new(),
        };
        (line.as_str(), style)
    });
    text(styled, aggregate.scrolled[0], panes.difference, buffer);
    let state = aggregate.state_lines(panes);
    text(state.iter().map(|line| (line.as_str(), Style::new())), aggregate.scrolled[1], panes.state, buffer);
}

/// A mark for each version, or, where there are more of them than columns, for as many as fit.
fn scrubber(aggregate: &Aggregate, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let count = aggregate.entries.len();
    let room = usize::from(area.width).saturating_sub(6);
    let (step, marks) = match count {
        0 => return,
        count if count * 4 <= room => (4, count),
        count if count * 2 <= room => (2, count),
        count => (1, count.min(room)),
    };
    let mut line = String::from("◀ ");
    let at = if count <= 1 { 0 } else { aggregate.at * (marks - 1) / (count - 1) };
    for mark in 0..marks {
        let of = if marks == count { mark } else { mark * (count - 1) / (marks - 1).max(1) };
        let is_unreadable = aggregate.unreadable.get(of).copied().unwrap_or(false);
        line.push(match (mark == at, is_unreadable) {
            (true, _) => '◉',
            (false, true) => '!',
            (false, false) => '○',
        });
        if mark + 1 < marks {
            line.push_str(&"─".repeat(step - 1));
        }
    }
    line.push_str(" ▶");
    buffer.set_stringn(0, 1, line, usize::from(area.width), palette.service(service(aggregate)));
}

fn history(aggregate: &Aggregate, palette: Palette, pane: Rect, buffer: &mut Buffer) {
    let width = layout::inner_width(pane);
    let digits = aggregate.entries.last().map_or(1, |last| last.version.to_string().len());
    let shown = aggregate.entries.iter().enumerate().skip(aggregate.top);
    for ((number, entry), y) in shown.zip(pane.top() + 1..pane.bottom() - 1) {
        let is_unreadable = aggregate.unreadable.get(number).copied().unwrap_or(false);
        let mark = if is_unreadable { '!' } else { ' ' };
        let is_exact = width >= 42;
        let time = clock(entry.at, is_exact);
        let line = format!("{mark}v{:<digits$} {time} {}", entry.version, entry.event_type);
        let style = if is_unreadable { palette.failure() } else { palette.service(service(aggregate)) };
        buffer.set_stringn(pane.x + 1, y, cut(&line, width), width, style);
        if number == aggregate.at {
            buffer.set_style(Rect::new(pane.x + 1, y, pane.width - 2, 1), palette.chosen());
        }
    }
}

fn text<'a>(lines: impl Iterator<Item = (&'a str, Style)>, scrolled: usize, pane: Rect, buffer: &mut Buffer) {
    let width = layout::inner_width(pane);
    // Styles follow from the lines above: none is passed over before it is looked at.
    let lines: Vec<_> = lines.collect();
    for ((line, style), y) in lines.into_iter().skip(scrolled).zip(pane.top() + 1..pane.bottom() - 1) {
        buffer.set_stringn(pane.x + 1, y, line, width, style);
    }
}

fn service(aggregate: &Aggregate) -> &'static str {
    aggregate.entries.first().and_then(|entry| entry.service).unwrap_or("?")
}

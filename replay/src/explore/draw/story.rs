//! A story: a lane for each service, a line for each event, and a connection from the lane of its cause.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::words::{clock, cut, short};
use super::{Palette, detail, head, layout};
use crate::explore::story::{Lanes, lane};

/// In front of the lanes.
const TIME: u16 = 9;
/// Behind them, at least.
const EVENT: u16 = 23;
const NARROWEST: u16 = 4;
const WIDEST: u16 = 14;

pub(super) fn draw(lanes: &Lanes, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let (list, below) = layout::list((area.width, area.height));
    let title = format!("Story of {} {}", lanes.kind, lanes.id);
    let whole = if lanes.is_whole { "" } else { " · cut off" };
    let place = format!("{} of {}{whole}", lanes.cursor + 1, lanes.told.len());
    head(&title, &place, palette, area, buffer);
    let services = lanes.services();
    let count = u16::try_from(services.len()).unwrap_or(1).max(1);
    let step = ((area.width.saturating_sub(TIME + EVENT)) / count).clamp(NARROWEST, WIDEST);
    let x_of = |lane: usize| TIME + u16::try_from(lane).unwrap_or(0) * step;
    buffer.set_stringn(0, 1, "time", usize::from(TIME), palette.quiet());
    for (number, service) in services.iter().enumerate() {
        let room = usize::from(step) - 1;
        buffer.set_stringn(x_of(number), 1, cut(service, room), room, palette.service(service));
    }
    let text_at = x_of(services.len());
    buffer.set_stringn(text_at, 1, "event", usize::from(area.width - text_at), palette.quiet());
    let place_of = |service: &str| services.iter().position(|other| *other == service).unwrap_or(0);
    let (cause, effects) = (lanes.cause(), lanes.effects(lanes.cursor));
    for ((number, told), y) in lanes.told.iter().enumerate().skip(lanes.top).zip(list.top()..list.bottom()) {
        let entry = &told.entry;
        let service = lane(entry);
        let style = palette.service(service);
        buffer.set_stringn(0, y, clock(entry.at, false), usize::from(TIME), Style::new());
        for number in 0..services.len() {
            buffer.set_string(x_of(number), y, "│", palette.quiet());
        }
        let to = place_of(service);
        if let Some(cause) = told.cause.and_then(|cause| lanes.told.get(cause)) {
            connect(x_of(place_of(lane(&cause.entry))), x_of(to), y, style, buffer);
        }
        buffer.set_string(x_of(to), y, "●", style);
        let relation = match number {
            number if Some(number) == cause => "◀ cause",
            number if effects.contains(&number) => "▶ effect",
            _ => "",
        };
        let room = usize::from(area.width - text_at);
        let named = format!("{} {}", entry.event_type, short(entry.aggregate_id));
        let text = match relation {
            "" if room >= EVENT as usize + 10 => named,
            "" => entry.event_type.clone(),
            relation => format!("{} {relation}", cut(&entry.event_type, room.saturating_sub(9))),
        };
        buffer.set_stringn(text_at, y, cut(&text, room), room, style);
        if number == lanes.cursor {
            buffer.set_style(Rect::new(0, y, area.width, 1), palette.chosen());
        }
    }
    if let Some(entry) = lanes.selected() {
        detail(&entry, below, palette, buffer);
    }
}

/// From the lane of the cause to that of the event.
fn connect(from: u16, to: u16, y: u16, style: Style, buffer: &mut Buffer) {
    let (left, right) = (from.min(to), from.max(to));
    for x in left..right {
        buffer.set_string(x, y, "─", style);
    }
    if from != to {
        buffer.set_string(from, y, if from < to { "├" } else { "┤" }, style);
    }
}

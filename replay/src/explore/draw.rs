//! Draws the model. Nothing is decided here, and colours only repeat what is written.

mod aggregate;
pub(crate) mod help;
pub(crate) mod layout;
mod log;
mod story;
pub(crate) mod words;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::model::{Model, Screen};
use words::cut;

/// In fewer columns or lines nothing could be read.
const SMALLEST: (u16, u16) = (60, 14);

/// How things look.
#[derive(Clone, Copy)]
pub(crate) struct Palette {
    pub is_coloured: bool,
}

impl Palette {
    /// Each service has its colour.
    fn service(self, service: &str) -> Style {
        self.colour(match service {
            "auth" => Color::Magenta,
            "tickets" => Color::Cyan,
            "orders" => Color::Yellow,
            "payments" => Color::Green,
            "expiration" => Color::LightRed,
            _ => Color::Gray,
        })
    }

    fn failure(self) -> Style {
        self.colour(Color::Red).add_modifier(Modifier::BOLD)
    }

    fn match_(self) -> Style {
        self.colour(Color::LightYellow).add_modifier(Modifier::BOLD)
    }

    fn came(self) -> Style {
        self.colour(Color::Green)
    }

    fn went(self) -> Style {
        self.colour(Color::Red)
    }

    fn quiet(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    fn title(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    fn chosen(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    fn colour(self, colour: Color) -> Style {
        if self.is_coloured { Style::new().fg(colour) } else { Style::new() }
    }
}

pub(crate) fn draw(model: &Model, palette: Palette, frame: &mut Frame<'_>) {
    let area = frame.area();
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        return too_small(area, frame.buffer_mut());
    }
    if let Some(top) = model.help {
        help::draw(top, palette, area, frame.buffer_mut());
    } else {
        match model.stack.last() {
            None => log::draw(model, palette, area, frame.buffer_mut()),
            Some(Screen::Aggregate(aggregate)) => {
                aggregate::draw(aggregate, palette, area, frame.buffer_mut());
            }
            Some(Screen::Story(lanes)) => story::draw(lanes, palette, area, frame.buffer_mut()),
        }
    }
    foot(model, palette, frame);
}

fn too_small(area: Rect, buffer: &mut Buffer) {
    let text = format!("The terminal is too small: explore needs {} × {}.", SMALLEST.0, SMALLEST.1);
    let lines = words::wrapped(&text, usize::from(area.width).max(1));
    for (line, y) in lines.iter().zip(area.top()..area.bottom()) {
        buffer.set_stringn(area.x, y, line, usize::from(area.width), Style::new());
    }
}

/// The last two lines: what there is to say, and which keys there are.
fn foot(model: &Model, palette: Palette, frame: &mut Frame<'_>) {
    let area = frame.area();
    let (width, y) = (usize::from(area.width), area.bottom() - 2);
    if let Some(prompt) = &model.prompt {
        let text = format!("{}{}", prompt.sign(), prompt.text);
        // Of what is longer than the line its end is seen: there one types.
        let hidden = text.chars().count().saturating_sub(width.saturating_sub(2));
        let seen: String = text.chars().skip(hidden).collect();
        let (end, _) = frame.buffer_mut().set_stringn(0, y, seen, width - 1, Style::new());
        frame.set_cursor_position((end, y));
        if let Some(said) = &model.said {
            put_right(&said.text, palette.failure(), y, end + 2, frame.buffer_mut());
        } else if let Some(busy) = &model.busy {
            put_right(busy, palette.quiet(), y, end + 2, frame.buffer_mut());
        }
    } else if let Some(said) = &model.said {
        let style = if said.is_failure { palette.failure() } else { palette.title() };
        frame.buffer_mut().set_stringn(0, y, cut(&said.text, width), width, style);
    } else if let Some(busy) = &model.busy {
        frame.buffer_mut().set_stringn(0, y, cut(busy, width), width, palette.title());
    }
    let keys = match (&model.prompt, model.help, model.stack.last()) {
        (Some(_), _, _) => "Enter done   Esc back",
        (_, Some(_), _) => "j k scroll   ? q Esc back",
        (_, _, None) => "? help   / search   : go to   Enter history   s story   f follow   q quit",
        (_, _, Some(Screen::Aggregate(_))) => {
            "? help   ← → version   Tab pane   d said   s story   y id   q back"
        }
        (_, _, Some(Screen::Story(_))) => "? help   c cause   e effect   Enter history   y id   q back",
    };
    frame.buffer_mut().set_stringn(0, area.bottom() - 1, cut(keys, width), width, palette.quiet());
}

/// At the right end of the line, but not over what ends at `from`.
fn put_right(text: &str, style: Style, y: u16, from: u16, buffer: &mut Buffer) {
    let area = buffer.area;
    let room = usize::from(area.right().saturating_sub(from));
    let text = cut(text, room);
    let width = u16::try_from(words::width(&text)).unwrap_or(u16::MAX);
    buffer.set_stringn(area.right().saturating_sub(width), y, &text, room, style);
}

/// The first line of a screen: what it is, and where in it one is.
fn head(title: &str, place: &str, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let room = usize::from(area.width).saturating_sub(words::width(place) + 2);
    let (end, _) = buffer.set_stringn(area.x, area.y, cut(title, room), room, palette.title());
    put_right(place, Style::new(), area.y, end + 2, buffer);
}

/// All that is known of an event, below a list.
fn detail(entry: &history::Entry, area: Rect, palette: Palette, buffer: &mut Buffer) {
    let width = usize::from(area.width);
    let rule = "─".repeat(width);
    let service = entry.service.unwrap_or("nobody known");
    let lines = [
        (rule, palette.quiet()),
        (format!("{} v{} {}", entry.category, entry.version, entry.aggregate_id), Style::new()),
        (format!("{} by {} · {}", entry.at, entry.actor, service), palette.service(service)),
        (format!("request {} · event {}", entry.correlation_id, entry.event_id), Style::new()),
        (entry.data.to_string(), palette.quiet()),
    ];
    for ((line, style), y) in lines.iter().zip(area.top()..area.bottom()) {
        buffer.set_stringn(area.x, y, cut(line, width), width, *style);
    }
}

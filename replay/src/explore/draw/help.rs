//! All keys, over everything.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{Palette, head};
use crate::explore::keys::HELP;

/// How wide the keys are.
const KEYS: usize = 12;

/// A heading, or a key and what it does.
pub(crate) fn lines() -> Vec<(&'static str, &'static str)> {
    let part = |(title, keys): &(&'static str, &'static [(&'static str, &'static str)])| {
        std::iter::once((*title, "")).chain(keys.iter().copied())
    };
    HELP.iter().flat_map(part).collect()
}

pub(crate) fn height((_, height): (u16, u16)) -> usize {
    usize::from(height.saturating_sub(3))
}

pub(super) fn draw(top: usize, palette: Palette, area: Rect, buffer: &mut Buffer) {
    head("Keys", "", palette, area, buffer);
    let width = usize::from(area.width);
    for ((key, meaning), y) in lines().into_iter().skip(top).zip(1..area.bottom() - 2) {
        if meaning.is_empty() {
            buffer.set_stringn(0, y, key, width, palette.title());
        } else {
            buffer.set_stringn(2, y, key, KEYS, palette.colour(ratatui::style::Color::Cyan));
            let x = u16::try_from(KEYS).unwrap_or(0) + 2;
            buffer.set_stringn(x, y, meaning, width.saturating_sub(usize::from(x)), Style::new());
        }
    }
}

//! Where things stand on the screen, for who draws and for who pages.

use ratatui::layout::Rect;

/// Under a list, with the rule above it.
const DETAIL: u16 = 5;
/// From so many lines on there is room for it.
const ROOMY: u16 = 18;
/// Above a list: its title, and the names of its columns.
const ABOVE: u16 = 2;
/// What there is to say, and the keys.
const BELOW: u16 = 2;

/// Of an aggregate's screen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Panes {
    pub history: Rect,
    pub difference: Rect,
    pub state: Rect,
}

/// The list of the log, and of a story; and what is told of the event below it.
pub(crate) fn list((width, height): (u16, u16)) -> (Rect, Rect) {
    let detail = if height >= ROOMY { DETAIL } else { 0 };
    let lines = height.saturating_sub(ABOVE + BELOW + detail);
    (Rect::new(0, ABOVE, width, lines), Rect::new(0, ABOVE + lines, width, detail))
}

pub(crate) fn list_height(size: (u16, u16)) -> usize {
    usize::from(list(size).0.height)
}

pub(crate) fn panes((width, height): (u16, u16)) -> Panes {
    let lines = height.saturating_sub(ABOVE + BELOW);
    let left = (width * 7 / 16).clamp(30, 60).min(width);
    let upper = (lines * 2 / 5).max(4).min(lines);
    let right = width - left;
    Panes {
        history: Rect::new(0, ABOVE, left, lines),
        difference: Rect::new(left, ABOVE, right, upper),
        state: Rect::new(left, ABOVE + upper, right, lines - upper),
    }
}

/// Within its frame.
pub(crate) fn inner_height(pane: Rect) -> usize {
    usize::from(pane.height.saturating_sub(2))
}

pub(crate) fn inner_width(pane: Rect) -> usize {
    usize::from(pane.width.saturating_sub(2)).max(1)
}

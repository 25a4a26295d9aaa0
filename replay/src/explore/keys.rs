//! The keys: what each means, and what is said of it in the help.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A movement in a list, the same on every screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
}

/// A key as it is meant, whichever of its forms was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Move(Move),
    Left,
    Right,
    Home,
    End,
    Tab,
    BackTab,
    Enter,
    Escape,
    Back,
    Quit,
    Letter(char),
    Other,
}

/// What the help says, part by part.
pub(crate) const HELP: [(&str, &[(&str, &str)]); 4] = [
    (
        "Everywhere",
        &[
            ("j k ↓ ↑", "down, up; PgDn PgUp or Ctrl-F Ctrl-B by a page"),
            ("g G", "to the first, to the last"),
            (":", "go to an id, #1234 on the stream, v3, a time, or 15m ago"),
            ("s S", "the story of the matter; of the request it began with"),
            ("y", "the whole id; again: of the event, the request, the cause"),
            ("r", "read again"),
            ("? q Esc", "help; back, and out of the log: the end"),
        ],
    ),
    (
        "Log",
        &[
            ("Enter", "the history of the event's aggregate"),
            ("/ n N", "search as you type; next match below, above"),
            ("&", "only what matches the search, and everything again"),
            ("f", "follow what comes, or stay"),
        ],
    ),
    (
        "Aggregate",
        &[
            ("← → h l", "a version back, on; Home End the first, the last"),
            ("Tab", "history, difference, state: j and k move there"),
            ("d", "the state, or what the event said"),
        ],
    ),
    ("Story", &[("Enter", "the aggregate, as it was then"), ("c e", "to the cause; from effect to effect")]),
];

impl Key {
    pub(crate) fn of(key: KeyEvent) -> Self {
        let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('c') if is_control => Self::Quit,
            KeyCode::Char('f' | 'd') if is_control => Self::Move(Move::PageDown),
            KeyCode::Char('b' | 'u') if is_control => Self::Move(Move::PageUp),
            KeyCode::Char('n') if is_control => Self::Move(Move::Down),
            KeyCode::Char('p') if is_control => Self::Move(Move::Up),
            KeyCode::Char(_) if is_control => Self::Other,
            KeyCode::Down | KeyCode::Char('j') => Self::Move(Move::Down),
            KeyCode::Up | KeyCode::Char('k') => Self::Move(Move::Up),
            KeyCode::PageDown | KeyCode::Char(' ') => Self::Move(Move::PageDown),
            KeyCode::PageUp => Self::Move(Move::PageUp),
            KeyCode::Char('g') => Self::Move(Move::First),
            KeyCode::Char('G') => Self::Move(Move::Last),
            KeyCode::Left | KeyCode::Char('h') => Self::Left,
            KeyCode::Right | KeyCode::Char('l') => Self::Right,
            KeyCode::Home => Self::Home,
            KeyCode::End => Self::End,
            KeyCode::Tab => Self::Tab,
            KeyCode::BackTab => Self::BackTab,
            KeyCode::Enter => Self::Enter,
            KeyCode::Esc => Self::Escape,
            KeyCode::Char('q') => Self::Back,
            KeyCode::Char(letter) => Self::Letter(letter),
            _ => Self::Other,
        }
    }
}

impl Move {
    /// Where one of so many comes to stand, moving by a page of so many lines.
    pub(crate) fn from(self, at: usize, count: usize, page: usize) -> usize {
        let last = count.saturating_sub(1);
        let page = page.saturating_sub(1).max(1);
        match self {
            Self::Up => at.saturating_sub(1),
            Self::Down => (at + 1).min(last),
            Self::PageUp => at.saturating_sub(page),
            Self::PageDown => (at + page).min(last),
            Self::First => 0,
            Self::Last => last,
        }
    }
}

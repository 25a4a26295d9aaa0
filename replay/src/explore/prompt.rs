//! The line in which something is typed.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What the line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Search,
    GoTo,
}

/// What was typed so far; one types at its end.
#[derive(Clone, Debug)]
pub(crate) struct Prompt {
    pub purpose: Purpose,
    pub text: String,
}

/// What became of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    Changed,
    Entered,
    Left,
    Nothing,
}

impl Prompt {
    pub(crate) fn new(purpose: Purpose) -> Self {
        Self { purpose, text: String::new() }
    }

    pub(crate) fn sign(&self) -> char {
        match self.purpose {
            Purpose::Search => '/',
            Purpose::GoTo => ':',
        }
    }

    pub(crate) fn press(&mut self, key: KeyEvent) -> Typed {
        let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Esc => Typed::Left,
            KeyCode::Char('c' | 'g') if is_control => Typed::Left,
            KeyCode::Enter => Typed::Entered,
            // As everywhere: what was typed is gone, and then the line.
            KeyCode::Backspace if self.text.pop().is_none() => Typed::Left,
            KeyCode::Backspace => Typed::Changed,
            KeyCode::Char('u') if is_control => {
                self.text.clear();
                Typed::Changed
            }
            KeyCode::Char('w') if is_control => {
                let kept = self.text.trim_end().rfind(' ').map_or(0, |place| place + 1);
                self.text.truncate(kept);
                Typed::Changed
            }
            KeyCode::Char(letter) if !is_control => {
                self.text.push(letter);
                Typed::Changed
            }
            _ => Typed::Nothing,
        }
    }
}

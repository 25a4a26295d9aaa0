//! What always holds, whatever was killed, lost, late or doubled, once everything has come to rest: each way in which
//! it does not is a sentence.

mod events;
mod money;
mod orders;
mod promises;
mod tickets;

use std::fmt;

use crate::behind::Books;

pub use money::difference;
pub use promises::{Told, broken};

/// What is wrong, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pub kind: Kind,
    pub what: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Something that was said or answered is not there.
    Lost,
    /// Something happened twice that happens once.
    Doubled,
    /// Something waits that nothing will move any more.
    Stuck,
    /// The books of the shop and those of the card processor differ.
    Money,
}

/// All of them; none when everything is as it should be.
pub fn violations(books: &Books) -> Vec<Violation> {
    let mut violations = Vec::new();
    violations.extend(books.dead_letters.iter().cloned().map(stuck));
    violations.extend(events::violations(books));
    violations.extend(tickets::violations(books));
    violations.extend(orders::violations(books));
    violations.extend(money::violations(books));
    violations
}

fn lost(what: String) -> Violation {
    Violation { kind: Kind::Lost, what }
}

fn doubled(what: String) -> Violation {
    Violation { kind: Kind::Doubled, what }
}

fn stuck(what: String) -> Violation {
    Violation { kind: Kind::Stuck, what }
}

fn money(what: String) -> Violation {
    Violation { kind: Kind::Money, what }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.kind, self.what)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Lost => "lost",
            Self::Doubled => "doubled",
            Self::Stuck => "stuck",
            Self::Money => "money",
        })
    }
}

#[cfg(test)]
mod tests;

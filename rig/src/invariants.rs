//! What always holds, whatever was killed, lost, late or doubled, once everything has come to rest: each way in which
//! it does not is a sentence.

mod events;
mod money;
mod orders;
mod tickets;

use crate::behind::Books;

/// All of them; none when everything is as it should be.
pub fn violations(books: &Books) -> Vec<String> {
    let mut violations = Vec::new();
    violations.extend(books.dead_letters.iter().cloned());
    violations.extend(events::violations(books));
    violations.extend(tickets::violations(books));
    violations.extend(orders::violations(books));
    violations.extend(money::violations(books));
    violations
}

#[cfg(test)]
mod tests;

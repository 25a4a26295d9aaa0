//! What somebody ordered and listed. No subject says it: whatever was ordered and listed has to be looked at.

use std::io::{self, Write};

use contracts::Timestamp;
use history::{Entry, Story};
use messaging::{Extent, Selection};
use uuid::Uuid;

use crate::Failure;
use crate::events::DIM;
use crate::stream::Stream;
use crate::terminal::Terminal;

/// So many events are read at a time.
const PART: usize = 1_000;
/// More are not told of one person.
const MOST: usize = 1_000;

/// Each has a story of its own.
#[derive(Clone, Debug, Default)]
pub struct Belongings {
    pub found: Vec<Belonging>,
    /// False where there are more.
    pub is_whole: bool,
}

#[derive(Clone, Debug)]
pub struct Belonging {
    /// What the person did: `ordered` or `listed`.
    pub what: &'static str,
    pub id: Uuid,
    pub at: Timestamp,
}

/// None where the story is not a person's.
pub async fn belongings(
    stream: &Stream,
    id: Uuid,
    story: &Story,
    terminal: &Terminal,
) -> Result<Belongings, Failure> {
    if !matches!(story.kind.as_str(), "user" | "buyer" | "seller") {
        return Ok(Belongings { found: Vec::new(), is_whole: true });
    }
    let end = stream.archive.state().await?.last_sequence;
    let mut all = Belongings { found: Vec::new(), is_whole: true };
    for (what, category, event_type, field) in
        [("listed", "ticket", "TicketCreated", "seller_id"), ("ordered", "order", "OrderCreated", "buyer_id")]
    {
        let selection = Selection::new(Some(category.to_owned()), None, Some(event_type.to_owned()))
            .map_err(|error| Failure::BadInput(error.to_string()))?;
        let bar = terminal.progress("looking at what was ordered and listed", end);
        let mut from = 1;
        loop {
            let part = stream.archive.part(&selection, from, PART, Extent::Whole).await?;
            let theirs = part.iter().filter_map(Entry::read).filter(|entry| entry.names(field) == Some(id));
            all.found.extend(theirs.map(|entry| Belonging { what, id: entry.aggregate_id, at: entry.at }));
            match part.last() {
                Some(last) if part.len() == PART && all.found.len() <= MOST => {
                    bar.set_position(last.sequence);
                    from = last.sequence + 1;
                }
                _ => break,
            }
        }
        bar.finish_and_clear();
    }
    all.found.sort_by_key(|belonging| belonging.at);
    all.is_whole = all.found.len() <= MOST;
    all.found.truncate(MOST);
    Ok(all)
}

impl Belongings {
    pub fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        if !self.found.is_empty() {
            writeln!(out)?;
        }
        for Belonging { what, id, at } in &self.found {
            writeln!(out, "{DIM}{what:<10}{DIM:#} {id} {DIM}{at}{DIM:#}")?;
        }
        if !self.is_whole {
            writeln!(out, "There are more than {MOST}.")?;
        }
        Ok(())
    }
}

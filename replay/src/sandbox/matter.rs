//! What of a history is replayed: all of it, a part, or all that belongs to one matter.

use std::collections::{BTreeMap, BTreeSet};

use history::Entry;
use messaging::{Extent, Selection};
use uuid::Uuid;

use super::past::Past;
use crate::Failure;
use crate::moment::Moment;
use crate::stream::Stream;

/// How many messages are read at a time.
const PART: usize = 5_000;
/// More events are not replayed at once: stores in memory look through all of their documents at each commit.
const MOST: usize = 50_000;

/// Which part.
#[derive(Clone, Debug)]
pub(crate) enum Matter {
    Everything,
    /// What concerns one order, ticket, user or request.
    Of(Uuid),
    Since(Moment),
}

/// Sessions lead to nothing that is sold.
fn is_replayed(entry: &Entry) -> bool {
    entry.service.is_some() && entry.category != "session"
}

pub(super) async fn read(stream: &Stream, matter: &Matter) -> Result<Past, Failure> {
    match matter {
        Matter::Everything => Past::new(Vec::new(), all(stream, 1, is_replayed).await?),
        Matter::Since(moment) => since(stream, *moment).await,
        Matter::Of(id) => of(stream, *id).await,
    }
}

async fn all(stream: &Stream, from: u64, is_wanted: impl Fn(&Entry) -> bool) -> Result<Vec<Entry>, Failure> {
    let (mut entries, mut next) = (Vec::new(), from);
    loop {
        let part = stream.archive.part(&Selection::everything(), next, PART, Extent::Whole).await?;
        entries.extend(part.iter().filter_map(Entry::read).filter(&is_wanted));
        if entries.len() > MOST {
            return Err(Failure::BadInput(format!(
                "more than {MOST} events cannot be replayed at once: name an id, or a moment since when"
            )));
        }
        match part.last() {
            Some(last) if part.len() == PART => next = last.sequence + 1,
            _ => return Ok(entries),
        }
    }
}

async fn since(stream: &Stream, moment: Moment) -> Result<Past, Failure> {
    let from = match moment.not_in_the_future(stream.runtime.now())? {
        Moment::Time(time) => stream.archive.sequence_at(time).await?,
        Moment::Sequence(sequence) => sequence,
        Moment::Ago(_) | Moment::Version(_) => {
            return Err(Failure::BadInput("a version is no moment of the whole stream".to_owned()));
        }
    };
    let entries = all(stream, from, is_replayed).await?;
    if entries.is_empty() {
        return Err(Failure::NotThere("nothing happened since then".to_owned()));
    }
    let fields = ["ticket_id", "order_id", "buyer_id", "seller_id"];
    let mut ids: BTreeSet<Uuid> = entries.iter().map(|entry| entry.aggregate_id).collect();
    for entry in &entries {
        ids.extend(fields.iter().filter_map(|field| entry.names(field)));
    }
    let mut before = BTreeMap::new();
    for id in ids {
        for entry in all_of(stream, id).await?.into_iter().filter(|entry| entry.sequence < from) {
            before.insert(entry.sequence, entry);
        }
    }
    Past::new(before.into_values().collect(), entries)
}

/// A ticket with all who ordered it, and whatever became of those people.
async fn of(stream: &Stream, id: Uuid) -> Result<Past, Failure> {
    let mut open: Vec<Uuid> = vec![id];
    let own = all_of(stream, id).await?;
    let is_person = own.iter().any(|entry| matches!(entry.category.as_str(), "user" | "seller" | "buyer"));
    if own.is_empty() || is_person {
        // No subject says what names a person, or what began with a request.
        let names = |entry: &Entry| {
            is_replayed(entry)
                && (entry.correlation_id == id
                    || entry.names("buyer_id") == Some(id)
                    || entry.names("seller_id") == Some(id))
        };
        open.extend(all(stream, 1, names).await?.iter().map(|entry| entry.aggregate_id));
    }
    let (mut known, mut entries) = (BTreeSet::new(), BTreeMap::new());
    let mut people = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !known.insert(id) {
            continue;
        }
        for entry in all_of(stream, id).await? {
            open.extend(["ticket_id", "order_id"].iter().filter_map(|field| entry.names(field)));
            people.extend(["buyer_id", "seller_id"].iter().filter_map(|field| entry.names(field)));
            entries.insert(entry.sequence, entry);
        }
    }
    for person in people.difference(&known) {
        entries.extend(all_of(stream, *person).await?.into_iter().map(|entry| (entry.sequence, entry)));
    }
    if entries.is_empty() {
        return Err(Failure::NotThere(format!("nothing happened under {id}")));
    }
    Past::new(Vec::new(), entries.into_values().collect())
}

async fn all_of(stream: &Stream, id: Uuid) -> Result<Vec<Entry>, Failure> {
    let part = stream.archive.part(&Selection::of_aggregate(id), 1, MOST, Extent::Whole).await?;
    Ok(part.iter().filter_map(Entry::read).filter(is_replayed).collect())
}

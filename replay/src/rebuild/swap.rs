//! The new states put in the place of the old, document by document, each only at the version that was folded.
//!
//! A service that had just read a document when it was swapped goes on from the old state. So what was swapped is looked
//! at once more, until there is nothing left to swap.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use mongodb::bson::{Bson, Document, deserialize_from_bson, doc};
use serde_json::Value;

use eventsourcing::json_to_bson;

use super::Rebuild;
use super::cursor::Cursor;
use super::outcome::Outcome;
use crate::Failure;
use crate::repair::documents::{Documents, Kept, Unfit, is_duplicate, unavailable};

const AT_ONCE: usize = 8;
/// A document that goes on more often than this while it is swapped is left to whoever writes it.
const TRIES: usize = 20;
/// A service that saw the old state, and goes on from it, has committed by then or not at all.
const COMMIT: Duration = Duration::from_secs(5);

/// By id.
type Rows = BTreeMap<String, (u64, Value)>;

#[derive(Debug)]
enum Swapped {
    /// It said already what its events say.
    AsItWas,
    Replaced,
    /// The same, after it went on.
    ReplacedLater,
    /// Another document has what no two may have: that one may change yet.
    Clashes,
    Unfit(Unfit),
}

pub(super) async fn swap(
    rebuild: &Rebuild<'_>,
    documents: &Documents,
    cursor: &mut Cursor,
) -> Result<(), Failure> {
    loop {
        // Nobody knows what one that was stopped replaced just before.
        let was_stopped = cursor.after.is_some();
        let before = cursor.outcome.swapped;
        let clashes = pass(rebuild, documents, cursor).await?;
        let has_replaced = was_stopped || cursor.outcome.swapped > before;
        // One that was in the way may be replaced by now. Where nothing moves any more, it stays as it is.
        if !has_replaced {
            clashes.into_iter().for_each(|unfit| cursor.outcome.is_unfit(unfit));
            return Ok(());
        }
        rebuild.runtime.sleep(COMMIT).await;
        cursor.after = None;
    }
}

/// Once over all documents, from where it was stopped. Says which ones another is in the way of.
async fn pass(
    rebuild: &Rebuild<'_>,
    documents: &Documents,
    cursor: &mut Cursor,
) -> Result<Vec<Unfit>, Failure> {
    let bar = rebuild.terminal.progress("swapping", documents.count().await?);
    let mut clashes = Vec::new();
    loop {
        let page = documents.page(cursor.after.as_deref()).await?;
        let Some(last) = page.last() else { break };
        let last = last.as_ref().map_or_else(|unfit| unfit.id.clone(), |kept| kept.id.to_string());
        let length = page.len() as u64;
        let kept: Vec<Kept> = page.into_iter().filter_map(Result::ok).collect();
        let mut rows = rows(cursor, &kept).await?;
        let with_rows = kept.into_iter().map(|kept| {
            let row = rows.remove(&kept.id.to_string());
            (kept, row)
        });
        let with_rows: Vec<_> = with_rows.collect();
        let replace = async |(kept, row): (Kept, Option<(u64, Value)>)| {
            let id = kept.id;
            Ok::<_, Failure>((id, one(rebuild, documents, kept, row).await?))
        };
        let mut done = stream::iter(with_rows).map(replace).buffer_unordered(AT_ONCE);
        while let Some((id, swapped)) = done.try_next().await? {
            if let Some(clash) = count(&mut cursor.outcome, &id.to_string(), swapped) {
                clashes.push(clash);
            }
        }
        drop(done);
        cursor.after = Some(last);
        cursor.save().await?;
        bar.inc(length);
    }
    bar.finish_and_clear();
    Ok(clashes)
}

fn count(outcome: &mut Outcome, id: &str, swapped: Swapped) -> Option<Unfit> {
    match swapped {
        Swapped::AsItWas => {}
        Swapped::Replaced => outcome.swapped += 1,
        Swapped::ReplacedLater => {
            outcome.swapped += 1;
            outcome.folded_again += 1;
        }
        Swapped::Unfit(unfit) => outcome.is_unfit(unfit),
        Swapped::Clashes => {
            let why = "what its events say clashes with another document".to_owned();
            return Some(Unfit { id: id.to_owned(), why });
        }
    }
    None
}

async fn rows(cursor: &Cursor, kept: &[Kept]) -> Result<Rows, Failure> {
    let ids: Vec<String> = kept.iter().map(|kept| kept.id.to_string()).collect();
    let found = cursor.rebuilt.find(doc! { "_id": { "$in": ids } }).await;
    let found = found.map_err(|error| unavailable(&error))?;
    let found: Vec<Document> = found.try_collect().await.map_err(|error| unavailable(&error))?;
    let read = |mut row: Document| {
        let version = u64::try_from(row.get_i64("version").ok()?).ok()?;
        let state: Value = deserialize_from_bson(row.remove("state")?).ok()?;
        Some((row.get_str("_id").ok()?.to_owned(), (version, state)))
    };
    Ok(found.into_iter().filter_map(read).collect())
}

/// What went on since it was folded is folded once more.
async fn one(
    rebuild: &Rebuild<'_>,
    documents: &Documents,
    mut kept: Kept,
    mut row: Option<(u64, Value)>,
) -> Result<Swapped, Failure> {
    let was_folded = row.is_some();
    for _ in 0..TRIES {
        let (state, is_later) = match row.take() {
            Some((version, state)) if version == kept.version => (state, false),
            _ => match rebuild.source.fold(documents, &kept).await? {
                Ok(state) => (state, true),
                // It was counted when it could not be folded beside.
                Err(_) if !was_folded => return Ok(Swapped::AsItWas),
                Err(unfit) => return Ok(Swapped::Unfit(unfit)),
            },
        };
        if state == kept.state {
            return Ok(Swapped::AsItWas);
        }
        match set(documents, &kept, &state).await? {
            Some(true) if is_later => return Ok(Swapped::ReplacedLater),
            Some(true) => return Ok(Swapped::Replaced),
            None => return Ok(Swapped::Clashes),
            Some(false) => match documents.one(kept.id).await? {
                Some(Ok(now)) => kept = now,
                Some(Err(unfit)) => return Ok(Swapped::Unfit(unfit)),
                None => return Ok(Swapped::AsItWas),
            },
        }
    }
    Ok(Swapped::Unfit(kept.unfit("it is written too often to be replaced: try it again")))
}

/// Whether it had that version still; nothing where another document is in the way.
async fn set(documents: &Documents, kept: &Kept, state: &Value) -> Result<Option<bool>, Failure> {
    let version = i64::try_from(kept.version).unwrap_or(i64::MAX);
    let state: Bson = json_to_bson(state).map_err(Failure::Found)?;
    let at = doc! { "_id": kept.id.to_string(), "version": version };
    match documents.documents.update_one(at, doc! { "$set": { "state": state } }).await {
        Ok(updated) => Ok(Some(updated.matched_count > 0)),
        Err(error) if is_duplicate(&error) => Ok(None),
        Err(error) => Err(unavailable(&error)),
    }
}

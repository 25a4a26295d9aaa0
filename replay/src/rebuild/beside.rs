//! Every state folded again, and compared with the old one; where it is to be swapped, written beside it.

use futures::{StreamExt as _, TryStreamExt as _, stream};
use mongodb::bson::{Document, doc};
use serde_json::Value;

use eventsourcing::json_to_bson;

use super::Rebuild;
use super::cursor::{Cursor, Phase};
use super::outcome::Outcome;
use crate::Failure;
use crate::repair::documents::{Documents, Kept, Unfit, unavailable};

/// So many are folded side by side, each with what has to be read for it.
const AT_ONCE: usize = 16;

type Folded = Vec<(Kept, Value)>;

/// Only reads.
pub(super) async fn compare(rebuild: &Rebuild<'_>, documents: &Documents) -> Result<Outcome, Failure> {
    let mut outcome = Outcome { aggregate: documents.kind.category.to_owned(), ..Outcome::default() };
    let bar = rebuild.terminal.progress("folding", documents.count().await?);
    let mut after: Option<String> = None;
    while let Some((_, last)) = next(rebuild, documents, after.as_deref(), &mut outcome).await? {
        bar.set_position(outcome.documents);
        after = Some(last);
    }
    bar.finish_and_clear();
    Ok(outcome)
}

/// Writes the states beside the old, from where it was stopped.
pub(super) async fn fold(
    rebuild: &Rebuild<'_>,
    documents: &Documents,
    cursor: &mut Cursor,
) -> Result<(), Failure> {
    let bar = rebuild.terminal.progress("folding", documents.count().await?);
    // What was done before does not count for how fast it goes now.
    bar.set_position(cursor.outcome.documents);
    bar.reset_eta();
    while let Some((folded, last)) =
        next(rebuild, documents, cursor.after.as_deref(), &mut cursor.outcome).await?
    {
        write(cursor, &folded).await?;
        cursor.after = Some(last);
        cursor.save().await?;
        bar.set_position(cursor.outcome.documents);
    }
    bar.finish_and_clear();
    (cursor.phase, cursor.after) = (Phase::Swapping, None);
    cursor.save().await
}

/// The next documents with their new states, and the id that they end in.
async fn next(
    rebuild: &Rebuild<'_>,
    documents: &Documents,
    after: Option<&str>,
    outcome: &mut Outcome,
) -> Result<Option<(Folded, String)>, Failure> {
    let page = documents.page(after).await?;
    let Some(last) = page.last().map(id_of) else { return Ok(None) };
    let fold = async |kept: Result<Kept, Unfit>| {
        let kept = match kept {
            Ok(kept) => kept,
            Err(unfit) => return Ok(Err(unfit)),
        };
        let state = rebuild.source.fold(documents, &kept).await?;
        Ok::<_, Failure>(state.map(|state| (kept, state)))
    };
    let all: Vec<_> = stream::iter(page).map(fold).buffered(AT_ONCE).try_collect().await?;
    let mut folded = Vec::with_capacity(all.len());
    for result in all {
        outcome.documents += 1;
        match result {
            Ok((kept, state)) => {
                if kept.state != state {
                    outcome.differs(&kept, &state);
                }
                folded.push((kept, state));
            }
            Err(unfit) => outcome.is_unfit(unfit),
        }
    }
    Ok(Some((folded, last)))
}

fn id_of(kept: &Result<Kept, Unfit>) -> String {
    match kept {
        Ok(kept) => kept.id.to_string(),
        Err(unfit) => unfit.id.clone(),
    }
}

/// A page that was written before and not noted is written again.
async fn write(cursor: &Cursor, folded: &Folded) -> Result<(), Failure> {
    if folded.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = folded.iter().map(|(kept, _)| kept.id.to_string()).collect();
    let rows = folded.iter().map(|(kept, state)| row(kept, state)).collect::<Result<Vec<_>, _>>()?;
    cursor.rebuilt.delete_many(doc! { "_id": { "$in": ids } }).await.map_err(|error| unavailable(&error))?;
    cursor.rebuilt.insert_many(rows).await.map(drop).map_err(|error| unavailable(&error))
}

fn row(kept: &Kept, state: &Value) -> Result<Document, Failure> {
    let version = i64::try_from(kept.version).unwrap_or(i64::MAX);
    let state = json_to_bson(state).map_err(Failure::Found)?;
    Ok(doc! { "_id": kept.id.to_string(), "version": version, "state": state })
}

//! One aggregate brought up to what the stream tells of it.

use eventsourcing::{RawEvent, Recorded, json_to_bson};
use messaging::Archive;
use mongodb::bson::{Bson, Document, doc};
use serde_json::Value;
use uuid::Uuid;

use crate::Failure;
use crate::repair::documents::{Documents, Kept, Unfit, is_duplicate, is_taken_id, unavailable};
use crate::repair::histories::{History, told_of};

/// A document that changes more often than this meanwhile is left to whoever writes it.
const TRIES: usize = 20;

#[derive(Debug)]
pub(super) enum Mended {
    /// It lacks nothing.
    Level,
    Appended(Appended),
    /// Another document has what no two may have: that one may be brought up yet.
    Clashes,
    /// Nothing is touched.
    Left(Unfit),
}

/// What a document lacked.
#[derive(Debug)]
pub(super) struct Appended {
    /// The version it had; 0 where it was missing altogether.
    pub from: u64,
    pub to: u64,
    /// The types of the events, in order.
    pub types: Vec<String>,
}

/// What is to be written.
struct Draft {
    from: u64,
    missing: Vec<Recorded<RawEvent>>,
    state: Value,
}

/// Without `writes` it only says what would be done.
pub(super) async fn mend(
    documents: &Documents,
    archive: &dyn Archive,
    id: Uuid,
    writes: bool,
) -> Result<Mended, Failure> {
    for _ in 0..TRIES {
        let kept = match documents.one(id).await? {
            Some(Ok(kept)) => Some(kept),
            Some(Err(unfit)) => return Ok(Mended::Left(unfit)),
            None => None,
        };
        let draft = match draft(documents, archive, id, kept.as_ref()).await? {
            Ok(Some(draft)) => draft,
            Ok(None) => return Ok(Mended::Level),
            Err(why) => return Ok(Mended::Left(Unfit { id: id.to_string(), why })),
        };
        let appended = Appended {
            from: draft.from,
            to: draft.from + draft.missing.len() as u64,
            types: draft.missing.iter().map(|event| event.event.event_type.clone()).collect(),
        };
        match writes {
            false => return Ok(Mended::Appended(appended)),
            true => match write(documents, id, &draft).await? {
                Some(true) => return Ok(Mended::Appended(appended)),
                Some(false) => {}
                None => return Ok(Mended::Clashes),
            },
        }
    }
    let why = "it is written too often to be brought up: try it again".to_owned();
    Ok(Mended::Left(Unfit { id: id.to_string(), why }))
}

/// Fails with half a sentence where nothing can be made of it.
async fn draft(
    documents: &Documents,
    archive: &dyn Archive,
    id: Uuid,
    kept: Option<&Kept>,
) -> Result<Result<Option<Draft>, String>, Failure> {
    let (from, held) = match kept {
        Some(kept) => match documents.events(kept).await? {
            Ok(held) => (kept.version, held),
            Err(unfit) => return Ok(Err(unfit.why)),
        },
        None => (0, Vec::new()),
    };
    let mut history = History::of(held);
    if let Some(version) = history.add(told_of(archive, documents.kind, id).await?) {
        return Ok(Err(format!("the store and the stream each tell another v{version} of it")));
    }
    let to = history.last();
    if to <= from {
        return Ok(Ok(None));
    }
    let state = match history.fold(documents.kind, to) {
        Ok(state) => state,
        Err(why) => return Ok(Err(why)),
    };
    Ok(Ok(Some(Draft { from, missing: history.behind(from), state })))
}

/// Whether the document was as it had been seen; nothing where another one is in the way.
async fn write(documents: &Documents, id: Uuid, draft: &Draft) -> Result<Option<bool>, Failure> {
    let (Some(first), Some(last)) = (draft.missing.first(), draft.missing.last()) else {
        return Ok(Some(true));
    };
    let version = |version: u64| i64::try_from(version).unwrap_or(i64::MAX);
    let events = bson(&serde_json::to_value(&draft.missing).unwrap_or_default())?;
    // As it was when it was committed.
    let set = doc! {
        "version": version(last.version), "state": bson(&draft.state)?, "updated_at": last.at.to_string(),
    };
    if draft.from == 0 {
        let mut document =
            doc! { "_id": id.to_string(), "created_at": first.at.to_string(), "events": events };
        document.extend(set);
        document.insert("private", bson(&documents.kind.private_of_lost(id))?);
        return Ok(match documents.documents.insert_one(document).await {
            Ok(_) => Some(true),
            Err(error) if is_taken_id(&error) => Some(false),
            Err(error) if is_duplicate(&error) => None,
            Err(error) => return Err(unavailable(&error)),
        });
    }
    let update: Document = doc! {
        "$push": { "events": { "$each": events } },
        "$set": set,
        // It came from the stream.
        "$unset": { "unpublished": "" },
    };
    let at = doc! { "_id": id.to_string(), "version": version(draft.from) };
    Ok(match documents.documents.update_one(at, update).await {
        Ok(updated) => Some(updated.matched_count > 0),
        Err(error) if is_duplicate(&error) => None,
        Err(error) => return Err(unavailable(&error)),
    })
}

fn bson(value: &Value) -> Result<Bson, Failure> {
    json_to_bson(value).map_err(Failure::Found)
}

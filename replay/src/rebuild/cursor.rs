//! How far a rebuild has come, in the collection `rebuilds` of the service's database: who was stopped goes on there.

use mongodb::Collection;
use mongodb::bson::{Document, doc};
use serde::{Deserialize, Serialize};

use super::Rebuild;
use super::outcome::Outcome;
use crate::Failure;
use crate::repair::documents::{Documents, durable, unavailable};

const COLLECTION: &str = "rebuilds";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    /// States are written beside the old.
    Folding,
    /// They are put in the place of the old.
    Swapping,
}

pub(super) struct Cursor {
    cursors: Collection<Document>,
    /// The new states: `{_id, version, state}`.
    pub rebuilt: Collection<Document>,
    noted: Noted,
    pub phase: Phase,
    /// The id of the last document of this phase that is done.
    pub after: Option<String>,
    pub outcome: Outcome,
}

/// What never changes while it goes on.
struct Noted {
    kind: &'static str,
    source: &'static str,
    by: String,
    began_at: String,
}

impl Cursor {
    /// That of the rebuild that was stopped, where it folded from the same; or a new one.
    pub(super) async fn take_up(
        rebuild: &Rebuild<'_>,
        documents: &Documents,
        by: &str,
    ) -> Result<Self, Failure> {
        let kind = documents.kind.category;
        let options =
            mongodb::options::CollectionOptions::builder().write_concern(durable(rebuild.database).await?);
        let options = options.build();
        let cursors: Collection<Document> =
            rebuild.database.collection_with_options(COLLECTION, options.clone());
        let rebuilt = rebuild.database.collection_with_options(&format!("{kind}_rebuilt"), options);
        let found = cursors.find_one(doc! { "_id": kind }).await.map_err(|error| unavailable(&error))?;
        let noted = Noted {
            kind,
            source: rebuild.source.name(),
            by: by.to_owned(),
            began_at: rebuild.runtime.now().to_string(),
        };
        let outcome = Outcome { aggregate: kind.to_owned(), ..Outcome::default() };
        let mut cursor = Self { cursors, rebuilt, noted, phase: Phase::Folding, after: None, outcome };
        if !found.is_some_and(|found| !rebuild.afresh && cursor.go_on(&found)) {
            // What an earlier one left beside is not of this one.
            cursor.rebuilt.drop().await.map_err(|error| unavailable(&error))?;
            cursor.save().await?;
        }
        Ok(cursor)
    }

    /// Whether the one that was stopped did the same.
    fn go_on(&mut self, found: &Document) -> bool {
        let read = |name: &str| found.get_str(name).ok();
        let phase = read("phase").and_then(|phase| serde_json::from_value(phase.into()).ok());
        let outcome = read("outcome").and_then(|outcome| serde_json::from_str(outcome).ok());
        let (Some(phase), Some(outcome)) = (phase, outcome) else { return false };
        if read("source") != Some(self.noted.source) {
            return false;
        }
        self.phase = phase;
        self.outcome = outcome;
        self.after = read("after").map(str::to_owned);
        true
    }

    /// Noted when all of it is written that it speaks of.
    pub(super) async fn save(&self) -> Result<(), Failure> {
        let Noted { kind, source, by, began_at } = &self.noted;
        let text = |value: serde_json::Result<String>| {
            value.map_err(|error| Failure::File(format!("could not note how far it came: {error}")))
        };
        let phase = text(serde_json::to_string(&self.phase))?.replace('"', "");
        let outcome = text(serde_json::to_string(&self.outcome))?;
        let cursor = doc! {
            "_id": kind, "phase": phase, "after": self.after.as_deref(), "source": source, "by": by.as_str(),
            "began_at": began_at.as_str(), "outcome": outcome,
        };
        let replace = self.cursors.replace_one(doc! { "_id": kind }, cursor).upsert(true);
        replace.await.map(drop).map_err(|error| unavailable(&error))
    }

    /// When everything is in its place.
    pub(super) async fn forget(&self) -> Result<(), Failure> {
        self.rebuilt.drop().await.map_err(|error| unavailable(&error))?;
        let forget = self.cursors.delete_one(doc! { "_id": self.noted.kind });
        forget.await.map(drop).map_err(|error| unavailable(&error))
    }
}

//! What a command that writes needs: it is told to, by somebody, and both are kept beside what was written.
//!
//! What is mended by: `documents.rs` is what a store holds, `tails.rs` what the stream tells, `histories.rs` folds either.

pub mod documents;
pub mod histories;
pub mod tails;

use clap::Args;
use contracts::Timestamp;
use mongodb::Database;
use mongodb::bson::doc;
use runtime::Runtime;
use uuid::Uuid;

use crate::Failure;

/// In the database of the service that was written to.
const COLLECTION: &str = "repairs";

/// Without it nothing is written, and it is said what would be.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub struct Permission {
    /// Do it; unless this is given, it is only said what would be done
    #[arg(long, requires = "by")]
    pub write: bool,
    /// Who does it, for the record
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
}

/// One repair, as it is kept for ever.
#[derive(Clone)]
pub struct Repair {
    id: Uuid,
    database: Database,
    runtime: Runtime,
}

impl Permission {
    /// Who does it; none where nothing is to be written.
    pub fn given(&self) -> Result<Option<&str>, Failure> {
        match (self.write, self.by.as_deref().map(str::trim)) {
            (false, _) => Ok(None),
            (true, Some(by)) if !by.is_empty() => Ok(Some(by)),
            (true, _) => Err(Failure::BadInput("who does it has to be said: --by <NAME>".to_owned())),
        }
    }
}

impl Repair {
    /// Noted before anything is written.
    pub async fn begin(
        database: &Database,
        runtime: &Runtime,
        by: &str,
        command: &str,
        arguments: &str,
    ) -> Result<Self, Failure> {
        let id = runtime.new_id();
        let began_at: Timestamp = runtime.now();
        let note = doc! {
            "_id": id.to_string(), "by": by, "command": command, "arguments": arguments,
            "began_at": began_at.to_string(),
        };
        let noted = database.collection(COLLECTION).insert_one(note).await;
        noted.map_err(|_| {
            Failure::unreachable("MongoDB", "did not take the note of who writes, so nothing was")
        })?;
        Ok(Self { id, database: database.clone(), runtime: runtime.clone() })
    }

    /// What came of it, in words.
    pub async fn end(self, outcome: &str) -> Result<(), Failure> {
        let set = doc! { "$set": { "ended_at": self.runtime.now().to_string(), "outcome": outcome } };
        let notes = self.database.collection::<mongodb::bson::Document>(COLLECTION);
        let noted = notes.update_one(doc! { "_id": self.id.to_string() }, set).await;
        noted
            .map(drop)
            .map_err(|_| Failure::unreachable("MongoDB", "did not take the note of what came of it"))
    }
}

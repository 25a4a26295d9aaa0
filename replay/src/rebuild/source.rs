//! Where the events come from that a state is folded from.

use std::sync::Arc;

use messaging::Archive;
use serde_json::Value;

use crate::Failure;
use crate::repair::documents::{Documents, Kept, Unfit};
use crate::repair::histories::{History, told_of};

pub(super) enum Source {
    /// What the document and its archive hold.
    Store,
    /// What the stream tells; of a document that is not published yet the rest.
    Stream(Arc<dyn Archive>),
}

impl Source {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Store => "the store",
            Self::Stream(_) => "the stream",
        }
    }

    /// The state at the document's own version.
    pub(super) async fn fold(
        &self,
        documents: &Documents,
        kept: &Kept,
    ) -> Result<Result<Value, Unfit>, Failure> {
        let history = self.history(documents, kept).await?;
        Ok(history
            .and_then(|history| history.fold(documents.kind, kept.version).map_err(|why| kept.unfit(why))))
    }

    pub(super) async fn history(
        &self,
        documents: &Documents,
        kept: &Kept,
    ) -> Result<Result<History, Unfit>, Failure> {
        let held = match documents.events(kept).await? {
            Ok(held) => held,
            Err(unfit) => return Ok(Err(unfit)),
        };
        let Self::Stream(archive) = self else { return Ok(Ok(History::of(held))) };
        let mut history = History::of(told_of(archive.as_ref(), documents.kind, kept.id).await?);
        let hole = history.hole(kept.version);
        if let Some(version) = history.add(held) {
            return Ok(Err(kept.unfit(format!("the stream tells another v{version} of it"))));
        }
        Ok(match hole {
            Some(version) if !kept.is_unpublished => {
                Err(kept.unfit(format!("the stream does not tell v{version} of it: republish it first")))
            }
            _ => Ok(history),
        })
    }
}

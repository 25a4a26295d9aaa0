//! Where each aggregate's history ends on the stream, learned by reading it once.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::StreamExt as _;
use messaging::{Archive, Parcel, SUBJECT_PREFIX, Selection};
use runtime::Runtime;
use uuid::Uuid;

use crate::Failure;
use crate::kinds::Kind;
use crate::terminal::Terminal;

/// The end of one aggregate's history on the stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The highest there is.
    pub version: u64,
    pub event_id: Uuid,
    /// How many messages it has: as many as its version, where nothing is lost.
    pub messages: u64,
}

/// The ends of all histories of some kinds of aggregates.
#[derive(Clone, Debug, Default)]
pub struct Tails(BTreeMap<(&'static str, Uuid), Told>);

/// A server that has more to send sends it sooner.
const SILENCE: Duration = Duration::from_secs(2);

impl Tails {
    /// Takes memory for each aggregate, not for each event.
    pub async fn read(
        archive: &dyn Archive,
        kinds: &[Kind],
        runtime: &Runtime,
        terminal: &Terminal,
    ) -> Result<Self, Failure> {
        let mut tails = Self::default();
        let end = archive.state().await?.last_sequence;
        if end == 0 {
            return Ok(tails);
        }
        let bar = terminal.progress("reading the stream", end);
        let mut tail = archive.tail(1).await?;
        let mut sequence = 0;
        while sequence < end {
            match runtime.timeout(SILENCE, tail.next()).await {
                Ok(Some(numbered)) => {
                    let numbered = numbered?;
                    sequence = numbered.sequence;
                    tails.note(kinds, &numbered.stored.parcel);
                    bar.set_position(sequence);
                }
                // Where the last message is gone, nothing comes.
                Err(_) if archive.count(&Selection::everything(), sequence + 1).await? == 0 => break,
                Err(_) => {}
                Ok(None) => return Err(Failure::unreachable("the stream", "broke off while it was read")),
            }
        }
        bar.finish_and_clear();
        Ok(tails)
    }

    /// Of the aggregate, nothing where the stream tells nothing of it.
    pub fn of(&self, kind: Kind, id: Uuid) -> Option<Told> {
        self.0.get(&(kind.category, id)).copied()
    }

    /// Of all aggregates of one kind, in the order of their ids.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = (Uuid, Told)> {
        let all = (kind.category, Uuid::nil())..=(kind.category, Uuid::max());
        self.0.range(all).map(|((_, id), told)| (*id, *told))
    }

    fn note(&mut self, kinds: &[Kind], parcel: &Parcel) {
        let Some((category, id, version, event_id)) = heading(parcel) else { return };
        let Some(kind) = kinds.iter().find(|kind| kind.category == category) else { return };
        let told = self.0.entry((kind.category, id)).or_default();
        told.messages += 1;
        if version > told.version {
            *told = Told { version, event_id, ..*told };
        }
    }
}

/// Without the body, which need not be read for it.
fn heading(parcel: &Parcel) -> Option<(String, Uuid, u64, Uuid)> {
    let wire = match parcel {
        Parcel::Wired(wire) => wire,
        Parcel::Handed(message) => {
            let recorded = &message.recorded;
            return Some((message.category.clone(), message.id, recorded.version, recorded.id));
        }
    };
    let mut parts = wire.subject.split('.');
    let (prefix, category, id) = (parts.next()?, parts.next()?, parts.next()?);
    let header = |name: &str| wire.headers.get(name);
    (prefix == SUBJECT_PREFIX).then_some(())?;
    Some((
        category.to_owned(),
        id.parse().ok()?,
        header("ce-sequence")?.parse().ok()?,
        header("ce-id")?.parse().ok()?,
    ))
}

//! From a command to committed events: load, decide, commit; decide again when somebody else was faster.

use std::time::Duration;

use runtime::Runtime;
use uuid::Uuid;

use crate::store::{Commit, CommitError, EventStore, Loaded, Snapshot, StoreError};
use crate::{Cause, Decider, Recorded, Rules};

/// What came of a command.
#[derive(Clone)]
pub struct Execution<D: Decider> {
    /// The aggregate as it is after the command; absent where it does not exist, and nothing happened.
    pub snapshot: Option<Snapshot<D>>,
    /// What was recorded now: nothing, when it was so already.
    pub events: Vec<Recorded<D::Event>>,
    /// The id of the event before these.
    pub(crate) previous: Option<Uuid>,
}

/// Why a command came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum ExecutionError<R: std::fmt::Debug> {
    /// The domain's answer.
    #[error("rejected: {0:?}")]
    Rejected(R),
    /// Another aggregate holds what the unique index of this name guards.
    #[error("another aggregate holds what {0} guards")]
    Taken(String),
    /// Whether it happened is not known; the same cause may be tried again.
    #[error("{0}")]
    Unavailable(String),
    /// The document cannot be read or written, or deciding panicked: to try again is of no use.
    #[error("{0}")]
    Broken(String),
}

impl<R: std::fmt::Debug> From<StoreError> for ExecutionError<R> {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::Unavailable(error.to_string()),
            StoreError::Malformed(..) => Self::Broken(error.to_string()),
        }
    }
}

/// Whether the aggregate is likely to exist; only a guess, which saves a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expectation {
    Exists,
    IsNew,
}

/// Commits that somebody else's made void are tried again this often.
const CONFLICTS: u32 = 100;
/// Pauses before an unknown outcome is looked at again: a server that restarts is back within them.
const SETTLING: [Duration; 5] = [
    Duration::from_millis(20),
    Duration::from_millis(100),
    Duration::from_millis(300),
    Duration::from_millis(700),
    Duration::from_millis(1_500),
];

/// A change to what is private.
pub(crate) type Amend<D> = dyn Fn(&mut <D as Decider>::Private) + Send + Sync;

/// What one aggregate is to do, and why.
pub(crate) struct Instruction<'a, D: Decider> {
    pub id: Uuid,
    pub cause: &'a Cause,
    pub command: &'a D::Command,
    pub amend: Option<&'a Amend<D>>,
    pub rules: &'a Rules<D>,
}

pub(crate) async fn execute<D: Decider>(
    store: &dyn EventStore<D>,
    runtime: &Runtime,
    expectation: Expectation,
    instruction: Instruction<'_, D>,
) -> Result<Execution<D>, ExecutionError<D::Rejection>> {
    let (id, cause) = (instruction.id, instruction.cause);
    let mut known: Option<Option<Loaded<D>>> = (expectation == Expectation::IsNew).then_some(None);
    let mut conflicts = 0;
    let mut unsettled = SETTLING.iter();
    // The first answer of a unique index is believed only after the id was read: both may be our own earlier try.
    let mut taken = None;
    loop {
        let loaded = match known.take() {
            Some(loaded) => loaded,
            None => store.load(id).await?,
        };
        if let Some(loaded) = &loaded
            && handled(store, loaded, cause).await?
        {
            return Ok(Execution {
                snapshot: Some(loaded.snapshot.clone()),
                events: Vec::new(),
                previous: None,
            });
        }
        if let Some(index) = taken.take() {
            return Err(ExecutionError::Taken(index));
        }
        let previous = loaded.as_ref().and_then(|loaded| loaded.last_event);
        let before = loaded.map(|loaded| loaded.snapshot);
        let (events, after, amended) = decide(runtime, &instruction, before.as_ref())?;
        if events.is_empty() {
            return Ok(Execution { snapshot: before, events, previous });
        }
        let commit = Commit {
            id,
            expected_version: after.version - events.len() as u64,
            state: &after.state,
            private: amended.then_some(&after.private),
            events: &events,
            at: after.updated_at,
        };
        match store.commit(commit).await {
            Ok(()) => return Ok(Execution { snapshot: Some(after), events, previous }),
            Err(CommitError::Conflict) if conflicts < CONFLICTS => conflicts += 1,
            Err(CommitError::Taken(index)) => taken = Some(index),
            Err(CommitError::Unknown(why)) => match unsettled.next() {
                Some(pause) => {
                    tracing::warn!(category = D::CATEGORY, aggregate = %id, why, "outcome unknown, reading again");
                    runtime.sleep(*pause).await;
                }
                None => return Err(ExecutionError::Unavailable(why)),
            },
            Err(error @ CommitError::Conflict) => return Err(ExecutionError::Unavailable(error.to_string())),
            Err(error @ CommitError::Malformed(_)) => return Err(ExecutionError::Broken(error.to_string())),
        }
    }
}

async fn handled<D: Decider>(
    store: &dyn EventStore<D>,
    loaded: &Loaded<D>,
    cause: &Cause,
) -> Result<bool, StoreError> {
    if loaded.causes.contains(&cause.causation_id) {
        return Ok(true);
    }
    Ok(loaded.archived && store.archived_cause(loaded.snapshot.id, cause.causation_id).await?)
}

type Decided<D> = (Vec<Recorded<<D as Decider>::Event>>, Snapshot<D>, bool);

/// The new events, the aggregate after them, and whether what is private changes.
fn decide<D: Decider>(
    runtime: &Runtime,
    instruction: &Instruction<'_, D>,
    before: Option<&Snapshot<D>>,
) -> Result<Decided<D>, ExecutionError<D::Rejection>> {
    let Instruction { id, cause, command, amend, rules } = *instruction;
    let at = runtime.now();
    let mut after = before.cloned().unwrap_or_else(|| Snapshot {
        id,
        version: 0,
        state: D::default(),
        private: D::Private::default(),
        created_at: at,
        updated_at: at,
    });
    let decided = rules(&after.state, command).map_err(ExecutionError::Rejected)?;
    let mut events = Vec::with_capacity(decided.len());
    for event in decided {
        after.state = after.state.evolve(&event);
        after.version += 1;
        events.push(Recorded {
            id: runtime.new_id(),
            version: after.version,
            event,
            at,
            cause: cause.clone(),
        });
    }
    after.updated_at = at;
    let amended = match amend {
        Some(amend) => {
            let untouched = serde_json::to_value(&after.private).ok();
            amend(&mut after.private);
            before.is_none() || serde_json::to_value(&after.private).ok() != untouched
        }
        None => before.is_none(),
    };
    Ok((events, after, amended))
}

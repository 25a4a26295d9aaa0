//! All that the stand-in remembers. A change is written to the state file before anyone hears of it, one line
//! for one request, so that its effect, its events and its idempotency record are kept together or not at
//! all.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::charges::Charge;
use crate::collection::Collection;
use crate::draws::Draws;
use crate::errors::ApiError;
use crate::events::Event;
use crate::idempotency::KeptAnswer;
use crate::intents::Intent;
use crate::journal::{Journal, JournalError};
use crate::methods::Method;
use crate::refunds::Refund;

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) draws: Draws,
    pub(crate) intents: Collection<Intent>,
    pub(crate) charges: Collection<Charge>,
    pub(crate) refunds: Collection<Refund>,
    pub(crate) methods: Collection<Method>,
    pub(crate) events: Collection<Event>,
    pub(crate) answers: BTreeMap<String, KeptAnswer>,
}

/// One object as it is from now on.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    Draws(Draws),
    Intent(Box<Intent>),
    Charge(Box<Charge>),
    Refund(Box<Refund>),
    Method(Method),
    Event(Box<Event>),
    Answer(Box<KeptAnswer>),
}

#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) state: State,
    /// Idempotency keys whose first request is still being executed.
    pub(crate) in_flight: HashSet<String>,
    journal: Option<Journal>,
}

impl Store {
    /// Opens the state file, or starts empty. `seed` counts only for a state that has none yet.
    pub(crate) fn open(file: Option<&Path>, seed: String, now: i64) -> Result<Self, JournalError> {
        let mut state = State::new(seed);
        let journal = match file {
            None => None,
            Some(path) => {
                Journal::read(path)?.into_iter().for_each(|change| state.apply(change));
                state.answers.retain(|_, answer| !answer.is_over(now));
                Some(Journal::compact(path, &state.snapshot())?)
            }
        };
        Ok(Self { state, in_flight: HashSet::new(), journal })
    }

    /// Makes what was done since `begin` durable. The state in memory has it already.
    pub(crate) fn commit(&mut self, mut changes: Vec<Change>) -> Result<(), ApiError> {
        let Some(journal) = self.journal.as_mut().filter(|_| !changes.is_empty()) else { return Ok(()) };
        changes.push(Change::Draws(self.state.draws.clone()));
        journal.append(&changes).map_err(|error| {
            tracing::error!(%error, "the state file cannot be written");
            ApiError::internal()
        })
    }
}

impl State {
    fn new(seed: String) -> Self {
        Self {
            draws: Draws::new(seed),
            intents: Collection::default(),
            charges: Collection::default(),
            refunds: Collection::default(),
            methods: Collection::default(),
            events: Collection::default(),
            answers: BTreeMap::new(),
        }
    }

    fn apply(&mut self, change: Change) {
        match change {
            Change::Draws(draws) => self.draws = draws,
            Change::Intent(intent) => self.intents.put(*intent),
            Change::Charge(charge) => self.charges.put(*charge),
            Change::Refund(refund) => self.refunds.put(*refund),
            Change::Method(method) => self.methods.put(method),
            Change::Event(event) => self.events.put(*event),
            Change::Answer(answer) => {
                self.answers.insert(answer.key.clone(), *answer);
            }
        }
    }

    fn snapshot(&self) -> Vec<Change> {
        let mut changes = vec![Change::Draws(self.draws.clone())];
        changes.extend(self.methods.iter().cloned().map(Change::Method));
        changes.extend(self.intents.iter().cloned().map(|intent| Change::Intent(Box::new(intent))));
        changes.extend(self.charges.iter().cloned().map(|charge| Change::Charge(Box::new(charge))));
        changes.extend(self.refunds.iter().cloned().map(|refund| Change::Refund(Box::new(refund))));
        changes.extend(self.events.iter().cloned().map(|event| Change::Event(Box::new(event))));
        changes.extend(self.answers.values().cloned().map(|answer| Change::Answer(Box::new(answer))));
        changes
    }
}

/// One request's work: it sees its own changes at once and hands them over to be committed.
#[derive(Debug)]
pub(crate) struct Work<'a> {
    pub(crate) state: &'a mut State,
    pub(crate) context: Context,
    changes: Vec<Change>,
}

/// What a request brings with it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Context {
    pub(crate) now: i64,
    /// The stand-in's own address, for the pages it links to.
    pub(crate) origin: String,
    pub(crate) request_id: String,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) webhooks: bool,
    pub(crate) search_lag_seconds: i64,
}

impl<'a> Work<'a> {
    pub(crate) fn begin(state: &'a mut State, context: Context) -> Self {
        Self { state, context, changes: Vec::new() }
    }

    pub(crate) fn put(&mut self, change: Change) {
        self.state.apply(change.clone());
        self.changes.push(change);
    }

    pub(crate) fn put_intent(&mut self, intent: &Intent) {
        self.put(Change::Intent(Box::new(intent.clone())));
    }

    pub(crate) fn put_charge(&mut self, charge: &Charge) {
        self.put(Change::Charge(Box::new(charge.clone())));
    }

    pub(crate) fn id(&mut self, prefix: &str, length: usize) -> String {
        self.state.draws.id(prefix, length)
    }

    pub(crate) fn finish(self) -> Vec<Change> {
        self.changes
    }
}

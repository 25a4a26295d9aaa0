//! What became of one aggregate: its events in their order, and the state after each, by its service's own `evolve`.

use std::str::FromStr;

use history::Entry;
use messaging::{Extent, Selection};
use serde_json::Value;
use uuid::Uuid;

use crate::Failure;
use crate::kinds::{KINDS, Kind};
use crate::moment::Moment;
use crate::stream::Stream;

/// So many events are read at a time.
const PART: usize = 500;

/// One aggregate's whole past.
#[derive(Clone, Debug)]
pub struct Past {
    pub category: String,
    pub id: Uuid,
    /// None where no service of this build keeps such aggregates, as with timers.
    pub kind: Option<Kind>,
    /// Before anything happened.
    pub beginning: Value,
    /// Never empty.
    pub steps: Vec<Step>,
}

/// One event, and what it led to.
#[derive(Clone, Debug)]
pub struct Step {
    pub entry: Entry,
    /// After the event; as it was before where the event cannot be read.
    pub state: Value,
    /// Why this build cannot read the event.
    pub unreadable: Option<String>,
}

/// How a thing is named: by its id, or by an event of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    Id(Uuid),
    /// By its place on the stream.
    Event(u64),
}

impl FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(place) = text.strip_prefix('#').and_then(|digits| digits.parse().ok()) {
            return Ok(Self::Event(place));
        }
        text.parse().map(Self::Id).map_err(|_| {
            format!("{text:?} is neither an id nor a place on the stream: write a UUID, or #1234 for what that event is of")
        })
    }
}

impl Named {
    /// The kind of aggregate is only known where an event was named.
    pub async fn found(self, stream: &Stream) -> Result<(Option<String>, Uuid), Failure> {
        let place = match self {
            Self::Id(id) => return Ok((None, id)),
            Self::Event(place) => place,
        };
        let stored = stream.archive.get(place).await?;
        let name = &stream.name;
        let stored = stored.ok_or_else(|| Failure::NotThere(format!("{name} has no event #{place}")))?;
        let entry = Entry::read(&messaging::Numbered { sequence: place, stored });
        let entry =
            entry.ok_or_else(|| Failure::NotThere(format!("#{place} on {name} is no event of ours")))?;
        Ok((Some(entry.category), entry.aggregate_id))
    }
}

impl Past {
    /// Of the aggregates that are meant by `order <id>`, `<id>` or `#<place>`: several may go by one id.
    pub async fn of_words(stream: &Stream, words: &[String]) -> Result<Vec<Self>, Failure> {
        let bad = Failure::BadInput;
        let (category, id) = match words {
            [category, id] => (Some(category.clone()), id.parse::<Uuid>().map_err(|_| bad(no_id(id)))?),
            [word] if KINDS.iter().any(|kind| kind.category == word) => {
                return Err(bad(format!("which {word} has to be said: give its id")));
            }
            [word] => word.parse::<Named>().map_err(bad)?.found(stream).await?,
            _ => return Err(bad("name one aggregate: by its kind and id, or by its id".to_owned())),
        };
        if let Some(category) = category.as_ref().filter(|category| !messaging::is_word(category)) {
            return Err(bad(format!("nothing is called {category:?}")));
        }
        let pasts = Self::all_of(stream, category.clone(), id).await?;
        if pasts.is_empty() {
            let what = category.unwrap_or_else(|| "nothing".to_owned());
            let not = if what == "nothing" { "" } else { "no " };
            return Err(Failure::NotThere(format!("{not}{what} on {} goes by the id {id}", stream.name)));
        }
        Ok(pasts)
    }

    /// In the order in which they began.
    pub async fn all_of(stream: &Stream, category: Option<String>, id: Uuid) -> Result<Vec<Self>, Failure> {
        let selection = Selection::new(category, Some(id), None)
            .map_err(|error| Failure::BadInput(format!("the kind {error}")))?;
        let mut pasts: Vec<(Self, Option<Box<dyn crate::kinds::Folding>>)> = Vec::new();
        let mut from = 1;
        loop {
            let part = stream.archive.part(&selection, from, PART, Extent::Whole).await?;
            for entry in part.iter().filter_map(Entry::read) {
                let known = pasts.iter().position(|(past, _)| past.category == entry.category);
                let place = known.unwrap_or_else(|| {
                    pasts.push(Self::begin(&entry));
                    pasts.len() - 1
                });
                if let Some((past, folding)) = pasts.get_mut(place) {
                    past.take(entry, folding.as_deref_mut());
                }
            }
            match part.last() {
                Some(last) if part.len() == PART => from = last.sequence + 1,
                _ => return Ok(pasts.into_iter().map(|(past, _)| past).collect()),
            }
        }
    }

    fn begin(entry: &Entry) -> (Self, Option<Box<dyn crate::kinds::Folding>>) {
        let kind = Kind::named(&entry.category);
        let folding = kind.map(Kind::begin);
        let beginning = folding.as_ref().map_or(Value::Null, |folding| folding.state());
        let past = Self {
            category: entry.category.clone(),
            id: entry.aggregate_id,
            kind,
            beginning,
            steps: Vec::new(),
        };
        (past, folding)
    }

    fn take(&mut self, entry: Entry, folding: Option<&mut (dyn crate::kinds::Folding + 'static)>) {
        let (state, unreadable) = match folding {
            Some(folding) => {
                let applied = folding.apply(&entry.event_type, &entry.data);
                (folding.state(), applied.err().map(|error| error.to_string()))
            }
            None => (Value::Null, None),
        };
        self.steps.push(Step { entry, state, unreadable });
    }

    /// The state before this step, counted from 0.
    pub fn before(&self, step: usize) -> &Value {
        let earlier = step.checked_sub(1).and_then(|earlier| self.steps.get(earlier));
        earlier.map_or(&self.beginning, |earlier| &earlier.state)
    }

    /// How many steps had been made at this moment.
    pub fn made_at(&self, moment: Moment) -> Result<usize, Failure> {
        let Self { category, id, steps, .. } = self;
        let had =
            |is_past: &dyn Fn(&Entry) -> bool| steps.iter().take_while(|step| is_past(&step.entry)).count();
        let made = match moment {
            Moment::Version(version) => {
                let last = steps.last().map_or(0, |last| last.entry.version);
                if version > last {
                    let there = format!("{category} {id} is at v{last}: there is no v{version}");
                    return Err(Failure::NotThere(there));
                }
                had(&|entry| entry.version <= version)
            }
            Moment::Sequence(sequence) => had(&|entry| entry.sequence <= sequence),
            Moment::Time(time) => had(&|entry| entry.at <= time),
            Moment::Ago(_) => steps.len(),
        };
        if made == 0 {
            return Err(Failure::NotThere(format!("nothing had happened to {category} {id} then")));
        }
        Ok(made)
    }
}

/// Fails for a place behind the end of the stream, and a time that has not come.
pub async fn come(stream: &Stream, moment: Moment) -> Result<Moment, Failure> {
    let moment = moment.not_in_the_future(stream.runtime.now())?;
    if let Moment::Sequence(sequence) = moment {
        let last = stream.archive.state().await?.last_sequence;
        if sequence > last {
            return Err(Failure::NotThere(format!(
                "{} ends at #{last}: there is no #{sequence}",
                stream.name
            )));
        }
    }
    Ok(moment)
}

fn no_id(text: &str) -> String {
    format!("{text:?} is no id: write a UUID")
}

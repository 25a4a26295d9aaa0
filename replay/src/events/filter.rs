//! Which events are meant: the same options wherever some are listed.

use clap::Args;
use contracts::catalogue::catalogue;
use eventsourcing::Actor;
use history::Entry;
use messaging::Selection;
use uuid::Uuid;

use crate::Failure;
use crate::moment::Moment;
use crate::past;
use crate::stream::Stream;

/// Only those of which all that is given is true.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub struct Filter {
    /// Only of this kind of aggregate, such as `order`
    #[arg(long, value_name = "KIND")]
    pub aggregate: Option<String>,
    /// Only of aggregates with this id
    #[arg(long, value_name = "UUID")]
    pub id: Option<Uuid>,
    /// Only of this type, such as `OrderCreated`
    #[arg(long = "type", value_name = "TYPE")]
    pub event_type: Option<String>,
    /// Only what was done on behalf of `user:<UUID>` or `service:<name>`
    #[arg(long, value_name = "WHO")]
    pub actor: Option<Actor>,
    /// Only what this request led to
    #[arg(long, value_name = "UUID")]
    pub correlation: Option<Uuid>,
}

impl Filter {
    /// As far as the server can tell.
    pub fn selection(&self) -> Result<Selection, Failure> {
        let no_word = |error: messaging::NotAWord| {
            let given = self.aggregate.iter().chain(&self.event_type).find(|word| !messaging::is_word(word));
            Failure::BadInput(format!("{:?} {error}", given.map_or("", String::as_str)))
        };
        Selection::new(self.aggregate.clone(), self.id, self.event_type.clone()).map_err(no_word)
    }

    pub fn selects(&self, entry: &Entry) -> bool {
        let is_of_actor = self.actor.as_ref().is_none_or(|actor| *actor == entry.actor);
        is_of_actor && self.correlation.is_none_or(|request| request == entry.correlation_id)
    }

    /// Why nothing was found, where what was asked for cannot be found; none where it was only not there.
    pub fn names_nothing(&self) -> Option<Failure> {
        let entries = catalogue();
        if let Some(aggregate) = &self.aggregate
            && !entries.iter().any(|entry| entry.category == *aggregate)
        {
            let mut known: Vec<&str> = entries.iter().map(|entry| entry.category).collect();
            known.dedup();
            let known = known.join(", ");
            return Some(Failure::NotThere(format!("nothing is called {aggregate}: there are {known}")));
        }
        if let Some(event_type) = &self.event_type
            && !entries.iter().any(|entry| entry.example.event_type() == event_type)
        {
            return Some(Failure::NotThere(format!("no event is called {event_type}")));
        }
        let id = self.id.or(self.correlation)?;
        Some(Failure::NotThere(format!("nothing that was asked for goes by the id {id}")))
    }
}

/// The first place on the stream that is not before this moment.
pub async fn place_from(stream: &Stream, moment: Moment) -> Result<u64, Failure> {
    match known(stream, moment).await? {
        Moment::Time(time) => Ok(stream.archive.sequence_at(time).await?),
        Moment::Sequence(sequence) => Ok(sequence),
        Moment::Ago(_) | Moment::Version(_) => Ok(1),
    }
}

/// The first place on the stream that is after this moment.
pub async fn place_behind(stream: &Stream, moment: Moment) -> Result<u64, Failure> {
    match known(stream, moment).await? {
        Moment::Time(time) => {
            Ok(stream.archive.sequence_at(time + std::time::Duration::from_millis(1)).await?)
        }
        Moment::Sequence(sequence) => Ok(sequence.saturating_add(1)),
        Moment::Ago(_) | Moment::Version(_) => Ok(1),
    }
}

/// A time that has come, or a place that is there.
async fn known(stream: &Stream, moment: Moment) -> Result<Moment, Failure> {
    match past::come(stream, moment).await? {
        Moment::Version(version) => Err(Failure::BadInput(format!(
            "v{version} is a version of one aggregate: of the stream, name a time or a place (#{version})"
        ))),
        moment @ (Moment::Sequence(_) | Moment::Time(_) | Moment::Ago(_)) => Ok(moment),
    }
}

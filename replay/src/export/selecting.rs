//! Which part of the stream: read piece by piece, so that it may be longer than memory.

use std::collections::VecDeque;

use history::{HistoryError, Story};
use messaging::{Extent, Numbered, Selection};
use uuid::Uuid;

use super::masking::Mask;
use crate::Failure;
use crate::moment::Moment;
use crate::stream::Stream;
use crate::terminal::Terminal;

/// Messages that are read at a time.
const PART: usize = 1_000;

/// Those of which all that is given is true; everything where nothing is.
#[derive(clap::Args, Clone, Debug, Default)]
#[group(skip)]
pub struct Selecting {
    /// Only this kind of aggregate, such as `order`
    #[arg(long, value_name = "KIND")]
    pub aggregate: Option<String>,
    /// Only the aggregates of this id
    #[arg(long, value_name = "ID")]
    pub id: Option<Uuid>,
    /// Only events of this type, such as `OrderCreated`
    #[arg(long = "type", value_name = "TYPE")]
    pub event_type: Option<String>,
    /// Only what this request led to
    #[arg(long, value_name = "ID")]
    pub correlation: Option<Uuid>,
    /// Only from then on: a time, how long ago, or a place on the stream
    #[arg(long, value_name = "MOMENT")]
    pub since: Option<Moment>,
    /// Only what was stored before then, or stands up to this place
    #[arg(long, value_name = "MOMENT")]
    pub until: Option<Moment>,
    /// All that belongs to one matter: an order, a ticket, a user, a request
    #[arg(
        long,
        value_name = "ID",
        conflicts_with_all = ["aggregate", "id", "event_type", "correlation", "since", "until"]
    )]
    pub story: Option<Uuid>,
}

/// What was selected, message by message.
pub struct Selected {
    stream: Stream,
    source: Source,
    correlation: Option<Uuid>,
    /// The first and the last place that are meant.
    from: u64,
    end: u64,
    /// Up to here it was read.
    position: u64,
    is_whole: bool,
}

enum Source {
    Stream { selection: Selection, waiting: VecDeque<Numbered>, is_read: bool },
    Places(VecDeque<u64>),
}

impl Selecting {
    pub async fn open(&self, stream: &Stream, terminal: &Terminal) -> Result<Selected, Failure> {
        if let Some(id) = self.story {
            return of_story(id, stream, terminal).await;
        }
        let selection = Selection::new(self.aggregate.clone(), self.id, self.event_type.clone())
            .map_err(|error| Failure::BadInput(format!("a kind or type of event {error}")))?;
        let from = match self.since {
            Some(since) => place(stream, since).await?,
            None => 1,
        };
        let last = stream.archive.state().await?.last_sequence;
        let end = match self.until {
            Some(Moment::Sequence(until)) => until.min(last),
            Some(until) => place(stream, until).await?.saturating_sub(1).min(last),
            None => last,
        };
        Ok(Selected {
            stream: stream.clone(),
            source: Source::Stream { selection, waiting: VecDeque::new(), is_read: false },
            correlation: self.correlation,
            from,
            end,
            position: from.saturating_sub(1),
            is_whole: true,
        })
    }

    /// For the head of a file; none for everything.
    pub fn in_words(&self, mask: Option<&Mask>) -> Option<String> {
        // Whose id it is does not show: it may be a person's, and is masked as one.
        let id = |id: &Uuid| mask.map_or(*id, |mask| mask.person(*id)).to_string();
        let mut words = Vec::new();
        words.extend(self.aggregate.iter().map(|kind| format!("aggregate {kind}")));
        words.extend(self.id.iter().map(|of| format!("id {}", id(of))));
        words.extend(self.event_type.iter().map(|event_type| format!("type {event_type}")));
        words.extend(self.correlation.iter().map(|of| format!("correlation {}", id(of))));
        words.extend(self.since.iter().map(|moment| format!("since {}", in_words(*moment))));
        words.extend(self.until.iter().map(|moment| format!("until {}", in_words(*moment))));
        words.extend(self.story.iter().map(|of| format!("story {}", id(of))));
        (!words.is_empty()).then(|| words.join(", "))
    }
}

fn in_words(moment: Moment) -> String {
    match moment {
        Moment::Time(time) => time.to_string(),
        Moment::Ago(ago) => format!("{} s ago", ago.as_secs()),
        Moment::Sequence(sequence) => format!("#{sequence}"),
        Moment::Version(version) => format!("v{version}"),
    }
}

/// Where on the stream a moment is: the first place that is then or later.
pub async fn place(stream: &Stream, moment: Moment) -> Result<u64, Failure> {
    match moment.not_in_the_future(stream.runtime.now())? {
        Moment::Sequence(sequence) => Ok(sequence.max(1)),
        Moment::Time(time) => Ok(stream.archive.sequence_at(time).await?),
        Moment::Ago(_) | Moment::Version(_) => Err(Failure::BadInput(
            "a version is of one aggregate: write a time, how long ago, or a place on the stream (#1234)"
                .to_owned(),
        )),
    }
}

async fn of_story(id: Uuid, stream: &Stream, terminal: &Terminal) -> Result<Selected, Failure> {
    let story = match stream.history.story(id).await {
        // Only what belongs to a request is not known before the stream was read.
        Err(HistoryError::NotReadYet) => {
            stream.index(terminal).await?;
            stream.history.story(id).await?
        }
        told => told?,
    };
    let Some(Story { told, is_whole, .. }) = story else {
        return Err(Failure::NotThere(format!("nothing happened under the id {id}")));
    };
    let mut places: Vec<u64> = told.iter().map(|told| told.entry.sequence).collect();
    places.sort_unstable();
    Ok(Selected {
        stream: stream.clone(),
        from: 1,
        end: places.len() as u64,
        source: Source::Places(places.into()),
        correlation: None,
        position: 0,
        is_whole,
    })
}

impl Selected {
    /// The next one; none where there are no more.
    pub async fn next(&mut self) -> Result<Option<Numbered>, Failure> {
        loop {
            let next = match &mut self.source {
                Source::Places(places) => {
                    let Some(sequence) = places.pop_front() else { return Ok(None) };
                    self.position += 1;
                    let stored = self.stream.archive.get(sequence).await?;
                    stored.map(|stored| Numbered { sequence, stored })
                }
                Source::Stream { selection, waiting, is_read } => {
                    if waiting.is_empty() && !*is_read {
                        let from = (self.position + 1).max(1);
                        let part = self.stream.archive.part(selection, from, PART, Extent::Whole).await?;
                        *is_read = part.len() < PART || self.position >= self.end;
                        waiting.extend(part);
                    }
                    let Some(next) = waiting.pop_front() else { return Ok(None) };
                    if next.sequence > self.end {
                        return Ok(None);
                    }
                    self.position = next.sequence;
                    Some(next)
                }
            };
            let is_meant = |numbered: &Numbered| {
                self.correlation.is_none() || numbered.stored.parcel.correlation_id() == self.correlation
            };
            if let Some(numbered) = next.filter(is_meant) {
                return Ok(Some(numbered));
            }
        }
    }

    /// How many places there are to go through.
    pub fn length(&self) -> u64 {
        (self.end + 1).saturating_sub(self.from)
    }

    /// How many of them were gone through.
    pub fn position(&self) -> u64 {
        (self.position + 1).saturating_sub(self.from)
    }

    /// False where one story did not tell all of it.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }
}

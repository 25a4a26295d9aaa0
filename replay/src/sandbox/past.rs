//! A recorded history as it is replayed: each event with its name, its cause, and the time it was decided at.

use std::collections::BTreeMap;
use std::fmt;

use contracts::Timestamp;
use history::Entry;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::Failure;

/// Which event it is, whoever replays it: event ids are made anew each time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Name {
    pub category: String,
    pub aggregate_id: Uuid,
    #[serde(rename = "type")]
    pub event_type: String,
    /// The first of its type in its aggregate is 1.
    pub nth: u64,
}

/// Numbers events by their names.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(BTreeMap<(String, Uuid, String), u64>);

/// An event that was recorded.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    pub entry: Entry,
    pub name: Name,
    /// What it is replayed at: never before its cause, nor before what its aggregate said earlier.
    pub moment: Timestamp,
    /// What the clock of its service said when it was decided.
    pub clock: Timestamp,
}

/// What is replayed.
#[derive(Clone, Debug, Default)]
pub(super) struct Past {
    /// What the aggregates said before; it is taken as it was.
    pub before: Vec<Entry>,
    /// In the stream's order.
    pub events: Vec<Recorded>,
    by_id: BTreeMap<Uuid, usize>,
    by_name: BTreeMap<Name, usize>,
    effects: BTreeMap<Uuid, Vec<usize>>,
    /// By the id of their aggregate; an order's payment goes by the order's.
    under: BTreeMap<Uuid, Vec<usize>>,
    /// Of all that is known, by its id.
    names: BTreeMap<Uuid, Name>,
}

/// Where the history of each aggregate ends, as far as it was gone through.
type Ends = BTreeMap<(String, Uuid), (u64, Timestamp)>;

impl Past {
    /// Both in the stream's order. Fails where an aggregate's history does not begin at its beginning.
    pub(super) fn new(before: Vec<Entry>, entries: Vec<Entry>) -> Result<Self, Failure> {
        Self::of(before, entries, follows)
    }

    fn of(
        before: Vec<Entry>,
        entries: Vec<Entry>,
        follows: impl Fn(&Ends, &Entry) -> Result<(), Failure>,
    ) -> Result<Self, Failure> {
        let mut past = Self { before, ..Self::default() };
        let mut names = Names::default();
        let mut ends = Ends::new();
        for entry in &past.before {
            past.names.insert(entry.event_id, names.of(entry));
            follows(&ends, entry)?;
            ends.insert((entry.category.clone(), entry.aggregate_id), (entry.version, entry.at));
        }
        for entry in entries {
            follows(&ends, &entry)?;
            let name = names.of(&entry);
            let clock = decided_at(&entry);
            let cause = past.by_id.get(&entry.causation_id).map(|number| past.events[*number].moment);
            let earlier = ends.get(&(entry.category.clone(), entry.aggregate_id)).map(|(_, moment)| *moment);
            let moment = cause.into_iter().chain(earlier).fold(clock, Timestamp::max);
            ends.insert((entry.category.clone(), entry.aggregate_id), (entry.version, moment));
            let number = past.events.len();
            past.by_id.insert(entry.event_id, number);
            past.names.insert(entry.event_id, name.clone());
            past.by_name.insert(name.clone(), number);
            past.under.entry(entry.aggregate_id).or_default().push(number);
            past.effects.entry(entry.causation_id).or_default().push(number);
            past.events.push(Recorded { entry, name, moment, clock });
        }
        Ok(past)
    }

    /// Of inputs alone: what follows from them is not there yet, so versions have holes.
    #[cfg(test)]
    pub(super) fn made_up(entries: Vec<Entry>) -> Self {
        Self::of(Vec::new(), entries, |_, _| Ok(())).unwrap_or_default()
    }

    pub(super) fn by_id(&self, event_id: Uuid) -> Option<usize> {
        self.by_id.get(&event_id).copied()
    }

    pub(super) fn by_name(&self, name: &Name) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// What was said under this id, with its place in the history.
    pub(super) fn under(&self, id: Uuid) -> impl DoubleEndedIterator<Item = (usize, &Recorded)> {
        let numbers = self.under.get(&id).map_or(&[][..], Vec::as_slice);
        numbers.iter().map(|number| (*number, &self.events[*number]))
    }

    /// What the payment of this order said.
    pub(super) fn of_payment(&self, order_id: Uuid) -> impl DoubleEndedIterator<Item = (usize, &Recorded)> {
        self.under(order_id).filter(|(_, recorded)| recorded.entry.category == "payment")
    }

    /// The name of the event that was recorded under this id.
    pub(super) fn name_of(&self, event_id: Uuid) -> Option<&Name> {
        self.names.get(&event_id)
    }

    /// What this service did about the event of this id.
    pub(super) fn effects(&self, event_id: Uuid, service: &str) -> impl Iterator<Item = usize> {
        let effects = self.effects.get(&event_id).map_or(&[][..], Vec::as_slice);
        effects.iter().copied().filter(move |number| self.events[*number].entry.service == Some(service))
    }

    /// Whether one follows from the other, over however many.
    pub(super) fn follows_from(&self, later: usize, earlier: usize) -> bool {
        let mut at = later;
        while let Some(cause) = self.led_to(at).filter(|cause| *cause < at) {
            if cause == earlier {
                return true;
            }
            at = cause;
        }
        false
    }

    /// Its cause; for what a buyer or the cards said of a payment, what they were asked, or had seen.
    fn led_to(&self, number: usize) -> Option<usize> {
        let entry = &self.events[number].entry;
        let asked: &[&str] = match entry.event_type.as_str() {
            "ChargeCreated" | "CaptureFailed" => &["CaptureRequested"],
            "PaymentVoided" => &["VoidRequested"],
            "PaymentIntentCreated" | "PaymentAuthorized" | "PaymentDeclined" | "PaymentActionRequired" => {
                &["AuthorizationRequested", "PaymentIntentRequested"]
            }
            _ => &[],
        };
        let is_asked =
            |earlier: &Recorded| asked.is_empty() || asked.contains(&earlier.entry.event_type.as_str());
        let is_payment = entry.category == "payment";
        let asked = || {
            let mut earlier = self.of_payment(entry.aggregate_id).rev().filter(|(at, _)| *at < number);
            earlier.find(|(_, earlier)| is_asked(earlier)).filter(|_| is_payment).map(|(at, _)| at)
        };
        self.by_id(entry.causation_id).or_else(asked)
    }

    /// When the last of it was said.
    pub(super) fn ends_at(&self) -> Timestamp {
        self.events.iter().map(|recorded| recorded.moment).max().unwrap_or_default()
    }
}

/// Whether an event is the one behind those that are known of its aggregate.
fn follows(ends: &Ends, entry: &Entry) -> Result<(), Failure> {
    let Entry { category, aggregate_id, version, .. } = entry;
    let next = ends.get(&(category.clone(), *aggregate_id)).map_or(1, |(last, _)| last + 1);
    if *version == next {
        return Ok(());
    }
    Err(Failure::NotThere(format!(
        "the history of {category} {aggregate_id} cannot be replayed: it holds version {version} where version {next} \
         has to stand"
    )))
}

/// Some events say themselves what the clock said; the others were recorded a moment after.
fn decided_at(entry: &Entry) -> Timestamp {
    let said = match entry.event_type.as_str() {
        "SellerBanned" | "BuyerBanned" => "heard_at",
        "TicketAdmitted" => "admitted_at",
        "UserBanned" => "banned_at",
        _ => return entry.at,
    };
    let said = entry.data.get(said).and_then(Value::as_str).and_then(|text| text.parse().ok());
    said.unwrap_or(entry.at)
}

impl Names {
    pub(super) fn of(&mut self, entry: &Entry) -> Name {
        self.next(&entry.category, entry.aggregate_id, &entry.event_type)
    }

    pub(super) fn next(&mut self, category: &str, aggregate_id: Uuid, event_type: &str) -> Name {
        let nth = self.0.entry((category.to_owned(), aggregate_id, event_type.to_owned())).or_default();
        *nth += 1;
        Name { category: category.to_owned(), aggregate_id, event_type: event_type.to_owned(), nth: *nth }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { category, aggregate_id, event_type, nth } = self;
        write!(formatter, "{event_type}")?;
        if *nth > 1 {
            write!(formatter, " ({nth})")?;
        }
        write!(formatter, " of {category} {}", short(*aggregate_id))
    }
}

/// As much of an id as tells it from the others: the end, for ids of one moment begin alike.
pub(super) fn short(id: Uuid) -> String {
    let text = id.simple().to_string();
    format!("…{}", &text[text.len() - 6..])
}

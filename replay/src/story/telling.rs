//! A story made ready to be shown: its lanes, where each event stands, why it happened, and who is who.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use eventsourcing::Actor;
use history::{Entry, Story, Told};
use uuid::Uuid;

use crate::events::{data, lasting, short};

/// From left to right, so that most arrows are short.
const SERVICES: [&str; 5] = ["auth", "tickets", "orders", "payments", "expiration"];
/// Of an event that nobody is known to say.
const UNKNOWN: &str = "unknown";

/// Ready to be shown.
#[derive(Clone, Debug)]
pub struct Telling {
    pub id: Uuid,
    pub kind: String,
    pub is_whole: bool,
    pub lanes: Vec<Lane>,
    /// Each behind its cause.
    pub rows: Vec<Row>,
    /// Whatever else has an id here: people, aggregates, requests.
    pub names: Vec<(String, Uuid)>,
}

/// A service, or, first of all, the people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    pub name: String,
    /// None of people.
    pub service: Option<&'static str>,
}

#[derive(Clone, Debug)]
pub struct Row {
    pub entry: Entry,
    /// By its place among the lanes.
    pub lane: usize,
    pub because: Because,
    /// Of which aggregate it is, where several of its kind are told of.
    pub whose: Option<Uuid>,
    /// After the first event, by the clocks of who spoke.
    pub offset_ms: i64,
}

/// Why an event was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// Of another, by its row.
    Event(usize),
    /// Somebody asked for it; in the first lane.
    Person(String),
    /// Its service did by itself what was due since the aggregate said this, by its row: it called the card processor,
    /// or looked at the time.
    Due(usize),
    /// What is not told here.
    Elsewhere,
}

impl Telling {
    pub fn of(id: Uuid, story: Story) -> Self {
        let Story { kind, told, is_whole } = story;
        let people = People::of(&told);
        let lanes = lanes(&told, &people);
        let begun_at = told.first().map_or(0, |first| first.entry.at.as_millis());
        let mut last_of_aggregate: BTreeMap<(String, Uuid), usize> = BTreeMap::new();
        let several = several(&told);
        let mut rows = Vec::with_capacity(told.len());
        for (number, Told { entry, cause }) in told.into_iter().enumerate() {
            let aggregate = (entry.category.clone(), entry.aggregate_id);
            let before = last_of_aggregate.insert(aggregate, number);
            let because = match (cause, &entry.actor, before) {
                (Some(cause), ..) => Because::Event(cause),
                (None, Actor::User(user), _) => Because::Person(people.role(user.0)),
                (None, Actor::Service(_), Some(before)) => Because::Due(before),
                (None, Actor::Service(_), None) => Because::Elsewhere,
            };
            let lane = lanes.iter().position(|lane| lane.name == service_of(&entry)).unwrap_or_default();
            let offset_ms = entry.at.as_millis() - begun_at;
            let whose = Some(entry.aggregate_id).filter(|_| several.contains(&entry.category));
            rows.push(Row { entry, lane, because, whose, offset_ms });
        }
        let names = names(id, &rows, &people);
        Self { id, kind, is_whole, lanes, rows, names }
    }

    /// Where the cause of a row stands: its lane, and its row where it is an event.
    pub fn origin(&self, row: &Row) -> Option<(usize, Option<usize>)> {
        match &row.because {
            Because::Event(cause) | Because::Due(cause) => {
                self.rows.get(*cause).map(|other| (other.lane, Some(*cause)))
            }
            Because::Person(_) => Some((0, None)),
            Because::Elsewhere => None,
        }
    }

    /// In a few words.
    pub fn headline(&self) -> String {
        let events = counted(self.rows.len(), "event");
        let services = counted(self.lanes.iter().filter(|lane| lane.service.is_some()).count(), "service");
        let last = self.rows.iter().map(|row| row.offset_ms).max().unwrap_or_default();
        let lasted = lasting(Duration::from_millis(last.unsigned_abs()));
        format!("{events} of {services} in {lasted}")
    }
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// `+0.120 s`, `+3:02.007`, `+5:10:02`, `+2d 04h`; what was said before the first by another clock is below zero.
pub fn offset(offset_ms: i64) -> String {
    let sign = if offset_ms < 0 { '-' } else { '+' };
    let millis = offset_ms.unsigned_abs();
    let (seconds, rest) = (millis / 1_000, millis % 1_000);
    match seconds {
        0..60 => format!("{sign}{seconds}.{rest:03} s"),
        60..3_600 => format!("{sign}{}:{:02}.{rest:03}", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{sign}{}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60),
        _ => format!("{sign}{}d {:02}h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

/// Who takes part, and as what.
struct People {
    buyers: BTreeSet<Uuid>,
    sellers: BTreeSet<Uuid>,
    actors: BTreeSet<Uuid>,
}

impl People {
    fn of(told: &[Told]) -> Self {
        let named = |field: &str| told.iter().filter_map(|told| told.entry.names(field)).collect();
        let actor = |told: &Told| match &told.entry.actor {
            Actor::User(user) => Some(user.0),
            Actor::Service(_) => None,
        };
        let actors = told.iter().filter(|told| told.cause.is_none()).filter_map(actor).collect();
        Self { buyers: named("buyer_id"), sellers: named("seller_id"), actors }
    }

    fn role(&self, person: Uuid) -> String {
        let role = match (self.buyers.contains(&person), self.sellers.contains(&person)) {
            (true, false) => "buyer",
            (false, true) => "seller",
            (true, true) | (false, false) => "user",
        };
        role.to_owned()
    }
}

/// The kinds of which there is more than one.
fn several(told: &[Told]) -> BTreeSet<String> {
    let mut of_kind: BTreeMap<&str, BTreeSet<Uuid>> = BTreeMap::new();
    for Told { entry, .. } in told {
        of_kind.entry(&entry.category).or_default().insert(entry.aggregate_id);
    }
    of_kind.into_iter().filter(|(_, ids)| ids.len() > 1).map(|(kind, _)| kind.to_owned()).collect()
}

fn service_of(entry: &Entry) -> &str {
    entry.service.unwrap_or(UNKNOWN)
}

fn lanes(told: &[Told], people: &People) -> Vec<Lane> {
    let mut lanes = Vec::new();
    let roles: BTreeSet<String> = people.actors.iter().map(|person| people.role(*person)).collect();
    if let Some(role) = roles.first() {
        let name =
            if roles.len() == 1 && people.actors.len() == 1 { role.clone() } else { "people".to_owned() };
        lanes.push(Lane { name, service: None });
    }
    for service in SERVICES {
        if told.iter().any(|told| told.entry.service == Some(service)) {
            lanes.push(Lane { name: service.to_owned(), service: Some(service) });
        }
    }
    // Said by nobody that this build knows of.
    if told.iter().any(|told| told.entry.service.is_none_or(|service| !SERVICES.contains(&service))) {
        lanes.push(Lane { name: UNKNOWN.to_owned(), service: Some(UNKNOWN) });
    }
    lanes
}

fn names(id: Uuid, rows: &[Row], people: &People) -> Vec<(String, Uuid)> {
    let mut names: Vec<(String, Uuid)> = Vec::new();
    let mut name = |what: &str, id: Uuid| {
        let name = (what.to_owned(), id);
        if !names.contains(&name) {
            names.push(name);
        }
    };
    for row in rows {
        // What goes by the order's id is the order's.
        if row.entry.aggregate_id != id
            && matches!(row.entry.category.as_str(), "order" | "ticket" | "user" | "session")
        {
            name(&row.entry.category, row.entry.aggregate_id);
        }
        for ticket in row.entry.names("ticket_id").into_iter().filter(|ticket| *ticket != id) {
            name("ticket", ticket);
        }
    }
    for person in people.buyers.iter().chain(&people.sellers).chain(&people.actors) {
        if *person != id {
            name(&people.role(*person), *person);
        }
    }
    for row in rows.iter().filter(|row| matches!(row.because, Because::Person(_))) {
        if row.entry.correlation_id != id {
            name("request", row.entry.correlation_id);
        }
    }
    names
}

/// Of which aggregate a row is, where that is not plain, and what it says.
pub fn said(row: &Row) -> String {
    let parts = [row.whose.map(short), Some(data(&row.entry.data))];
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// How a cause is told behind an event.
pub fn because(telling: &Telling, row: &Row) -> String {
    let place = |row: &usize| telling.rows.get(*row).map_or(0, |cause| cause.entry.sequence);
    match &row.because {
        Because::Event(cause) => format!("← #{}", place(cause)),
        Because::Person(role) => format!("← {role}"),
        Because::Due(cause) => format!("after #{}", place(cause)),
        Because::Elsewhere => format!("← {}", short(row.entry.causation_id)),
    }
}

#[cfg(test)]
mod tests {
    use super::offset;

    #[test]
    fn how_long_it_took_is_told_as_finely_as_it_matters() {
        let told = [0, 1_204, 59_999, 182_007, 18_600_000, 187_200_000, -90].map(offset);
        assert_eq!(
            told,
            ["+0.000 s", "+1.204 s", "+59.999 s", "+3:02.007", "+5:10:00", "+2d 04h", "-0.090 s"]
        );
    }
}

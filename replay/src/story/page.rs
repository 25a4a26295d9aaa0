//! A story as one HTML page that asks nobody for anything: it can be sent, kept, and read by everybody.

use askama::Template;

use super::person::Belongings;
use super::telling::{Because, Row, Telling, because, offset, said};
use crate::Failure;
use crate::events::cut;

/// From one lane to the next, in the drawing's own units.
const STEP: usize = 28;
/// What is folded in says so much of itself.
const SUMMARY: usize = 90;

#[derive(Template)]
#[template(path = "story.html")]
struct Page<'a> {
    telling: &'a Telling,
    headline: String,
    lanes: Vec<Drawn>,
    width: usize,
    rows: Vec<Told>,
    belongings: &'a Belongings,
}

struct Drawn {
    name: String,
    /// Of its colour in the sheet.
    class: &'static str,
    x: usize,
}

struct Told {
    sequence: u64,
    event_type: String,
    aggregate: String,
    aggregate_id: String,
    version: u64,
    service: String,
    class: &'static str,
    offset: String,
    at: String,
    actor: String,
    cause: String,
    /// Of the row that it can be looked up in.
    cause_place: Option<u64>,
    x: usize,
    /// From where an arrow comes.
    from: Option<usize>,
    /// Where it ends, beside the event, and the two points behind its head.
    head: usize,
    barb: usize,
    summary: String,
    data: String,
    request: String,
}

pub fn page(telling: &Telling, belongings: &Belongings) -> Result<String, Failure> {
    let place = |lane: usize| lane * STEP + STEP / 2;
    let lanes = telling.lanes.iter().enumerate();
    let lanes = lanes.map(|(number, lane)| Drawn {
        name: lane.name.clone(),
        class: class(lane.service),
        x: place(number),
    });
    let page = Page {
        telling,
        headline: telling.headline(),
        lanes: lanes.collect(),
        width: telling.lanes.len() * STEP,
        rows: telling.rows.iter().map(|row| told(telling, row)).collect(),
        belongings,
    };
    page.render().map_err(|error| Failure::File(format!("the page could not be made: {error}")))
}

fn told(telling: &Telling, row: &Row) -> Told {
    let entry = &row.entry;
    let place = |lane: usize| lane * STEP + STEP / 2;
    let x = place(row.lane);
    let is_told = matches!(row.because, Because::Event(_) | Because::Person(_));
    let origin = telling.origin(row);
    let from = origin.map(|(lane, _)| place(lane)).filter(|from| is_told && *from != x);
    let comes_from_left = from.is_some_and(|from| from < x);
    let (head, barb) = if comes_from_left { (x - 6, x - 12) } else { (x + 6, x + 12) };
    let cause_place =
        origin.and_then(|(_, cause)| telling.rows.get(cause?)).map(|cause| cause.entry.sequence);
    Told {
        sequence: entry.sequence,
        event_type: entry.event_type.clone(),
        aggregate: entry.category.clone(),
        aggregate_id: entry.aggregate_id.to_string(),
        version: entry.version,
        service: telling.lanes.get(row.lane).map(|lane| lane.name.clone()).unwrap_or_default(),
        class: class(entry.service),
        offset: offset(row.offset_ms),
        at: entry.at.to_string(),
        actor: entry.actor.to_string(),
        cause: because(telling, row).replace("← ", ""),
        cause_place,
        x,
        from,
        head,
        barb,
        summary: cut(&said(row), SUMMARY),
        data: serde_json::to_string_pretty(&entry.data).unwrap_or_default(),
        request: entry.correlation_id.to_string(),
    }
}

fn class(service: Option<&str>) -> &'static str {
    match service {
        None => "people",
        Some("auth") => "auth",
        Some("tickets") => "tickets",
        Some("orders") => "orders",
        Some("payments") => "payments",
        Some("expiration") => "expiration",
        Some(_) => "unknown",
    }
}

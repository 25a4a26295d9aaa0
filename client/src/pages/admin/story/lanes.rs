//! Where each event of a story stands and how the line from its cause runs: a row for each event, a column for each
//! service. It depends on nothing but the story, so the same story is always drawn alike.

use std::time::Duration;

/// Left of all lanes, for the time since the beginning. This and what follows is in units of the drawing: CSS pixels.
const MARGIN: u32 = 76;
const LANE: u32 = 166;
/// For the longest name in the last lane.
const NAME: u32 = 172;
/// For the names of the lanes.
const TOP: u32 = 48;
const ROW: u32 = 36;
const RADIUS: u32 = 6;
/// Between an event and its name.
const GAP: u32 = 14;
/// How far a line bends out that passes others of its own lane.
const BEND: u32 = 28;
/// A line ends before the event, so that its point is seen.
const POINT: u32 = RADIUS + 3;
/// A pause that is as long is said, and has room.
const PAUSE: Duration = Duration::from_secs(1);
const PAUSE_ROOM: u32 = 28;

/// One event, as it is told.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub lane: usize,
    pub name: String,
    /// Since the story began.
    pub since: Duration,
    /// Where its cause stands among the steps.
    pub cause: Option<usize>,
    /// Where what its aggregate said before stands.
    pub before: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Drawing {
    pub width: u32,
    pub height: u32,
    pub lanes: Vec<Lane>,
    pub nodes: Vec<Node>,
    /// From causes to what came of them, as SVG writes paths.
    pub lines: Vec<String>,
    /// To what nothing in the story caused, from what its aggregate said before.
    pub lives: Vec<String>,
    pub pauses: Vec<Pause>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lane {
    pub x: u32,
    pub name: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    /// In the story, from 1 on.
    pub number: usize,
    pub x: u32,
    pub y: u32,
    pub name: String,
    pub name_x: u32,
    /// On which side of its name the event stands, as SVG says it.
    pub anchor: &'static str,
    pub since: String,
    /// Whether nothing in the story caused it: a request did.
    pub is_beginning: bool,
}

/// A long time in which nothing was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pause {
    pub y: u32,
    pub lasted: String,
}

#[derive(Clone, Copy)]
struct Place {
    x: u32,
    y: u32,
    lane: usize,
}

pub(super) fn draw(names: &[&'static str], steps: &[Step], written: impl Fn(Duration) -> String) -> Drawing {
    let lanes: Vec<_> = names.iter().zip(0..).map(|(name, lane)| Lane { x: column(lane), name }).collect();
    let mut drawing = Drawing {
        width: lanes.last().map_or(0, |lane| lane.x) + GAP + NAME,
        height: 0,
        lanes,
        nodes: Vec::new(),
        lines: Vec::new(),
        lives: Vec::new(),
        pauses: Vec::new(),
    };
    let mut places: Vec<Place> = Vec::new();
    let mut y = TOP;
    let mut reached = Duration::ZERO;
    for (step, number) in steps.iter().zip(1..) {
        let waited = step.since.saturating_sub(reached);
        reached = reached.max(step.since);
        if waited >= PAUSE {
            y += PAUSE_ROOM;
            drawing.pauses.push(Pause { y: y - ROW / 2, lasted: written(waited) });
        }
        let place = Place { x: column(u32::try_from(step.lane).unwrap_or(0)), y, lane: step.lane };
        // What causes something stands above it.
        let standing = |place: Option<usize>| place.and_then(|place| places.get(place)).copied();
        let cause = standing(step.cause);
        if let Some(cause) = cause {
            drawing.lines.push(line(cause, place, &places));
        } else if let Some(before) = standing(step.before) {
            drawing.lives.push(line(before, place, &places));
        }
        let is_left = cause.is_some_and(|cause| cause.x > place.x) && step.lane > 0;
        let (name_x, anchor) = if is_left { (place.x - GAP, "end") } else { (place.x + GAP, "start") };
        drawing.nodes.push(Node {
            number,
            x: place.x,
            y,
            name: step.name.clone(),
            name_x,
            anchor,
            since: written(step.since),
            is_beginning: cause.is_none(),
        });
        places.push(place);
        y += ROW;
    }
    drawing.height = y;
    drawing
}

fn column(lane: u32) -> u32 {
    MARGIN + BEND + lane * LANE
}

/// To another lane it leaves downwards and arrives from the side, where nothing else stands in that row. In its own it
/// goes straight down, or around those that stand between.
fn line(cause: Place, place: Place, before: &[Place]) -> String {
    let (from, to) = (cause.y + RADIUS, place.y - RADIUS);
    if cause.lane != place.lane {
        let end = if cause.x < place.x { place.x - POINT } else { place.x + POINT };
        return format!("M{} {from}Q{} {} {end} {}", cause.x, cause.x, place.y, place.y);
    }
    let is_between = |other: &Place| other.lane == place.lane && other.y > cause.y && other.y < place.y;
    if before.iter().any(is_between) {
        let (side, out) = (place.x - RADIUS, place.x - BEND);
        return format!(
            "M{side} {}C{out} {} {out} {} {} {}",
            cause.y,
            cause.y + ROW / 2,
            place.y - ROW / 2,
            place.x - POINT,
            place.y
        );
    }
    format!("M{} {from}V{}", place.x, to - (POINT - RADIUS))
}

#[cfg(test)]
mod tests;

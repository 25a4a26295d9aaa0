//! One matter over all services: drawn as lanes, and told event by event.

mod lanes;
mod lapse;

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use contracts::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use super::event::Event;
use super::{frame, short};
use crate::api::Story;
use crate::frame::{Frame, Page};
use crate::locale::Locale;
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::Admin;
use lanes::{Drawing, Step, draw};

/// From left to right: first who says who somebody is, last who takes the money.
const SERVICES: [&str; 5] = ["auth", "tickets", "orders", "expiration", "payments"];
/// The lane of what nobody is known to say.
const OTHERS: &str = "?";
/// What stands further down is told, not drawn.
const DRAWN: usize = 300;

#[derive(Template)]
#[template(path = "admin/story.html")]
struct StoryPage {
    frame: Frame,
    area: &'static str,
    id: String,
    /// Nothing where nothing happened under this id.
    matter: Option<Matter>,
    /// Whether what was typed is no id at all.
    is_fault: bool,
}

struct Matter {
    count: String,
    moment: String,
    begun_at: Timestamp,
    lasted: String,
    is_whole: bool,
    is_drawn_whole: bool,
    drawing: Drawing,
    told: Vec<Told>,
    others: Vec<Other>,
}

/// One event, by its place in the story.
struct Told {
    number: usize,
    event: Event,
    /// Since the story began.
    since: String,
    /// What it came of, if that is part of the story: its number and type.
    cause: Option<(usize, String)>,
    /// What its aggregate said before, likewise.
    before: Option<(usize, String)>,
}

/// A matter that this one touches.
struct Other {
    aggregate: String,
    id: Uuid,
    short: String,
}

/// What was asked for by a form.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    id: String,
}

/// From the form, to where the story is told.
pub(crate) async fn find(
    State(site): State<Site>,
    Admin(visitor): Admin,
    Query(asked): Query<Asked>,
) -> Response {
    let id = asked.id.trim();
    if let Ok(id) = id.parse::<Uuid>() {
        return Redirect::to(&format!("/admin/story/{id}")).into_response();
    }
    let frame = frame(&site, visitor.clone(), visitor.locale.say("story-of-what"));
    let is_fault = !id.is_empty();
    let page = Page(StoryPage { frame, area: "live", id: asked.id, matter: None, is_fault });
    if is_fault { page.refused() } else { page.into_response() }
}

pub(crate) async fn tell(
    State(site): State<Site>,
    Admin(visitor): Admin,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let uuid: Uuid = id.parse().map_err(|_| Trouble::NotFound)?;
    let (locale, id) = (visitor.locale, uuid.to_string());
    let story = match site.api().as_caller(&visitor.caller).story(uuid).await {
        Ok(story) => Some(story),
        Err(failure) if failure.status() == StatusCode::NOT_FOUND => None,
        Err(failure) => return Err(failure.into()),
    };
    let Some(story) = story else {
        let frame = frame(&site, visitor, locale.say("story-none"));
        let page = StoryPage { frame, area: "live", id, matter: None, is_fault: false };
        let mut response = Page(page).into_response();
        *response.status_mut() = StatusCode::NOT_FOUND;
        return Ok(response);
    };
    let title = locale.find(&format!("story-of-{}", story.kind));
    let title = title.unwrap_or_else(|| locale.say_with("story-of-other", &[("kind", story.kind.clone())]));
    let frame = frame(&site, visitor, title);
    let matter = Some(Matter::of(uuid, &story, locale));
    Ok(Page(StoryPage { frame, area: "live", id, matter, is_fault: false }).into_response())
}

impl Matter {
    fn of(id: Uuid, story: &Story, locale: &Locale) -> Self {
        // Clocks of several services need not agree, and causes come first.
        let begun_at = story.events.iter().map(|told| told.entry.at).min().unwrap_or_default();
        let ended_at = story.events.iter().map(|told| told.entry.at).max().unwrap_or_default();
        let since = |at: Timestamp| lapse::written(at.since(begun_at), locale);
        let before = before(story);
        let named = |place: usize| Some((place + 1, story.events.get(place)?.entry.r#type.clone()));
        let told = story.events.iter().enumerate().map(|(place, told)| Told {
            number: place + 1,
            event: Event::of(&told.entry),
            since: since(told.entry.at),
            cause: told.cause.and_then(named),
            before: before[place].and_then(named),
        });
        Self {
            count: locale.count("story-count", story.events.len()),
            moment: locale.customs.moment(begun_at),
            begun_at,
            lasted: since(ended_at),
            is_whole: story.is_whole,
            is_drawn_whole: story.events.len() <= DRAWN,
            drawing: drawing(story, &before, begun_at, locale),
            told: told.collect(),
            others: others(id, story),
        }
    }
}

/// For each event, where the one stands that its aggregate said before.
fn before(story: &Story) -> Vec<Option<usize>> {
    let mut latest = BTreeMap::new();
    let aggregates = story.events.iter().map(|told| (told.entry.aggregate.as_str(), told.entry.aggregate_id));
    aggregates.enumerate().map(|(place, aggregate)| latest.insert(aggregate, place)).collect()
}

/// A lane for each service, also where it said nothing: that says something.
fn drawing(story: &Story, before: &[Option<usize>], begun_at: Timestamp, locale: &Locale) -> Drawing {
    let lane_of = |service: Option<&str>| {
        SERVICES.iter().position(|lane| Some(*lane) == service).unwrap_or(SERVICES.len())
    };
    let steps = story.events.iter().zip(before).take(DRAWN).map(|(told, before)| Step {
        lane: lane_of(told.entry.service.as_deref()),
        name: told.entry.r#type.clone(),
        since: told.entry.at.since(begun_at),
        cause: told.cause,
        before: *before,
    });
    let steps: Vec<_> = steps.collect();
    let mut lanes = SERVICES.to_vec();
    if steps.iter().any(|step| step.lane == SERVICES.len()) {
        lanes.push(OTHERS);
    }
    draw(&lanes, &steps, |lapse| lapse::written(lapse, locale))
}

/// The aggregates that said something in it and go by another id, in the order in which they did.
fn others(id: Uuid, story: &Story) -> Vec<Other> {
    let mut seen = BTreeSet::from([id]);
    let entries = story.events.iter().map(|told| &told.entry);
    let others = entries.filter(|entry| seen.insert(entry.aggregate_id)).map(|entry| Other {
        aggregate: entry.aggregate.clone(),
        id: entry.aggregate_id,
        short: short(entry.aggregate_id),
    });
    others.take(12).collect()
}

#[cfg(test)]
mod tests;

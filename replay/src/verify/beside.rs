//! What services keep beside their aggregates: events that were moved aside, timers, and dead letters.

use std::collections::{BTreeMap, BTreeSet};

use contracts::Timestamp;
use expiration::Timer;
use mongodb::Database;
use mongodb::bson::{Document, doc};
use redis::aio::MultiplexedConnection;
use uuid::Uuid;

use super::documents::{Shelf, unread};
use super::fault::{Fault, Findings, Kind as Wrong};
use super::joins::look_up;
use super::promises::{Standing, Waits};
use crate::Failure;

const DUE: &str = "{stagedoor:timers}:due";
const ABOUT: &str = "{stagedoor:timers}:about";
const COMPLETE: &str = "{stagedoor:timers}:complete";
const LETTERS: &str = "{stagedoor:timers}:dead_letters";
const PAGE: isize = 500;

/// Expiration's Redis, to be read.
pub(super) struct Timers {
    connection: MultiplexedConnection,
}

/// What was moved aside belongs to an aggregate that is there, and goes no further than it.
pub(super) async fn strays(shelf: &Shelf, findings: &mut Findings) -> Result<(), Failure> {
    let category = shelf.kind.category;
    let mut after = None;
    loop {
        let page = shelf.moved_page(after.as_ref()).await?;
        let Some(last) = page.last().and_then(|row| row.get("_id")).cloned() else { return Ok(()) };
        after = Some(last);
        let of = |row: &Document| row.get_str("aggregate").ok().map(str::to_owned);
        let wanted: BTreeSet<String> = page.iter().filter_map(of).collect();
        let found = shelf.fields_of(wanted.into_iter().collect(), doc! { "version": 1 }).await?;
        let versions: BTreeMap<&str, i64> = found
            .iter()
            .filter_map(|document| Some((document.get_str("_id").ok()?, document.get_i64("version").ok()?)))
            .collect();
        for row in &page {
            let aggregate = row.get_str("aggregate").unwrap_or_default();
            let version = row.get_i64("version").unwrap_or_default();
            let what = match versions.get(aggregate) {
                Some(last) if (1..=*last).contains(&version) => continue,
                Some(last) => format!(
                    "version {version} of {category} {aggregate} was moved aside, which is at version {last}"
                ),
                None => format!(
                    "version {version} of {category} {aggregate} was moved aside, and no document is there"
                ),
            };
            let id = aggregate.parse().unwrap_or_default();
            findings.add(Fault::of(Wrong::View, category, id, what));
        }
    }
}

/// How many messages a service has put aside.
pub(super) async fn letters(database: &Database, service: &str) -> Result<(u64, Option<Fault>), Failure> {
    let letters = database.collection::<Document>("dead_letters");
    let count = letters.count_documents(doc! {}).await.map_err(unread)?;
    Ok((count, waiting(service, count)))
}

fn waiting(service: &str, count: u64) -> Option<Fault> {
    let noun = if count == 1 { "message waits" } else { "messages wait" };
    (count > 0).then(|| {
        Fault::new(Wrong::Waiting, format!("{count} {noun} that {service} could not handle (see `dead`)"))
    })
}

impl Timers {
    pub(super) async fn open(url: &str) -> Result<Self, Failure> {
        let client = redis::Client::open(url)
            .map_err(|_| Failure::BadInput("REDIS_URL is no address of a server".to_owned()))?;
        let connection = client.get_multiplexed_async_connection().await.map_err(unasked)?;
        Ok(Self { connection })
    }

    pub(super) async fn letters(&mut self) -> Result<(u64, Option<Fault>), Failure> {
        let count: u64 =
            redis::cmd("HLEN").arg(LETTERS).query_async(&mut self.connection).await.map_err(unasked)?;
        Ok((count, waiting("expiration", count)))
    }

    /// Whether all timers are set that should be; while they are set again some are not.
    pub(super) async fn are_complete(&mut self) -> Result<bool, Failure> {
        redis::cmd("EXISTS").arg(COMPLETE).query_async(&mut self.connection).await.map_err(unasked)
    }

    /// An order that may be paid has a timer that goes off when its time is over.
    pub(super) async fn lacking(
        &mut self,
        orders: &[Standing],
        waits: Waits,
    ) -> Result<Vec<(Uuid, Fault)>, Failure> {
        // A timer that is due any moment may have gone off.
        let is_open = |order: &&Standing| {
            order.is_open() && order.expires_at.is_some_and(|expires_at| expires_at > waits.now + SOON)
        };
        let open: Vec<&Standing> = orders.iter().filter(is_open).collect();
        if open.is_empty() {
            return Ok(Vec::new());
        }
        let mut asked = redis::pipe();
        for order in &open {
            asked.cmd("HGET").arg(ABOUT).arg(order.id.to_string());
        }
        let found: Vec<Option<String>> = asked.query_async(&mut self.connection).await.map_err(unasked)?;
        let faults = open.into_iter().zip(found).filter_map(|(order, found)| {
            let (id, expires_at) = (order.id, order.expires_at?);
            let timer = found.as_deref().and_then(|text| serde_json::from_str::<Timer>(text).ok());
            let what = match timer {
                Some(timer) if timer.due_at == expires_at => return None,
                Some(timer) => format!(
                    "the timer of order {id} is due at {}, and its time is over at {expires_at}",
                    timer.due_at
                ),
                None => format!("order {id} has no timer, and its time is over at {expires_at}"),
            };
            Some((id, Fault::of(Wrong::View, "order", id, what)))
        });
        Ok(faults.collect())
    }

    /// No timer stays for an order that needs none any more, or that does not exist.
    pub(super) async fn left_over(
        &mut self,
        orders: &Shelf,
        waits: Waits,
        findings: &mut Findings,
    ) -> Result<(), Failure> {
        let mut begin: isize = 0;
        loop {
            let mut ask = redis::cmd("ZRANGE");
            ask.arg(DUE).arg(begin).arg(begin + PAGE - 1);
            let ids: Vec<String> = ask.query_async(&mut self.connection).await.map_err(unasked)?;
            let ids: Vec<Uuid> = ids.iter().filter_map(|id| id.parse().ok()).collect();
            if ids.is_empty() {
                return Ok(());
            }
            let found = look_up(orders, ids.iter().copied().collect()).await?;
            findings.extend(ids.into_iter().filter_map(|id| left_over(id, found.get(&id), waits)));
            begin += PAGE;
        }
    }
}

/// What comes too early for anybody to have heard of it.
const SOON: std::time::Duration = std::time::Duration::from_secs(5);

fn left_over(id: Uuid, order: Option<&Standing>, waits: Waits) -> Option<Fault> {
    let fault = |what| Some(Fault::of(Wrong::View, "order", id, what));
    let Some(order) = order else {
        return fault(format!("there is a timer of order {id}, which does not exist"));
    };
    let is_over = ["accepted", "complete", "cancelled"].contains(&order.status.as_str());
    let since: Timestamp = order.since;
    if is_over && waits.too_long(since + SOON) {
        return fault(format!("there is still a timer of order {id}, which is {}", order.status));
    }
    None
}

/// Its own words may hold what it was asked with.
fn unasked(_: redis::RedisError) -> Failure {
    Failure::unreachable("Redis", "does not answer, or refuses")
}

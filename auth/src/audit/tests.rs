//! The trail in memory and in MongoDB is kept alike, and whoever hears an event tells what is not told yet.

use std::sync::Arc;
use std::time::Duration;

use contracts::catalogue::catalogue;
use contracts::{SessionId, Timestamp, UserId};
use eventsourcing::{Actor, Cause};
use local_servers::{Place, Toolbox, mongodb};
use messaging::Heard;
use runtime::{Clock as _, Runtime, SystemClock, TokioTasks};
use uuid::Uuid;

use crate::policies::HEARS;

use super::{
    AuditEntry, AuditTrail, AuditType, Client, KEPT, MemoryAuditTrail, MongoAuditTrail, Search, Witness,
};

const ADA: UserId = UserId(Uuid::from_u128(1));
const EVE: UserId = UserId(Uuid::from_u128(2));

fn noon() -> Timestamp {
    Timestamp::from_millis(SystemClock.now().as_millis() / 1_000 * 1_000)
}

fn entry(id: u128, user: Option<UserId>, r#type: AuditType, at: Timestamp) -> AuditEntry {
    let client = Client { user_agent: Some("Firefox".to_owned()), ip: "203.0.113.7".parse().ok() };
    let (by, session_id) = (user, Some(SessionId(Uuid::from_u128(9))));
    let request_id = Uuid::from_u128(10);
    AuditEntry { id: Uuid::from_u128(id), r#type, user_id: user, by, session_id, at, request_id, client }
}

fn bare(entry: &AuditEntry) -> AuditEntry {
    AuditEntry { client: Client::default(), ..entry.clone() }
}

fn all() -> Search {
    Search { user: None, r#type: None, from: Timestamp::default(), after: None, limit: 100 }
}

async fn ids(trail: &dyn AuditTrail, search: Search) -> Vec<u128> {
    trail.find(&search).await.unwrap().iter().map(|entry| entry.id.as_u128()).collect()
}

async fn entries_are_found_by_what_is_asked_the_newest_first(trail: &dyn AuditTrail) {
    let noon = noon();
    let later = noon + Duration::from_millis(1);
    assert!(ids(trail, all()).await.is_empty());
    for entry in [
        entry(1, Some(ADA), AuditType::SignedIn, noon),
        entry(2, Some(EVE), AuditType::SignedIn, later),
        entry(3, None, AuditType::SignInFailed, noon),
        entry(4, Some(ADA), AuditType::SessionEnded, later),
    ] {
        trail.keep(&entry).await.unwrap();
    }
    assert_eq!(ids(trail, all()).await, [4, 2, 3, 1]);
    assert_eq!(ids(trail, Search { limit: 2, ..all() }).await, [4, 2]);
    assert_eq!(ids(trail, Search { user: Some(ADA), ..all() }).await, [4, 1]);
    assert_eq!(ids(trail, Search { r#type: Some(AuditType::SignedIn), ..all() }).await, [2, 1]);
    assert_eq!(ids(trail, Search { from: later, ..all() }).await, [4, 2]);
    for (after, expected) in [((later, 4), &[2, 3, 1][..]), ((later, 2), &[3, 1]), ((noon, 3), &[1])] {
        let after = Some((after.0, Uuid::from_u128(after.1)));
        assert_eq!(ids(trail, Search { after, ..all() }).await, expected);
    }
    let both = Search { user: Some(ADA), r#type: Some(AuditType::SignedIn), from: noon, ..all() };
    assert_eq!(trail.find(&both).await.unwrap(), [entry(1, Some(ADA), AuditType::SignedIn, noon)]);
}

async fn who_knows_where_it_came_from_is_believed_whoever_comes_first(trail: &dyn AuditTrail) {
    let noon = noon();
    for (id, order) in [(11, [true, false, true]), (12, [false, true, false])] {
        let full = entry(id, Some(EVE), AuditType::Banned, noon);
        for is_bare in order {
            trail.keep(&if is_bare { bare(&full) } else { full.clone() }).await.unwrap();
        }
        let search = Search { r#type: Some(AuditType::Banned), limit: 1, ..all() };
        assert_eq!(trail.find(&search).await.unwrap(), [full]);
    }
    let lost = bare(&entry(13, Some(EVE), AuditType::Unbanned, noon));
    trail.keep(&lost).await.unwrap();
    let search = Search { r#type: Some(AuditType::Unbanned), ..all() };
    assert_eq!(trail.find(&search).await.unwrap(), [lost]);
}

#[tokio::test]
async fn in_memory_the_trail_is_kept() {
    let trail = MemoryAuditTrail::default();
    entries_are_found_by_what_is_asked_the_newest_first(&trail).await;
    who_knows_where_it_came_from_is_believed_whoever_comes_first(&trail).await;
}

#[tokio::test]
async fn in_mongodb_the_trail_is_kept_and_forgets_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::under(folder.path(), "mongo");
    let server = mongodb::server(&Toolbox::open().unwrap(), &place).unwrap().start().unwrap();
    let database = ::mongodb::Client::with_uri_str(server.url()).await.unwrap().database("auth");
    let trail = MongoAuditTrail::new(&database, Runtime::real(TokioTasks::default()));
    for _ in 0..2 {
        trail.prepare().await.unwrap();
    }
    entries_are_found_by_what_is_asked_the_newest_first(&trail).await;
    who_knows_where_it_came_from_is_believed_whoever_comes_first(&trail).await;

    let names = database.collection::<::mongodb::bson::Document>("audit").list_index_names().await.unwrap();
    assert!(names.contains(&"forgotten".to_owned()), "{names:?}");
}

fn heard(entry: &contracts::catalogue::Entry, at: Timestamp) -> Heard {
    let cause = Cause {
        causation_id: Uuid::from_u128(20),
        correlation_id: Uuid::from_u128(21),
        actor: Actor::User(ADA),
        traceparent: None,
    };
    let (event_id, event) = (Uuid::from_u128(22), entry.example.clone());
    Heard { event_id, aggregate_id: EVE.0, version: 1, event, at, cause }
}

#[tokio::test]
async fn of_every_event_it_is_known_whether_it_matters() {
    for told in catalogue() {
        let Heard { event, aggregate_id, event_id, at, cause, .. } = heard(&told, noon());
        let entry = AuditEntry::of(&event, aggregate_id, event_id, at, &cause);
        let is_witnessed = HEARS.contains(&(told.category, told.example.event_type()));
        assert_eq!(entry.is_some(), is_witnessed, "{}", told.example.event_type());
        if let Some(entry) = entry {
            assert_eq!((entry.id, entry.by, entry.request_id), (event_id, Some(ADA), cause.correlation_id));
            assert!(entry.user_id.is_some(), "{entry:?}");
            assert_eq!(entry.session_id.is_some(), told.category == "session", "{entry:?}");
        }
    }
}

#[tokio::test]
async fn what_is_heard_is_told_once_and_not_what_is_to_be_forgotten() {
    let trail = Arc::new(MemoryAuditTrail::default());
    let witness = Witness::new(trail.clone(), Runtime::real(TokioTasks::default()));
    let banned = catalogue().into_iter().find(|entry| entry.example.event_type() == "UserBanned").unwrap();
    witness.hear(&heard(&banned, noon() - KEPT)).await.unwrap();
    assert!(ids(trail.as_ref(), all()).await.is_empty());
    for _ in 0..2 {
        witness.hear(&heard(&banned, noon())).await.unwrap();
    }
    let found = trail.find(&all()).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].r#type, found[0].user_id, found[0].by), (AuditType::Banned, Some(EVE), Some(ADA)));
}

//! Dead letters and markers: in memory and in MongoDB they are kept alike.

use std::time::Duration;

use ::mongodb::Database;
use ::mongodb::bson::{Document, doc};
use contracts::Timestamp;
use futures::TryStreamExt as _;
use local_servers::{Place, Server, Toolbox, mongodb};
use tempfile::TempDir;

use crate::conformance::{id, message};
use crate::{
    DeadLetter, DeadLetters, Discarded, LastSeen, Marker, Markers, MemoryDeadLetters, MemoryMarkers,
    MongoDeadLetters, MongoMarkers, TendedLetters, Wire,
};

const NOON: Timestamp = Timestamp::from_millis(1_800_000_000_000);

async fn with_mongo(test: impl AsyncFnOnce(&Database)) {
    let folder: TempDir = tempfile::tempdir().unwrap();
    let place = Place::under(folder.path(), "mongo");
    let server: Server = mongodb::server(&Toolbox::open().unwrap(), &place).unwrap().start().unwrap();
    let client = ::mongodb::Client::with_uri_str(server.url()).await.unwrap();
    test(&client.database("keeping")).await;
}

fn letter(user: u128, error: &str) -> DeadLetter {
    DeadLetter::new(7, &message(user, 1).to_wire(), error.to_owned(), NOON)
}

async fn due(letters: &dyn DeadLetters, seconds: u64) -> Vec<DeadLetter> {
    let mut due = letters.due(NOON + Duration::from_secs(seconds)).await.unwrap();
    due.sort_by(|one, other| one.subject.cmp(&other.subject));
    due
}

async fn letters_are_kept_until_they_are_handled(letters: &dyn DeadLetters) {
    assert_eq!(letters.count().await.unwrap(), 0);
    letters.keep(&letter(1, "broken")).await.unwrap();
    letters.keep(&letter(2, "odd")).await.unwrap();
    letters.keep(&letter(1, "still broken")).await.unwrap();
    assert_eq!(letters.count().await.unwrap(), 2);
    assert!(due(letters, 59).await.is_empty());
    assert_eq!(due(letters, 60).await, [letter(1, "still broken"), letter(2, "odd")]);

    let again = letter(1, "still broken").failed_again("worse".to_owned(), NOON + Duration::from_secs(60));
    letters.keep(&again).await.unwrap();
    assert_eq!(due(letters, 659).await, [letter(2, "odd")]);
    assert_eq!(due(letters, 660).await, [again.clone(), letter(2, "odd")]);
    assert_eq!((again.retries, again.first_at, again.error.as_str()), (1, NOON, "worse"));
    letters.remove(&letter(2, "odd").id).await.unwrap();
    letters.remove("unheard of").await.unwrap();
    assert_eq!(due(letters, 10_000).await, [again]);
    assert_eq!(letters.count().await.unwrap(), 1);
}

async fn a_letter_may_hold_anything(letters: &dyn DeadLetters) {
    let headers = [("$strange.header", "ü"), ("", ""), ("a.b.c", "1")];
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let wire = Wire { subject: "events..$".to_owned(), headers, body: vec![0, 255, b'{', 10] };
    let letter = DeadLetter::new(42, &wire, "no subject of an event".to_owned(), NOON);
    letters.keep(&letter).await.unwrap();
    let kept = due(letters, 60).await;
    assert_eq!(kept, [letter]);
    assert_eq!(kept[0].id, "42");
    assert_eq!(kept[0].wire(), wire);
}

async fn what_changed_meanwhile_is_not_replaced(letters: &dyn DeadLetters) {
    let seen = letter(9, "broken");
    letters.keep(&seen).await.unwrap();
    let edited = seen.clone().edited(b"{}", "ana", NOON).due(NOON);
    assert!(letters.replace(&seen, &edited).await.unwrap());
    assert_eq!(due(letters, 0).await, std::slice::from_ref(&edited));
    assert_eq!((edited.wire().body, edited.edits[0].body.as_str()), (b"{}".to_vec(), seen.body.as_str()));
    let failed = seen.clone().failed_again("broken".to_owned(), NOON);
    assert!(!letters.replace(&seen, &failed).await.unwrap(), "what was tried is not what stands there");
    assert_eq!(due(letters, 0).await, std::slice::from_ref(&edited));
    letters.remove(&seen.id).await.unwrap();
    assert!(!letters.replace(&edited, &seen).await.unwrap(), "what is gone does not come back");
    assert_eq!(letters.count().await.unwrap(), 0);
}

async fn what_is_discarded_is_kept_elsewhere(letters: &dyn TendedLetters) {
    let (older, newer) =
        (letter(1, "odd"), DeadLetter { first_at: NOON + Duration::from_secs(1), ..letter(2, "odd") });
    letters.keep(&newer).await.unwrap();
    letters.keep(&older).await.unwrap();
    assert_eq!(letters.all().await.unwrap(), [older.clone(), newer.clone()]);
    assert_eq!(letters.find(&newer.id).await.unwrap(), Some(newer.clone()));
    assert_eq!(letters.find("unheard of").await.unwrap(), None);
    let discarded = |letter: DeadLetter| Discarded {
        letter,
        reason: "of a test".to_owned(),
        by: "ana".to_owned(),
        at: NOON,
    };
    let tried = older.clone().failed_again("odd".to_owned(), NOON);
    assert!(!letters.discard(&discarded(tried)).await.unwrap(), "it stands there otherwise");
    assert!(letters.discard(&discarded(older)).await.unwrap());
    assert_eq!(letters.all().await.unwrap(), [newer]);
}

async fn the_marker_is_the_last_one_saved(markers: &dyn Markers) {
    assert_eq!(markers.load().await.unwrap(), None);
    let first = Marker { created: NOON, last_sequence: 0, last: None, seen_at: NOON };
    let second = Marker {
        last_sequence: u64::MAX,
        last: Some(LastSeen { event_id: Some(id(3)), stored_at: NOON }),
        ..first
    };
    for marker in [first, second] {
        markers.save(&marker).await.unwrap();
        assert_eq!(markers.load().await.unwrap(), Some(marker));
    }
}

#[tokio::test]
async fn in_memory_letters_are_kept_until_they_are_handled() {
    letters_are_kept_until_they_are_handled(&MemoryDeadLetters::default()).await;
    a_letter_may_hold_anything(&MemoryDeadLetters::default()).await;
    what_changed_meanwhile_is_not_replaced(&MemoryDeadLetters::default()).await;
}

#[tokio::test]
async fn in_memory_the_marker_is_the_last_one_saved() {
    the_marker_is_the_last_one_saved(&MemoryMarkers::default()).await;
}

#[tokio::test]
async fn in_mongodb_letters_are_kept_until_they_are_handled() {
    with_mongo(async |database| {
        letters_are_kept_until_they_are_handled(&MongoDeadLetters::new(database)).await;
        let another = database.client().database("strange");
        a_letter_may_hold_anything(&MongoDeadLetters::new(&another)).await;
        let another = database.client().database("changing");
        what_changed_meanwhile_is_not_replaced(&MongoDeadLetters::new(&another)).await;
        let another = database.client().database("discarding");
        what_is_discarded_is_kept_elsewhere(&MongoDeadLetters::new(&another)).await;
        let kept = another.collection::<Document>("discarded_letters");
        let kept: Vec<_> = kept.find(doc! {}).await.unwrap().try_collect().await.unwrap();
        assert_eq!(kept.len(), 1, "{kept:?}");
        let discarded = kept[0].get_document("discarded").unwrap();
        assert_eq!(
            (discarded.get_str("reason").unwrap(), discarded.get_str("by").unwrap()),
            ("of a test", "ana")
        );
        let body = discarded.get_document("letter").unwrap().get_str("body").unwrap();
        assert_eq!(body, letter(1, "odd").body);
    })
    .await;
}

#[tokio::test]
async fn in_mongodb_the_marker_is_the_last_one_saved() {
    with_mongo(async |database| the_marker_is_the_last_one_saved(&MongoMarkers::new(database)).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_kept_in_mongodb_survives_a_kill_right_after() {
    let folder: TempDir = tempfile::tempdir().unwrap();
    let place = Place::under(folder.path(), "mongo");
    let mut server: Server = mongodb::server(&Toolbox::open().unwrap(), &place).unwrap().start().unwrap();
    for round in 0..5_u64 {
        let client = ::mongodb::Client::with_uri_str(server.url()).await.unwrap();
        let letters = MongoDeadLetters::new(&client.database("keeping"));
        assert_eq!(letters.count().await.unwrap(), round);
        letters.keep(&letter(u128::from(round), "broken")).await.unwrap();
        tokio::task::block_in_place(|| {
            server.kill();
            server.restart().unwrap();
        });
    }
}

//! What only the store in MongoDB promises: it survives its server, and believes no document blindly.

use std::sync::Arc;
use std::time::Duration;

use ::mongodb::bson::{Bson, Document, doc};
use contracts::Timestamp;
use futures::future::join_all;

use crate::conformance::{Bench, Counter, Do, cause, id, schema};
use crate::{Clause, Decider as _, EventStore as _, MongoStore, Query, StoreError};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_in_mid_write_loses_and_doubles_nothing() {
    const WRITERS: u128 = 8;
    const WRITES: u128 = 60;
    let bench = Arc::new(Bench::mongo().await);
    let write_all = |writer: u128| {
        let bench = Arc::clone(&bench);
        async move {
            let counters = bench.counters();
            for number in 0..WRITES {
                let cause = cause(writer * 1_000 + number);
                let add = Do::Add(vec![1]);
                loop {
                    let outcome = match number {
                        0 => {
                            counters
                                .create(id(writer), cause.clone(), Do::Open(LABELS[writer as usize]), |_| {})
                                .await
                        }
                        _ => counters.execute(id(writer), cause.clone(), add.clone()).await,
                    };
                    match outcome {
                        Ok(_) => break,
                        Err(_) => bench.runtime.sleep(Duration::from_millis(50)).await,
                    }
                }
            }
        }
    };
    let kill = async {
        for _ in 0..2 {
            bench.runtime.sleep(Duration::from_millis(60)).await;
            let mut server = bench.mongo.as_ref().unwrap().server.lock().unwrap();
            tokio::task::block_in_place(|| {
                server.kill();
                server.restart().unwrap();
            });
        }
    };
    tokio::join!(join_all((0..WRITERS).map(write_all)), kill);

    for writer in 0..WRITERS {
        let snapshot = bench.store.load(id(writer)).await.unwrap().unwrap().snapshot;
        assert_eq!((snapshot.version, snapshot.state.total), (WRITES as u64, WRITES as i64 - 1));
        let events = bench.store.events_from(id(writer), 1).await.unwrap();
        let causes: Vec<_> = events.iter().map(|event| event.cause.causation_id).collect();
        assert_eq!(causes, (0..WRITES).map(|number| id(writer * 1_000 + number)).collect::<Vec<_>>());
        let told: Vec<_> = events
            .into_iter()
            .map(|event| serde_json::from_value(serde_json::to_value(event.event).unwrap()).unwrap())
            .collect();
        assert_eq!(Counter::fold(&told), snapshot.state);
    }
}

const LABELS: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_a_kill_right_after() {
    let bench = Bench::mongo().await;
    let counters = bench.counters();
    let restart = || {
        let mut server = bench.mongo.as_ref().unwrap().server.lock().unwrap();
        tokio::task::block_in_place(|| {
            server.kill();
            server.restart().unwrap();
        });
    };
    for number in 0..5 {
        let label = LABELS[number as usize];
        counters.create(id(number), cause(1), Do::Open(label), |_| {}).await.unwrap();
        restart();
        bench.reachable().await;
        assert!(counters.load(id(number)).await.unwrap().is_some(), "creation {number} was acknowledged");
        counters.execute(id(number), cause(2), Do::Close).await.unwrap();
        restart();
        bench.reachable().await;
        assert_eq!(counters.load(id(number)).await.unwrap().unwrap().version, 2, "change {number}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_away_is_said_to_be_and_is_used_again() {
    let bench = Bench::mongo().await;
    let counters = bench.counters();
    counters.create(id(1), cause(1), Do::Open("lobby"), |_| {}).await.unwrap();
    tokio::task::block_in_place(|| bench.mongo.as_ref().unwrap().server.lock().unwrap().kill());
    for error in [
        bench.store.load(id(1)).await.err(),
        bench.store.find(&Query::new(1)).await.err(),
        bench.store.head(id(1)).await.err(),
    ] {
        let Some(StoreError::Unavailable(why)) = error else { panic!("{error:?}") };
        assert!(!why.contains("lobby"), "{why}");
    }
    tokio::task::block_in_place(|| bench.mongo.as_ref().unwrap().server.lock().unwrap().restart().unwrap());
    bench.reachable().await;
    assert_eq!(
        counters.execute(id(1), cause(2), Do::Add(vec![1])).await.unwrap().snapshot.unwrap().version,
        2
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_malformed_document_is_said_to_be() {
    let bench = Bench::mongo().await;
    let database = &bench.mongo.as_ref().unwrap().database;
    let documents = database.collection::<Document>("counter");
    let well = || {
        let event = doc! {
            "id": id(9).to_string(), "version": 1_i64, "type": "Added", "data": { "amount": 1_i64 },
            "at": "2027-01-15T08:00:00.000Z", "causation_id": id(9).to_string(),
            "correlation_id": id(9).to_string(), "actor": "service:tests",
        };
        let at = "2027-01-15T08:00:00.000Z";
        doc! {
            "_id": id(1).to_string(), "version": 1_i64, "state": { "status": "open", "total": 1_i64 },
            "private": { "word": Bson::Null }, "events": [event], "created_at": at, "updated_at": at,
        }
    };
    let with = |field: &str, value: Bson| {
        let mut document = well();
        document.insert(field, value);
        document
    };
    documents.insert_one(well()).await.unwrap();
    assert!(bench.store.load(id(1)).await.is_ok(), "the pattern itself is well formed");

    let malformed = [
        with("version", Bson::String("one".to_owned())),
        with("version", Bson::Int64(-1)),
        with("version", Bson::Null),
        with("state", Bson::String("open".to_owned())),
        with("state", Bson::Document(doc! { "status": "unheard of", "total": 1_i64 })),
        with("private", Bson::Int64(3)),
        with("created_at", Bson::DateTime(::mongodb::bson::DateTime::from_millis(0))),
        with("updated_at", Bson::String("yesterday".to_owned())),
        with("events", Bson::Array(vec![Bson::Document(doc! { "id": "me" })])),
    ];
    for document in malformed {
        documents.replace_one(doc! { "_id": id(1).to_string() }, &document).await.unwrap();
        let loaded = bench.store.load(id(1)).await.err();
        assert!(matches!(loaded, Some(StoreError::Malformed(..))), "{document}: {loaded:?}");
        let counters = bench.counters();
        assert!(counters.execute(id(1), cause(2), Do::Add(vec![1])).await.is_err(), "{document}");
        // Whatever these answer, they answer.
        let _ = (bench.store.find(&Query::new(10)).await, bench.store.head(id(1)).await);
        let _ = (bench.store.events_from(id(1), 1).await, bench.store.archive(id(1), 0).await);
    }
    for events in [Bson::String("none".to_owned()), Bson::Array(vec![Bson::Int64(1)])] {
        let document = with("events", events);
        documents.replace_one(doc! { "_id": id(1).to_string() }, &document).await.unwrap();
        let events = bench.store.events_from(id(1), 1).await;
        assert!(matches!(events, Err(StoreError::Malformed(..))), "{document}");
    }

    documents.insert_one(doc! { "_id": "no id", "unpublished": true, "updated_at": "" }).await.unwrap();
    let later = Timestamp::from_millis(4_000_000_000_000);
    assert!(matches!(bench.store.unpublished(later, None, 10).await, Err(StoreError::Malformed(..))));
    assert!(matches!(bench.store.changed_since(None, None, 10).await, Err(StoreError::Malformed(..))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn opening_it_again_changes_nothing() {
    let bench = Bench::mongo().await;
    bench.counters().create(id(1), cause(1), Do::Open("lobby"), |_| {}).await.unwrap();
    let database = &bench.mongo.as_ref().unwrap().database;
    let again = MongoStore::<Counter>::open(database, schema(), bench.runtime.clone()).await.unwrap();
    assert_eq!(again.load(id(1)).await.unwrap().unwrap().snapshot.version, 1);
    let names = database.collection::<Document>("counter").list_index_names().await.unwrap();
    assert_eq!(names, ["_id_", "live_label", "by_status_and_total", "unpublished", "updated_at"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_unique_index_guards_is_found_by_it() {
    let bench = Bench::mongo().await;
    bench.counters().create(id(1), cause(1), Do::Open("lobby"), |_| {}).await.unwrap();
    let database = &bench.mongo.as_ref().unwrap().database;
    let filter = doc! { "state.label": "lobby", "state.status": { "$in": ["open", "halted"] } };
    let explain = doc! { "explain": { "find": "counter", "filter": filter }, "verbosity": "queryPlanner" };
    let plan = database.run_command(explain).await.unwrap().to_string();
    assert!(plan.contains("live_label") && !plan.contains("COLLSCAN"), "{plan}");
    let query = Query::new(1).filter(Clause::Is("state.label", "lobby".into()));
    assert_eq!(bench.store.find(&query).await.unwrap().len(), 1);
}

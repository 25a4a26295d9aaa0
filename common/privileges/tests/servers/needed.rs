//! What each user of NATS needs it may do: by the same code that the services run.

use std::time::Duration;

use contracts::Timestamp;
use eventsourcing::{Actor, Cause, RawEvent, Recorded};
use futures::StreamExt as _;
use messaging::{Archive as _, Bus, ConsumerSpec, Extent, JetStream, Message, Selection, Subscription};
use privileges::{
    OPERATOR, REPAIR, REPLAY, SERVICES,
    nats::{HEARTBEAT, durables, inbox, password_variable},
};
use runtime::{Runtime, TokioTasks};
use serde_json::json;
use uuid::Uuid;

use super::{nats::Nats, password, speak::Line};

const SOON: Duration = Duration::from_secs(10);
const FIRST: &[(&str, &str)] = &[("order", "Said")];
const MORE: &[(&str, &str)] = &[("order", "Said"), ("ticket", "Said")];

fn runtime() -> Runtime {
    Runtime::real(TokioTasks::default())
}

async fn connected(nats: &Nats, user: &str) -> JetStream {
    let runtime = runtime();
    let bus = JetStream::connect(&nats.url(user), user, runtime.clone()).await.unwrap();
    let mut connections = bus.connections();
    runtime.timeout(SOON, connections.wait_for(|count| *count > 0)).await.unwrap().unwrap();
    bus
}

fn message(category: &str, number: u128) -> Message {
    let cause = Cause {
        causation_id: Uuid::from_u128(number),
        correlation_id: Uuid::from_u128(number),
        actor: Actor::Service("tests".to_owned()),
        traceparent: None,
    };
    let event = RawEvent { event_type: "Said".to_owned(), data: json!({}) };
    let id = Uuid::new_v5(&Uuid::from_u128(number), category.as_bytes());
    let recorded = Recorded { id, version: 1, event, at: Timestamp::from_millis(1_800_000_000_000), cause };
    Message { category: category.to_owned(), id: Uuid::from_u128(number), recorded }
}

async fn acknowledged(bus: &JetStream, spec: &ConsumerSpec, count: usize) -> Box<dyn Subscription> {
    let mut subscription = bus.subscribe(spec).await.unwrap();
    for _ in 0..count {
        let delivery = runtime().timeout(SOON, subscription.next()).await.unwrap().unwrap();
        delivery.receipt.acknowledge().await.unwrap();
    }
    bus.flush().await;
    subscription
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_service_needs_of_nats_it_may_do() {
    let nats = Nats::start();
    for service in &SERVICES {
        let bus = connected(&nats, service.name).await;
        bus.prepare().await.unwrap();
        for category in service.says {
            let mut following = bus.follow(category).await.unwrap();
            let sequence = bus.publish(&message(category, 1), 0).await.unwrap();
            let followed = runtime().timeout(SOON, following.next()).await.unwrap().unwrap();
            assert_eq!(followed, message(category, 1));
            assert_eq!(bus.last(category, Uuid::from_u128(1)).await.unwrap().unwrap().sequence, sequence);
            assert!(bus.get(sequence).await.unwrap().is_some());
        }
    }
    for service in &SERVICES {
        let (name, bus) = (service.name, connected(&nats, service.name).await);
        let last = bus.state().await.unwrap().last_sequence;
        assert_eq!(bus.sequence_at(Timestamp::from_millis(0)).await.unwrap(), 1);
        assert_eq!(bus.read(&["user", "order", "timer"], 1, 100).await.unwrap().len(), 3);
        let first = ConsumerSpec { name, hears: FIRST, ack_wait: SOON };
        drop(acknowledged(&bus, &first, 1).await);
        let subscription = acknowledged(&bus, &ConsumerSpec { hears: MORE, ..first }, 1).await;
        for durable in durables(name).take(2) {
            let left = consumer_info(&nats, &durable);
            assert!(left.contains(r#""num_ack_pending":0"#), "{durable}: {left}");
        }
        assert!(bus.delivered(name).await.unwrap().is_some_and(|delivered| delivered <= last));
        bus.rewind(name, 0).await.unwrap();
        drop(subscription);
        bus.forget(name).await.unwrap();
        assert_eq!(bus.delivered(name).await.unwrap(), None);
    }
}

fn consumer_info(nats: &Nats, durable: &str) -> String {
    let mut line = line(nats, OPERATOR);
    let subject = format!("$JS.API.CONSUMER.INFO.EVENTS.{durable}");
    line.ask(&subject, &format!("{}.1", inbox(OPERATOR)), "").unwrap()
}

fn line(nats: &Nats, user: &str) -> Line {
    Line::open(nats.server.port(), Some((user, &password(&password_variable(user))))).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_looks_after_the_shop_reads_everything() {
    let nats = Nats::start();
    let orders = connected(&nats, "orders").await;
    orders.prepare().await.unwrap();
    orders.publish(&message("order", 1), 0).await.unwrap();
    for user in [OPERATOR, REPLAY] {
        let bus = connected(&nats, user).await;
        assert_eq!(bus.state().await.unwrap().last_sequence, 1);
        assert_eq!(bus.read(&["order"], 1, 10).await.unwrap().len(), 1);
        assert!(bus.get(1).await.unwrap().is_some());
        let everything = Selection::everything();
        assert_eq!(bus.part(&everything, 1, 10, Extent::Ids).await.unwrap().len(), 1);
        assert_eq!(bus.count(&Selection::of_aggregate(Uuid::from_u128(1)), 1).await.unwrap(), 1);
        let mut tail = bus.tail(1).await.unwrap();
        let told = runtime().timeout(SOON, tail.next()).await.unwrap().unwrap();
        assert_eq!(told.unwrap().sequence, 1);
        let mut following = bus.follow_from(FIRST, Timestamp::from_millis(0)).await.unwrap();
        runtime().timeout(SOON, following.next()).await.unwrap().unwrap();
        line(&nats, user).subscribe(HEARTBEAT).unwrap();
        line(&nats, user).subscribe("events.>").unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_is_delivered_where_one_listens_is_not_taken_for_a_heartbeat() {
    let nats = Nats::start();
    let (auth, tickets, orders) =
        (connected(&nats, "auth").await, connected(&nats, "tickets").await, connected(&nats, "orders").await);
    orders.prepare().await.unwrap();
    let mut listening = orders.overhear(HEARTBEAT).await.unwrap();
    orders.state().await.unwrap();
    let body = format!(
        r#"{{"stream_name":"EVENTS","config":{{"deliver_subject":"{HEARTBEAT}","ack_policy":"none"}}}}"#
    );
    let me = format!("{}.1", inbox("tickets"));
    let made = line(&nats, "tickets").ask("$JS.API.CONSUMER.CREATE.EVENTS", &me, &body).unwrap();
    let name = made.split(r#""name":""#).nth(1).unwrap().split('"').next().unwrap();
    tickets.publish(&message("ticket", 1), 0).await.unwrap();
    while !consumer_info(&nats, name).contains(r#""delivered":{"consumer_seq":1"#) {}

    auth.mention(HEARTBEAT, b"here".to_vec()).await.unwrap();
    let heard = runtime().timeout(SOON, listening.next()).await.unwrap();
    assert_eq!(heard.as_deref(), Some(&b"here"[..]));
}

#[test]
fn everybody_hears_the_heartbeat_and_may_own_as_many_consumers_as_there_are_names() {
    let nats = Nats::start();
    line(&nats, "auth").publish(HEARTBEAT, "{}").unwrap();
    for service in &SERVICES {
        let mut line = line(&nats, service.name);
        line.subscribe(HEARTBEAT).unwrap();
        for durable in durables(service.name) {
            for subject in [
                format!("$JS.API.CONSUMER.INFO.EVENTS.{durable}"),
                format!("$JS.API.CONSUMER.MSG.NEXT.EVENTS.{durable}"),
                format!("$JS.ACK.EVENTS.{durable}.1.1.1.1700000000000000000.0"),
                format!("$JS.ACK._.hash.EVENTS.{durable}.1.1.1.1700000000000000000.0.token"),
            ] {
                line.publish(&subject, "").unwrap();
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_mends_tells_a_lost_stream_again_and_who_only_reads_cannot() {
    let nats = Nats::start();
    let reader = connected(&nats, REPLAY).await;
    assert!(!reader.has_stream().await.unwrap());
    assert!(reader.prepare().await.is_err());
    let repair = connected(&nats, REPAIR).await;
    repair.prepare().await.unwrap();
    assert!(reader.has_stream().await.unwrap());
    for (place, category) in (1..).zip(SERVICES.iter().flat_map(|service| service.says)) {
        let message = message(category, 1);
        assert_eq!(repair.last(category, message.id).await.unwrap(), None);
        assert!(reader.publish(&message, 0).await.is_err(), "{category}");
        assert_eq!(repair.publish(&message, 0).await.unwrap(), place);
        assert_eq!(repair.last(category, message.id).await.unwrap().unwrap().sequence, place);
        assert!(repair.publish(&message, 0).await.is_err(), "{category} is told once");
    }
    let last = repair.state().await.unwrap().last_sequence;
    for bus in [reader, repair] {
        let told: Vec<_> = bus.tail(1).await.unwrap().take(last as usize).collect().await;
        assert!(told.iter().all(Result::is_ok));
        assert_eq!(bus.count(&Selection::everything(), 1).await.unwrap(), last);
    }
}

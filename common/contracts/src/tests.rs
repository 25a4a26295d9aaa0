//! The contract as a reader of the bus sees it: every event against the golden files of its releases.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Value, json};

use crate::catalogue::{Entry, catalogue};
use crate::orders::{BuyerEvent, OrderEvent};
use crate::payments::PaymentEvent;
use crate::tickets::{ReservationEvent, SellerEvent, TicketEvent};
use crate::timers::TimerEvent;
use crate::users::{SessionEvent, UserEvent};
use crate::{Currency, Event, EventType, Money, Timestamp};

/// Where the form of this version is kept.
fn golden_file(entry: &Entry, version: u32) -> PathBuf {
    let name = format!("golden/{}.{}.v{version}.json", entry.category, entry.example.event_type());
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The newest there is; the first where there is none.
fn newest_golden_file(entry: &Entry) -> (u32, PathBuf) {
    let versions = (1..).map(|version| (version, golden_file(entry, version)));
    let found = versions.take_while(|(_, file)| file.exists()).last();
    found.unwrap_or_else(|| (1, golden_file(entry, 1)))
}

fn golden(file: &Path) -> Option<Value> {
    let text = std::fs::read_to_string(file).ok()?;
    Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display())))
}

fn written(event: &Event) -> Value {
    fn value(event: &impl Serialize) -> Value {
        serde_json::to_value(event).unwrap()
    }
    match event {
        Event::User(event) => value(event),
        Event::Session(event) => value(event),
        Event::Ticket(event) => value(event),
        Event::Reservation(event) => value(event),
        Event::Seller(event) => value(event),
        Event::Order(event) => value(event),
        Event::Buyer(event) => value(event),
        Event::Timer(event) => value(event),
        Event::Payment(event) => value(event),
    }
}

/// `GOLDEN=new` writes a new event's golden file, and one of the next version for an event whose form is another than
/// it was. An old one is never overwritten.
#[test]
fn every_event_is_written_as_its_newest_golden_file_says() {
    let may_add = option_env!("GOLDEN") == Some("new");
    for entry in catalogue() {
        let (version, mut file) = newest_golden_file(&entry);
        let now = written(&entry.example);
        let kept = golden(&file);
        if may_add && kept.as_ref() != Some(&now) {
            file = if kept.is_some() { golden_file(&entry, version + 1) } else { file };
            std::fs::write(&file, serde_json::to_string_pretty(&now).unwrap() + "\n").unwrap();
        }
        assert_eq!(golden(&file), Some(now), "{}", file.display());
    }
}

#[test]
fn every_golden_file_of_every_version_is_still_read() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden");
    let mut read = BTreeSet::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        let [category, event_type, version, "json"] = name.split('.').collect::<Vec<_>>()[..] else {
            panic!("{name} is not called as a golden file is")
        };
        assert!(version.strip_prefix('v').is_some_and(|number| number.parse::<u32>().is_ok()), "{name}");
        let data = serde_json::to_vec(&golden(&file.path()).unwrap()["data"]).unwrap();
        let event =
            Event::decode(category, event_type, &data).unwrap_or_else(|error| panic!("{name}: {error}"));
        read.insert((category.to_owned(), event.event_type()));
    }
    let all = catalogue().into_iter().map(|entry| (entry.category.to_owned(), entry.example.event_type()));
    assert_eq!(read, all.collect());
}

#[test]
fn the_catalogue_names_every_type_of_every_category() {
    let mut declared: Vec<_> = [
        (UserEvent::CATEGORY, UserEvent::TYPES),
        (SessionEvent::CATEGORY, SessionEvent::TYPES),
        (TicketEvent::CATEGORY, TicketEvent::TYPES),
        (ReservationEvent::CATEGORY, ReservationEvent::TYPES),
        (SellerEvent::CATEGORY, SellerEvent::TYPES),
        (OrderEvent::CATEGORY, OrderEvent::TYPES),
        (BuyerEvent::CATEGORY, BuyerEvent::TYPES),
        (TimerEvent::CATEGORY, TimerEvent::TYPES),
        (PaymentEvent::CATEGORY, PaymentEvent::TYPES),
    ]
    .into_iter()
    .flat_map(|(category, types)| types.iter().map(move |event_type| (category, *event_type)))
    .collect();
    let mut catalogued: Vec<_> =
        catalogue().iter().map(|entry| (entry.category, entry.example.event_type())).collect();
    declared.sort_unstable();
    catalogued.sort_unstable();
    assert_eq!(catalogued, declared);
}

#[test]
fn bytes_and_values_are_read_alike() {
    for entry in catalogue() {
        let (category, event_type) = (entry.category, entry.example.event_type());
        let data = written(&entry.example)["data"].take();
        let of_bytes = Event::decode(category, event_type, &serde_json::to_vec(&data).unwrap());
        assert_eq!(of_bytes.unwrap(), entry.example);
        assert_eq!(Event::of_value(category, event_type, &data).unwrap(), entry.example);
    }
    let refused = [
        Event::decode("order", "OrderEaten", b"{}").unwrap_err(),
        Event::of_value("order", "OrderEaten", &json!({})).unwrap_err(),
    ];
    assert_eq!(refused[0].to_string(), refused[1].to_string());
}

#[test]
fn a_field_that_a_later_version_added_is_passed_over() {
    let event = Event::decode(
        "order",
        "OrderAccepted",
        br#"{"ticket_id":"01970000-0000-7000-8000-000000000002","later":1}"#,
    );
    assert!(matches!(event, Ok(Event::Order(OrderEvent::OrderAccepted(_)))));
}

#[test]
fn what_is_no_event_is_refused() {
    assert!(Event::decode("planet", "OrderAccepted", b"{}").is_err());
    assert!(Event::decode("order", "OrderAccepted", b"{").is_err());
    assert!(Event::decode("order", "OrderAccepted", b"{}").is_err());
    assert!(Event::decode("order", "OrderEaten", b"{}").is_err());
}

#[test]
fn times_sort_as_text_as_they_sort_in_time() {
    let times = [-1, 0, 1, 999, 1_000, 1_800_000_000_000, 1_800_000_000_120].map(Timestamp::from_millis);
    let texts = times.map(|time| time.to_string());
    assert!(texts.is_sorted());
    for (time, text) in times.iter().zip(&texts) {
        assert_eq!(text.parse(), Ok(*time));
        assert_eq!(text.len(), "2026-11-20T06:38:16.120Z".len());
    }
    assert_eq!(
        "2026-11-20T06:38:16+01:00".parse::<Timestamp>().unwrap().to_string(),
        "2026-11-20T05:38:16.000Z"
    );
    assert_eq!(Timestamp::from_millis(i64::MAX).to_string(), "9999-12-30T21:59:59.999Z");
    assert_eq!(Timestamp::from_millis(i64::MIN).to_string(), "0000-01-01T00:00:00.000Z");
    assert!("tomorrow".parse::<Timestamp>().is_err());
    assert!("-000001-01-01T00:00:00Z".parse::<Timestamp>().is_err());
}

#[test]
fn money_is_whole_and_never_below_zero() {
    let read =
        |amount: Value| serde_json::from_value::<Money>(json!({ "amount": amount, "currency": "USD" }));
    assert_eq!(read(json!(1999)).unwrap(), Money::new(1999, Currency::Usd));
    assert!(read(json!(19.99)).is_err());
    assert!(read(json!(-1)).is_err());
    assert!(read(json!("1999")).is_err());
    assert_eq!(Money::new(1_905, Currency::Eur).to_string(), "19.05 EUR");
}

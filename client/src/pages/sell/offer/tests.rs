//! What a seller may type, and what they are told of the rest.

use super::*;
use crate::api::{Refusal, TicketStatus};

fn now() -> Timestamp {
    "2030-01-01T12:00:00Z".parse().unwrap()
}

fn good() -> Form {
    Form::with([
        ("title", " The Lanterns ".to_owned()),
        ("category", "concert".to_owned()),
        ("venue", "Old Mill".to_owned()),
        ("city", "Łódź".to_owned()),
        ("starts_at", "2030-05-01T19:30".to_owned()),
        ("seat", "7".to_owned()),
        ("price", "1,250.5".to_owned()),
        ("currency", "EUR".to_owned()),
    ])
}

#[track_caller]
fn fault(field: &str, value: &str) -> String {
    let mut form = good();
    form.set(field, value);
    assert!(read(&mut form, Locale::first(), now()).is_none(), "{field}: {value}");
    assert_eq!(form.faults().len(), 1, "{:?}", form.faults());
    form.fault(field).unwrap().to_owned()
}

#[test]
fn an_offer_is_read_as_it_was_meant() {
    let mut form = good();
    let listing = read(&mut form, Locale::first(), now()).unwrap();
    assert_eq!(listing.title, "The Lanterns");
    assert_eq!(listing.category, Category::Concert);
    assert_eq!(listing.starts_at.to_string(), "2030-05-01T19:30:00.000Z");
    assert_eq!((listing.section, listing.row, listing.seat.as_deref()), (None, None, Some("7")));
    assert_eq!(listing.price, Money::new(125_050, Currency::Eur));
}

#[test]
fn an_empty_form_is_told_all_that_it_lacks_in_the_order_of_its_fields() {
    let mut form = blank(Currency::Usd);
    assert!(read(&mut form, Locale::first(), now()).is_none());
    let fields: Vec<_> = form.faults().iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(fields, ["title", "venue", "city", "starts_at", "price"]);
}

#[test]
fn what_is_too_long_past_or_no_price_is_told_beside_its_field() {
    assert!(fault("title", &"x".repeat(201)).contains("200"));
    assert!(fault("row", &"x".repeat(21)).contains("20"));
    let past = fault("starts_at", "2030-01-01T12:00");
    assert_ne!(past, fault("starts_at", "tomorrow"));
    assert_ne!(past, fault("starts_at", ""));
    assert!(fault("price", "0.49").contains("€0.50"));
    assert!(fault("price", "1000000").contains("€999,999.99"));
    assert_ne!(fault("price", "12 quid"), fault("price", ""));
    fault("currency", "XAU");
    fault("category", "opera");
}

#[test]
fn a_moment_is_read_as_browsers_send_it_and_as_people_type_it() {
    for text in ["2030-05-01T19:30", "2030-05-01T19:30:00", "2030-05-01 19:30"] {
        assert_eq!(minute(in_utc(text).unwrap()), "2030-05-01T19:30", "{text}");
    }
    for text in ["", "2030-02-30T19:30", "19:30", "2030-05-01T25:00"] {
        assert_eq!(in_utc(text), None, "{text}");
    }
}

#[test]
fn a_listing_that_is_sent_as_it_stands_changes_nothing() {
    let ticket: Ticket = serde_json::from_value(serde_json::json!({
        "id": "0197f000-0000-7000-8000-000000000001",
        "seller_id": "0197f000-0000-7000-8000-000000000002",
        "title": "The Lanterns", "category": "theatre", "venue": "Old Mill", "city": "Łódź",
        "starts_at": "2030-05-01T19:30:00.000Z", "section": "Stalls", "row": null, "seat": null,
        "price": { "amount": 5, "currency": "PLN" }, "status": "available", "version": 3,
        "created_at": "2029-12-31T12:00:00.000Z", "updated_at": "2029-12-31T12:00:00.000Z",
    }))
    .unwrap();
    assert_eq!(ticket.status, TicketStatus::Available);
    let mut form = filled(&Ticket { price: Money::new(12_505, Currency::Pln), ..ticket.clone() });
    assert_eq!((form.value("price"), form.value("version")), ("125.05", "3"));
    let listing = read(&mut form, Locale::first(), now()).unwrap();
    assert_eq!((listing.title, listing.category), (ticket.title, Category::Theatre));
    assert_eq!((listing.section, listing.starts_at), (ticket.section, ticket.starts_at));
}

#[test]
fn what_the_service_points_at_is_told_and_what_is_not_about_the_offer_is_trouble() {
    let refusal = |body: &[u8]| Failure::Refused(Box::new(Refusal::for_tests(body)));
    let mut form = good();
    refuse(&mut form, refusal(br#"{"type":"/problems/seat-listed"}"#), Locale::first()).unwrap();
    assert!(form.fault("seat").is_some());
    let pointed =
        br#"{"type":"/problems/validation","errors":[{"pointer":"/price/amount","detail":"is odd"}]}"#;
    refuse(&mut form, refusal(pointed), Locale::first()).unwrap();
    assert_eq!(form.fault("price"), Some("Is odd."));
    assert!(refuse(&mut form, refusal(b"{}"), Locale::first()).is_err());
}

//! The schema of each event takes what was ever written of it, and not just anything.

use std::fs;
use std::path::Path;

use contracts::catalogue::catalogue;
use contracts::schema::forms;
use contracts::upcasting::upcast;
use eventsourcing::{Actor, Cause, RawEvent, Recorded};
use jsonschema::Validator;
use messaging::Message;
use replay::schema::asyncapi;
use serde_json::{Value, json};
use uuid::Uuid;

fn validator(schema: &Value) -> Validator {
    jsonschema::options().should_validate_formats(true).build(schema).unwrap()
}

fn form(category: &str, event_type: &str) -> Validator {
    let form = forms().into_iter().find(|form| (form.category, form.event_type) == (category, event_type));
    let mut schema = form.unwrap_or_else(|| panic!("{category}.{event_type} has no form")).schema;
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    validator(&schema)
}

#[test]
fn every_golden_file_meets_the_schema_of_its_event() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../common/contracts/golden");
    let mut met = 0;
    for file in fs::read_dir(folder).unwrap() {
        let file = file.unwrap().path();
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        let (category, rest) = name.split_once('.').unwrap();
        let (event_type, _) = rest.split_once('.').unwrap();
        let golden: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let present = upcast(category, event_type, &golden["data"]);
        let form = form(category, present.event_type);
        let errors: Vec<_> = form.iter_errors(&present.data).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
        met += 1;
    }
    assert!(met >= catalogue().len(), "{met}");
}

#[test]
fn what_an_event_may_not_say_does_not_meet_its_schema() {
    let order = "01970000-0000-7000-8000-000000000001";
    for (category, event_type, data) in [
        ("order", "OrderAccepted", json!({})),
        ("order", "OrderAccepted", json!({ "ticket_id": "what" })),
        ("order", "OrderCancelled", json!({ "ticket_id": order, "reason": "boredom" })),
        ("timer", "OrderExpired", json!({ "expires_at": "tomorrow" })),
        ("payment", "AuthorizationRequested", json!({ "attempt": -1 })),
        (
            "payment",
            "PaymentAuthorized",
            json!({ "payment_intent": "pi_1", "amount": { "amount": 1.5, "currency": "USD" } }),
        ),
        (
            "payment",
            "PaymentAuthorized",
            json!({ "payment_intent": "pi_1", "amount": { "amount": 1, "currency": "XXX" } }),
        ),
        ("user", "UserCreated", json!({ "roles": "user" })),
    ] {
        assert!(!form(category, event_type).is_valid(&data), "{event_type}: {data}");
    }
}

#[test]
fn a_message_as_it_crosses_the_network_meets_the_documents_headers_and_payload() {
    let document = asyncapi::document();
    for entry in catalogue() {
        let event_type = entry.example.event_type();
        let described = &document["components"]["messages"][event_type];
        let recorded = Recorded {
            id: Uuid::from_u128(1),
            version: 12,
            event: RawEvent {
                event_type: event_type.to_owned(),
                data: described["examples"][0]["payload"].clone(),
            },
            at: contracts::Timestamp::from_millis(1_800_000_000_000),
            cause: Cause {
                causation_id: Uuid::from_u128(2),
                correlation_id: Uuid::from_u128(3),
                actor: Actor::User(Uuid::from_u128(4).into()),
                traceparent: None,
            },
        };
        let message = Message { category: entry.category.to_owned(), id: Uuid::from_u128(5), recorded };
        let wire = message.to_wire();
        let headers = validator(&described["headers"]);
        assert!(headers.is_valid(&json!(wire.headers)), "{event_type}: {:?}", wire.headers);
        let mut without = wire.headers.clone();
        without.remove("ce-causationid");
        assert!(!headers.is_valid(&json!(without)));
        let payload = validator(&described["payload"]["schema"]);
        assert!(payload.is_valid(&serde_json::from_slice(&wire.body).unwrap()), "{event_type}");
        assert_eq!(contracts::Event::decode(entry.category, event_type, &wire.body).unwrap(), entry.example);
    }
}

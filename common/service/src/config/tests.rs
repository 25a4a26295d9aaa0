//! What is read from the environment, and what is said when it is wrong.

use std::time::Duration;

use super::{Common, Environment, PublicOrigin};
use crate::http::Rates;

fn complete() -> Environment {
    Environment::from_iter([
        ("NATS_URL", "nats://127.0.0.1:4222"),
        ("MONGODB_URL", "mongodb://127.0.0.1:27017"),
        ("JWKS_FILE", "keys.json"),
        ("PUBLIC_ORIGIN", "http://localhost:3000"),
    ])
}

#[test]
fn what_is_not_set_has_its_default() {
    let mut environment = complete();
    let common = Common::read(&mut environment, "orders");
    let common = environment.finish(|| common).unwrap();
    assert_eq!(common.http_addr.to_string(), "127.0.0.1:8080");
    assert_eq!(common.mongodb_database, "orders");
    assert_eq!((common.issuer.as_str(), common.audience.as_str()), ("stagedoor", "stagedoor"));
    assert_eq!(common.shutdown_grace, Duration::from_secs(10));
    assert_eq!((common.redis_url, common.rates), (None, Rates::default()));
}

#[test]
fn how_often_an_address_may_ask_is_a_rate() {
    let mut environment = complete();
    environment.variables.insert("READS_PER_ADDRESS".to_owned(), "50/second".to_owned());
    environment.variables.insert("CHANGES_PER_ADDRESS".to_owned(), "never".to_owned());
    let common = Common::read(&mut environment, "orders").unwrap();
    assert_eq!(common.rates.reads.to_string(), "50/second");
    let error = environment.finish(|| Some(common)).unwrap_err().to_string();
    assert!(error.contains("CHANGES_PER_ADDRESS cannot be read: has to be a number from 1 on"), "{error}");
}

#[test]
fn all_that_is_wrong_is_reported_at_once() {
    let mut environment = Environment::from_iter([
        ("HTTP_ADDR", "nowhere"),
        ("NATS_URL", " "),
        ("PUBLIC_ORIGIN", "http://localhost:3000/shop"),
        ("SHUTDOWN_GRACE_SECONDS", "-1"),
        ("MONGODB_URL", "mongodb://user:secret@127.0.0.1"),
    ]);
    let common = Common::read(&mut environment, "orders");
    environment.fault("MONGODB_URL", "names no replica set");
    let error = environment.finish(|| common).unwrap_err();
    let variables: Vec<&str> = error.faults.iter().map(|fault| fault.variable.as_str()).collect();
    assert_eq!(
        variables,
        ["HTTP_ADDR", "NATS_URL", "JWKS_FILE", "PUBLIC_ORIGIN", "SHUTDOWN_GRACE_SECONDS", "MONGODB_URL"]
    );
    let text = error.to_string();
    assert!(text.contains("\n  JWKS_FILE is not set"), "{text}");
    assert!(!text.contains("secret"), "{text}");
}

#[test]
fn an_optional_value_may_be_absent_but_not_wrong() {
    let mut environment = Environment::from_iter([("LIMIT", "many")]);
    assert_eq!(environment.optional::<u32>("OTHER"), None);
    assert_eq!(environment.optional::<u32>("LIMIT"), None);
    let error = environment.finish(|| Some(())).unwrap_err();
    assert_eq!(error.faults.len(), 1);
}

#[test]
fn an_origin_is_written_as_browsers_write_it() {
    for (text, expected) in [
        ("http://localhost:3000", Some("http://localhost:3000")),
        ("https://Stagedoor.Example/", Some("https://stagedoor.example")),
        ("https://stagedoor.example:443", Some("https://stagedoor.example")),
        ("http://[::1]:3000", Some("http://[::1]:3000")),
        ("https://stagedoor.example/shop", None),
        ("https://user@stagedoor.example", None),
        ("ftp://stagedoor.example", None),
        ("stagedoor.example", None),
    ] {
        let origin = text.parse::<PublicOrigin>().ok();
        assert_eq!(origin.as_ref().map(PublicOrigin::as_str), expected, "{text}");
    }
}

#[test]
fn production_has_an_origin_that_nobody_reads_along_with() {
    for (purpose, origin, fits) in [
        ("production", "https://stagedoor.example", true),
        ("production", "http://localhost:3000", true),
        ("production", "http://127.0.0.1", true),
        ("production", "http://[::1]:3000", true),
        ("production", "http://stagedoor.example", false),
        ("production", "http://localhost.stagedoor.example", false),
        ("production", "http://10.0.0.1:3000", false),
        ("development", "http://stagedoor.example", true),
        ("", "http://stagedoor.example", true),
    ] {
        let mut environment = complete();
        environment.variables.insert("STAGEDOOR_ENV".to_owned(), purpose.to_owned());
        environment.variables.insert("PUBLIC_ORIGIN".to_owned(), origin.to_owned());
        let common = Common::read(&mut environment, "orders");
        let read = environment.finish(|| common);
        let said = read.as_ref().err().map(ToString::to_string).unwrap_or_default();
        assert_eq!(read.is_ok(), fits, "{purpose} {origin}");
        assert_eq!(said.contains("PUBLIC_ORIGIN is not https"), !fits, "{said}");
    }
}

#[test]
fn what_it_is_run_for_is_said_in_one_of_two_words() {
    let mut environment = Environment::from_iter([("STAGEDOOR_ENV", "Production")]);
    assert!(!environment.is_production());
    assert!(!environment.is_production());
    let error = environment.finish(|| Some(())).unwrap_err().to_string();
    assert!(
        error.ends_with("\n  STAGEDOOR_ENV cannot be read: neither development nor production"),
        "{error}"
    );
    assert_eq!(error.matches("STAGEDOOR_ENV").count(), 1, "{error}");
}

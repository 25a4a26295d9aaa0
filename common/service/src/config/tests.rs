//! What is read from the environment, and what is said when it is wrong.

use std::time::Duration;

use super::{Common, Environment, PublicOrigin};

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

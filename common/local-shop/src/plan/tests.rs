//! What a service is told, seen by a process that only repeats it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    net::SocketAddr,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    thread,
    time::Duration,
};

use local_servers::{Home, Toolbox, ports};

use super::{SERVICES, addresses, loopback};
use crate::{
    keys::Secrets,
    options::{Given, Options, Retelling},
    passwords::Passwords,
    servers::Servers,
};

fn options(folder: &Path) -> Options {
    let home = Home::at(folder);
    Options {
        toolbox: Toolbox::of(&home),
        home,
        binaries: folder.to_owned(),
        origin_port: 1,
        given: given(),
        variables: [("RESERVATION_SECONDS".to_owned(), "5".to_owned())].into(),
        replicas: 1,
        has_edge: false,
        retelling: Retelling::new(|process, variables| {
            if process == "orders" {
                variables.insert("NATS_URL".to_owned(), "elsewhere".to_owned());
            }
            Ok(())
        }),
    }
}

/// No server of our own is needed then.
fn given() -> Given {
    let given = |text: &str| Some(text.to_owned());
    Given {
        nats_url: given("here"),
        mongodb_url: given("mongodb://there/"),
        redis_url: given("redis://them:theirs@there/"),
        stripe_api_base: given("http://cards"),
        stripe_secret_key: given("sk_test_1"),
    }
}

fn secrets() -> Secrets {
    Secrets {
        signing_key: "keys/signing-key.pem".into(),
        jwks: "keys/jwks.json".into(),
        ticket_codes: "keys/ticket-codes.key".into(),
        stripe_secret_key: "sk_test_1".to_owned(),
        passwords: Passwords::default(),
    }
}

fn told(options: &Options, name: &str) -> String {
    let program = options.binaries.join(name);
    fs::write(&program, "#!/bin/sh\necho \"$NATS_URL $RESERVATION_SECONDS $MONGODB_DATABASE.\"\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let service = SERVICES.iter().find(|service| service.name == name).unwrap();
    let told = service.told(&Servers::of(options, &secrets()).unwrap(), &secrets(), &all_addresses());
    let mut server = service.server(name, options, free(), free(), told).unwrap();
    server.spawn().unwrap();
    while server.is_running() {
        thread::sleep(Duration::from_millis(5));
    }
    fs::read_to_string(server.launch().log()).unwrap()
}

/// Of all that listen.
fn all_addresses() -> BTreeMap<String, String> {
    let named = SERVICES.iter().map(|service| format!("{}_HTTP_ADDR", service.name.to_uppercase()));
    let origin = ("ORIGIN".to_owned(), "http://localhost:1".to_owned());
    named.map(|name| (name, "127.0.0.1:2".to_owned())).chain([origin]).collect()
}

fn free() -> SocketAddr {
    loopback(ports::free().unwrap())
}

#[test]
fn one_service_may_be_told_something_else_than_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let options = options(folder.path());
    assert_eq!(told(&options, "tickets"), "here 5 tickets.\n");
    assert_eq!(told(&options, "orders"), "elsewhere 5 orders.\n");
}

#[test]
fn each_service_is_told_what_it_reads_and_no_secret_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let servers = Servers::of(&options(folder.path()), &secrets()).unwrap();
    let mut whose: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for service in &SERVICES {
        let told = service.told(&servers, &secrets(), &all_addresses());
        assert_eq!(told.len(), 1 + service.reads.len(), "{} reads what nobody tells it", service.name);
        for name in told.into_keys() {
            whose.entry(name).or_default().insert(service.name);
        }
    }
    for (secret, service) in [
        ("STRIPE_SECRET_KEY", "payments"),
        ("JWT_SIGNING_KEY_FILE", "auth"),
        ("TICKET_CODE_KEY_FILE", "tickets"),
        ("BOOTSTRAP_ADMIN_PASSWORD", "auth"),
    ] {
        assert_eq!(whose[secret], BTreeSet::from([service]), "{secret}");
    }
    assert_eq!(whose["REDIS_URL"].len(), SERVICES.len() - 2, "each counts who asks it, or keeps timers");
    for service in ["replay", "client"] {
        assert!(!whose["REDIS_URL"].contains(service), "{service}");
    }
    assert!(!whose["NATS_URL"].contains("client") && !whose["JWKS_FILE"].contains("client"));
    assert!(!whose["READS_PER_ADDRESS"].contains("expiration"));
    for service in ["expiration", "replay", "client"] {
        assert!(!whose["MONGODB_URL"].contains(service), "{service}");
    }
}

#[test]
fn servers_that_are_given_are_used_as_they_were_given() {
    let folder = tempfile::tempdir().unwrap();
    let servers = Servers::of(&options(folder.path()), &secrets()).unwrap();
    let url = |name: &str| servers.url(name, "expiration", &secrets()).unwrap();
    assert_eq!(url("NATS_URL"), "here");
    assert_eq!(url("REDIS_URL"), "redis://them:theirs@there/");
    let addresses = addresses(&servers, &secrets(), "http://localhost:1");
    assert_eq!(addresses["RIG_REDIS_URL"], "redis://them:theirs@there/");
    assert!(servers.ours.is_empty());
}

#[test]
fn each_replica_has_a_name_of_its_own() {
    let orders = SERVICES.iter().find(|service| service.name == "orders").unwrap();
    assert_eq!([1, 2, 3].map(|number| orders.replica(number)), ["orders", "orders-2", "orders-3"]);
}

//! What a service is told, seen by a process that only repeats it.

use std::{fs, net::SocketAddr, os::unix::fs::PermissionsExt as _, path::Path, thread, time::Duration};

use local_servers::{Home, Toolbox, ports};

use super::{SERVICES, loopback};
use crate::options::{Given, Options, Retelling};

fn options(folder: &Path) -> Options {
    let home = Home::at(folder);
    Options {
        toolbox: Toolbox::of(&home),
        home,
        binaries: folder.to_owned(),
        origin_port: 1,
        given: Given::default(),
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

fn told(options: &Options, name: &str) -> String {
    let program = options.binaries.join(name);
    fs::write(&program, "#!/bin/sh\necho \"$NATS_URL $RESERVATION_SECONDS $MONGODB_DATABASE.\"\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let service = SERVICES.iter().find(|service| service.name == name).unwrap();
    let nats = [("NATS_URL", "here".to_owned())];
    let mut server = service.server(name, options, free(), free(), &nats).unwrap();
    server.spawn().unwrap();
    while server.is_running() {
        thread::sleep(Duration::from_millis(5));
    }
    fs::read_to_string(server.launch().log()).unwrap()
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
fn each_replica_has_a_name_of_its_own() {
    let orders = SERVICES.iter().find(|service| service.name == "orders").unwrap();
    assert_eq!([1, 2, 3].map(|number| orders.replica(number)), ["orders", "orders-2", "orders-3"]);
}

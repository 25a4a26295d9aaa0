//! NATS with JetStream. It does not sync each write to the disk: the services' stores can rebuild the stream.

use std::{collections::BTreeMap, fs};

use crate::{
    error::{Doing, Result},
    launch::Launch,
    packages::NATS,
    place::Place,
    probe::Probe,
    server::Server,
    toolbox::Toolbox,
};

/// Ready to be started, and open to everybody on this machine; fetches what is missing.
pub fn server(toolbox: &Toolbox, place: &Place) -> Result<Server> {
    guarded(toolbox, place, "", &BTreeMap::new())
}

/// The same, open only to `users`: a part of the server's settings. The passwords that it names are put into the
/// server's environment, and stand in no file of its own.
pub fn guarded(
    toolbox: &Toolbox,
    place: &Place,
    users: &str,
    passwords: &BTreeMap<String, String>,
) -> Result<Server> {
    let program = toolbox.fetch(&NATS)?;
    let port = place.port()?;
    fs::create_dir_all(&place.data).doing(|| format!("create {}", place.data.display()))?;
    let settings = place.data.join("nats.conf");
    let store = place.data.join("jetstream");
    let text = format!(
        "listen: \"127.0.0.1:{port}\"\njetstream {{\n  store_dir: {:?}\n}}\n{users}",
        store.display().to_string()
    );
    fs::write(&settings, text).doing(|| format!("write {}", settings.display()))?;

    let launch = Launch::new(program, &place.log).argument("--config").argument(settings);
    let launch = passwords.iter().fold(launch, |launch, (name, password)| launch.variable(name, password));
    Ok(Server::new("nats", format!("nats://127.0.0.1:{port}"), port, launch, Probe::Nats))
}

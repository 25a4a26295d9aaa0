//! NATS with JetStream. It does not sync each write to the disk: the services' stores can rebuild the stream.

use std::fs;

use crate::{
    error::{Doing, Result},
    launch::Launch,
    packages::NATS,
    place::Place,
    probe::Probe,
    server::Server,
    toolbox::Toolbox,
};

/// Ready to be started; fetches what is missing.
pub fn server(toolbox: &Toolbox, place: &Place) -> Result<Server> {
    let program = toolbox.fetch(&NATS)?;
    let port = place.port()?;
    fs::create_dir_all(&place.data).doing(|| format!("create {}", place.data.display()))?;
    let settings = place.data.join("nats.conf");
    let store = place.data.join("jetstream");
    let text = format!(
        "listen: \"127.0.0.1:{port}\"\njetstream {{\n  store_dir: {:?}\n}}\n",
        store.display().to_string()
    );
    fs::write(&settings, text).doing(|| format!("write {}", settings.display()))?;

    let launch = Launch::new(program, &place.log).argument("--config").argument(settings);
    Ok(Server::new("nats", format!("nats://127.0.0.1:{port}"), port, launch, Probe::Nats))
}

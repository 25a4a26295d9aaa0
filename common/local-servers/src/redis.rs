//! Redis with an append-only file, which loses at most the last second when the machine goes down.

use std::fs;

use crate::{
    error::{Doing, Result},
    launch::Launch,
    packages::REDIS,
    place::Place,
    probe::Probe,
    server::Server,
    toolbox::Toolbox,
};

/// Ready to be started; fetches what is missing.
pub fn server(toolbox: &Toolbox, place: &Place) -> Result<Server> {
    let program = toolbox.fetch(&REDIS)?;
    let port = place.port()?;
    fs::create_dir_all(&place.data).doing(|| format!("create {}", place.data.display()))?;

    let launch = Launch::new(program, &place.log)
        .arguments(["--bind", "127.0.0.1", "--port", &port.to_string(), "--dir"])
        .argument(&place.data)
        .arguments(["--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--daemonize", "no"])
        // It refuses to start in a locale that the machine does not have.
        .variable("LC_ALL", "C");
    Ok(Server::new("redis", format!("redis://127.0.0.1:{port}/"), port, launch, Probe::Redis))
}

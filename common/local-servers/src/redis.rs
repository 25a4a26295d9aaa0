//! Redis with an append-only file, which loses at most the last second when the machine goes down.

use std::{fs, path::Path};

use crate::{
    error::{Doing, Result},
    launch::Launch,
    packages::REDIS,
    place::Place,
    probe::Probe,
    server::Server,
    toolbox::Toolbox,
};

/// Ready to be started, and open to everybody on this machine; fetches what is missing.
pub fn server(toolbox: &Toolbox, place: &Place) -> Result<Server> {
    launch(toolbox, place).map(|(launch, port)| ready(launch, port))
}

/// The same, open only to the users in the file `access_list`, which has to outlive the server's data.
pub fn guarded(toolbox: &Toolbox, place: &Place, access_list: &Path) -> Result<Server> {
    let (launch, port) = launch(toolbox, place)?;
    Ok(ready(launch.argument("--aclfile").argument(access_list), port))
}

fn launch(toolbox: &Toolbox, place: &Place) -> Result<(Launch, u16)> {
    let program = toolbox.fetch(&REDIS)?;
    let port = place.port()?;
    fs::create_dir_all(&place.data).doing(|| format!("create {}", place.data.display()))?;

    let launch = Launch::new(program, &place.log)
        .arguments(["--bind", "127.0.0.1", "--port", &port.to_string(), "--dir"])
        .argument(&place.data)
        .arguments(["--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--daemonize", "no"])
        // It refuses to start in a locale that the machine does not have.
        .variable("LC_ALL", "C");
    Ok((launch, port))
}

fn ready(launch: Launch, port: u16) -> Server {
    Server::new("redis", format!("redis://127.0.0.1:{port}/"), port, launch, Probe::Redis)
}

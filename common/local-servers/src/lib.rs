//! Starts the real NATS, MongoDB, Redis and Traefik out of `.stagedoor/`, on free ports, and ends them. Whatever
//! it starts dies with the process that started it, even when that one is killed outright.
#![expect(
    clippy::disallowed_methods,
    reason = "a tool for development: it really waits and really asks the machine"
)]

pub mod chromium;
pub mod edge;
mod error;
mod home;
pub mod http;
mod launch;
pub mod mongodb;
pub mod nats;
mod packages;
mod place;
pub mod ports;
mod probe;
mod process;
pub mod redis;
mod server;
mod spawner;
mod toolbox;

pub use error::{Error, Result};
pub use home::Home;
pub use launch::Launch;
pub use packages::{
    AXE, Bundle, CHROMIUM, FAKETIME, GLIBC, LIGHTHOUSE, MONGODB, NATS, NEXTEST, NODE, Package, REDIS,
    SCHEMATHESIS, SERVERS, Source, TRAEFIK,
};
pub use place::Place;
pub use probe::Probe;
pub use process::Process;
pub use server::Server;
pub use toolbox::Toolbox;

//! All that the environment decides.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use service::config::{ConfigError, Environment};

/// The settings of expiration.
#[derive(Clone, Debug)]
pub struct Config {
    /// `HTTP_ADDR`: where health is asked for. `127.0.0.1:8080` unless set.
    pub http_addr: SocketAddr,
    /// `INTERNAL_ADDR`: where health and metrics are asked for. `127.0.0.1:9090` unless set.
    pub internal_addr: SocketAddr,
    /// `NATS_URL`: the bus.
    pub nats_url: String,
    /// `REDIS_URL`: where the timers live.
    pub redis_url: String,
    /// `RESERVATION_SECONDS`: how long an order may wait for its payment; how far back the event log is searched for
    /// timers that Redis lost. 900 unless set.
    pub reservation: Duration,
    /// `SHUTDOWN_GRACE_SECONDS`: how long what is under way may take when the process is told to stop. 10 unless set.
    pub shutdown_grace: Duration,
}

impl Config {
    pub fn from_environment(mut environment: Environment) -> Result<Self, ConfigError> {
        let http_addr = environment.or("HTTP_ADDR", SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)));
        let internal_addr = environment.or("INTERNAL_ADDR", SocketAddr::from((Ipv4Addr::LOCALHOST, 9090)));
        let nats_url = environment.require("NATS_URL");
        let redis_url = environment.require("REDIS_URL");
        let reservation = Duration::from_secs(environment.or("RESERVATION_SECONDS", 900));
        let shutdown_grace = Duration::from_secs(environment.or("SHUTDOWN_GRACE_SECONDS", 10));
        environment.finish(|| {
            Some(Self {
                http_addr,
                internal_addr,
                nats_url: nats_url?,
                redis_url: redis_url?,
                reservation,
                shutdown_grace,
            })
        })
    }
}

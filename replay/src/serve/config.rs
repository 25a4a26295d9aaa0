//! All that the environment decides.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use history::INDEXED;
use service::config::{ConfigError, Environment, PublicOrigin};
use service::http::Rates;

/// The settings of the server. It has no database, so it reads not quite what the services have in common.
#[derive(Clone, Debug)]
pub struct Config {
    /// `HTTP_ADDR`: where it is spoken to. `127.0.0.1:8080` unless set; port 0 takes a free one.
    pub http_addr: SocketAddr,
    /// `INTERNAL_ADDR`: where health and metrics are asked for. `127.0.0.1:9090` unless set.
    pub internal_addr: SocketAddr,
    /// `NATS_URL`: the stream.
    pub nats_url: String,
    /// `JWKS_FILE`: the public keys that access tokens are verified with; read again when it changes.
    pub jwks_file: PathBuf,
    /// `JWT_ISSUER`: who makes the access tokens. `stagedoor` unless set.
    pub issuer: String,
    /// `JWT_AUDIENCE`: whom the access tokens are for. `stagedoor` unless set.
    pub audience: String,
    /// `PUBLIC_ORIGIN`: the one origin that browsers see.
    pub public_origin: PublicOrigin,
    /// `READS_PER_ADDRESS` and `CHANGES_PER_ADDRESS`: how often one address may ask each replica, such as `50/second`.
    /// `3000/minute` and `600/minute` unless set.
    pub rates: Rates,
    /// `INDEXED_EVENTS`: so many of the newest events are found by the request they began with, for 24 bytes of memory
    /// each. 10000000 unless set.
    pub indexed_events: usize,
    /// `SHUTDOWN_GRACE_SECONDS`: how long open requests may take when the process is told to stop. 10 unless set.
    pub shutdown_grace: Duration,
}

impl Config {
    pub fn read(mut environment: Environment) -> Result<Self, ConfigError> {
        let http_addr = environment.or("HTTP_ADDR", SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)));
        let internal_addr = environment.or("INTERNAL_ADDR", SocketAddr::from((Ipv4Addr::LOCALHOST, 9090)));
        let nats_url = environment.require("NATS_URL");
        let jwks_file = environment.require("JWKS_FILE");
        let issuer = environment.or("JWT_ISSUER", "stagedoor".to_owned());
        let audience = environment.or("JWT_AUDIENCE", "stagedoor".to_owned());
        let public_origin: Option<PublicOrigin> = environment.require("PUBLIC_ORIGIN");
        if environment.is_production()
            && public_origin.as_ref().is_some_and(|origin| !origin.is_secure() && !origin.is_local())
        {
            environment.fault(
                "PUBLIC_ORIGIN",
                "is not https, and in production everybody on the way could read along",
            );
        }
        let rates = Rates::read(&mut environment);
        let indexed_events = environment.or("INDEXED_EVENTS", INDEXED);
        if indexed_events == 0 {
            environment.fault("INDEXED_EVENTS", "lets nothing be found by its request");
        }
        let shutdown_grace = Duration::from_secs(environment.or("SHUTDOWN_GRACE_SECONDS", 10));
        environment.finish(|| {
            Some(Self {
                http_addr,
                internal_addr,
                nats_url: nats_url?,
                jwks_file: jwks_file?,
                issuer,
                audience,
                public_origin: public_origin?,
                rates,
                indexed_events,
                shutdown_grace,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(more: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        let required = [
            ("NATS_URL", "nats://127.0.0.1:4222"),
            ("JWKS_FILE", "keys.json"),
            ("PUBLIC_ORIGIN", "http://stagedoor.example"),
        ];
        Config::read(required.iter().chain(more).copied().collect())
            .map_err(|error| error.faults.into_iter().map(|fault| fault.variable).collect())
    }

    #[test]
    fn ten_million_events_are_indexed_unless_it_is_said_otherwise() {
        assert_eq!(read(&[]).unwrap().indexed_events, 10_000_000);
        assert_eq!(read(&[("INDEXED_EVENTS", "5")]).unwrap().indexed_events, 5);
        assert_eq!(read(&[("INDEXED_EVENTS", "0")]).unwrap_err(), ["INDEXED_EVENTS"]);
    }

    #[test]
    fn in_production_nobody_on_the_way_may_read_along() {
        assert_eq!(read(&[("STAGEDOOR_ENV", "production")]).unwrap_err(), ["PUBLIC_ORIGIN"]);
    }
}

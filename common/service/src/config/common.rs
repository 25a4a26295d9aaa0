//! What every service that is spoken to over HTTP reads from the environment.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use super::{Environment, PublicOrigin};
use crate::http::Rates;

/// The settings that the services have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Common {
    /// `HTTP_ADDR`: where the service is spoken to. `127.0.0.1:8080` unless set; port 0 takes a free one.
    pub http_addr: SocketAddr,
    /// `INTERNAL_ADDR`: where health and metrics are asked for. `127.0.0.1:9090` unless set.
    pub internal_addr: SocketAddr,
    /// `NATS_URL`: the bus.
    pub nats_url: String,
    /// `MONGODB_URL`: the server with the service's own database.
    pub mongodb_url: String,
    /// `MONGODB_DATABASE`: the service's own database; named as the service unless set.
    pub mongodb_database: String,
    /// `REDIS_URL`: where all replicas count who asks how often. Without it each counts by itself.
    pub redis_url: Option<String>,
    /// `READS_PER_ADDRESS` and `CHANGES_PER_ADDRESS`: how often one address may ask this service, such as `50/second`.
    /// `3000/minute` and `600/minute` unless set.
    pub rates: Rates,
    /// `JWKS_FILE`: the public keys that access tokens are verified with; read again when it changes.
    pub jwks_file: PathBuf,
    /// `JWT_ISSUER`: who makes the access tokens. `stagedoor` unless set.
    pub issuer: String,
    /// `JWT_AUDIENCE`: whom the access tokens are for. `stagedoor` unless set.
    pub audience: String,
    /// `PUBLIC_ORIGIN`: the one origin that browsers see. Cookies are `Secure` when it is https, and it has to be
    /// where `STAGEDOOR_ENV` is `production` and the origin is not this machine.
    pub public_origin: PublicOrigin,
    /// `SHUTDOWN_GRACE_SECONDS`: how long open requests may take when the process is told to stop. 10 unless set.
    pub shutdown_grace: Duration,
}

impl Common {
    /// Reads all of it for `service`; `None` when something required is missing or wrong.
    pub fn read(environment: &mut Environment, service: &str) -> Option<Self> {
        let http_addr = environment.or("HTTP_ADDR", SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)));
        let internal_addr = environment.or("INTERNAL_ADDR", SocketAddr::from((Ipv4Addr::LOCALHOST, 9090)));
        let nats_url = environment.require("NATS_URL");
        let mongodb_url = environment.require("MONGODB_URL");
        let mongodb_database = environment.or("MONGODB_DATABASE", service.to_owned());
        let redis_url = environment.optional("REDIS_URL");
        let rates = Rates::read(environment);
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
        let shutdown_grace = Duration::from_secs(environment.or("SHUTDOWN_GRACE_SECONDS", 10));
        Some(Self {
            http_addr,
            internal_addr,
            nats_url: nats_url?,
            mongodb_url: mongodb_url?,
            mongodb_database,
            redis_url,
            rates,
            jwks_file: jwks_file?,
            issuer,
            audience,
            public_origin: public_origin?,
            shutdown_grace,
        })
    }
}

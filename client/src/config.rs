//! All that the environment decides.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use service::config::{ConfigError, Environment, PublicOrigin};

use crate::api::Upstreams;

/// The settings of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// `HTTP_ADDR`: where the pages are served. `127.0.0.1:8080` unless set; port 0 takes a free one.
    pub http_addr: SocketAddr,
    /// `INTERNAL_ADDR`: where health and metrics are asked for. `127.0.0.1:9090` unless set.
    pub internal_addr: SocketAddr,
    /// `PUBLIC_ORIGIN`: the one origin that browsers see. Links that leave the site begin with it.
    pub public_origin: PublicOrigin,
    /// `AUTH_URL`, `TICKETS_URL`, `ORDERS_URL`, `PAYMENTS_URL`, `EVENTS_URL`: where each service is asked, without a
    /// path.
    pub upstreams: Upstreams,
    /// `SHUTDOWN_GRACE_SECONDS`: how long open requests may take when the process is told to stop. 10 unless set.
    pub shutdown_grace: Duration,
}

impl Config {
    pub fn read(mut environment: Environment) -> Result<Self, ConfigError> {
        let http_addr = environment.or("HTTP_ADDR", SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)));
        let internal_addr = environment.or("INTERNAL_ADDR", SocketAddr::from((Ipv4Addr::LOCALHOST, 9090)));
        let public_origin = environment.require("PUBLIC_ORIGIN");
        let mut url = |name| environment.require(name);
        let (auth, tickets, orders) = (url("AUTH_URL"), url("TICKETS_URL"), url("ORDERS_URL"));
        let (payments, events) = (url("PAYMENTS_URL"), url("EVENTS_URL"));
        let shutdown_grace = Duration::from_secs(environment.or("SHUTDOWN_GRACE_SECONDS", 10));
        environment.finish(|| {
            let upstreams = Upstreams {
                auth: auth?,
                tickets: tickets?,
                orders: orders?,
                payments: payments?,
                events: events?,
            };
            Some(Self { http_addr, internal_addr, public_origin: public_origin?, upstreams, shutdown_grace })
        })
    }
}

//! What a shop consists of: which processes, where each listens, and what each is told by its environment.

use std::{
    env, fs,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    path::Path,
};

use anyhow::Context as _;
use local_servers::{Home, Launch, Place, Probe, Server, Toolbox, edge, mongodb, nats, ports, redis};

use super::keys::Secrets;
use crate::seed;

pub(crate) struct Shop {
    pub(crate) servers: Vec<Server>,
    pub(crate) services: Vec<Server>,
    pub(crate) edge: Server,
    pub(crate) origin: String,
    /// For whoever wants to find the running shop.
    pub(crate) addresses: Vec<(String, String)>,
}

struct Service {
    name: &'static str,
    /// The paths of the one origin that it answers.
    paths: &'static [&'static str],
    has_database: bool,
}

const SERVICES: [Service; 5] = [
    Service { name: "auth", paths: &["/api/users", "/.well-known/jwks.json"], has_database: true },
    Service { name: "tickets", paths: &["/api/tickets"], has_database: true },
    Service { name: "orders", paths: &["/api/orders"], has_database: true },
    Service { name: "payments", paths: &["/api/payments"], has_database: true },
    Service { name: "expiration", paths: &[], has_database: false },
];

impl Shop {
    pub(crate) fn plan(
        home: &Home,
        toolbox: &Toolbox,
        binaries: &Path,
        secrets: &Secrets,
        origin_port: u16,
    ) -> anyhow::Result<Self> {
        let origin = format!("http://localhost:{origin_port}");
        fs::create_dir_all(home.data()).context("could not create the folder of data")?;
        let mut servers = Vec::new();
        let mut url_of = |variable: &str, server: &dyn Fn() -> local_servers::Result<Server>| {
            if let Some(url) = given(variable) {
                return Ok::<_, local_servers::Error>(url);
            }
            let server = server()?;
            let url = server.url().to_owned();
            servers.push(server);
            Ok(url)
        };
        let place = |name: &str| Place { log: log(home, name), ..Place::under(home.folder(), name) };
        let mut told = vec![
            ("NATS_URL", url_of("NATS_URL", &|| nats::server(toolbox, &place("nats")))?),
            ("MONGODB_URL", url_of("MONGODB_URL", &|| mongodb::server(toolbox, &place("mongo")))?),
            ("REDIS_URL", url_of("REDIS_URL", &|| redis::server(toolbox, &place("redis")))?),
            ("STRIPE_API_BASE", url_of("STRIPE_API_BASE", &|| stripe_standin(home, binaries))?),
        ];
        let addresses = told.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let mut addresses: Vec<_> = addresses.chain([("ORIGIN".to_owned(), origin.clone())]).collect();
        told.push(("PUBLIC_ORIGIN", origin.clone()));
        told.extend(settings(secrets));

        let (mut services, mut routes) = (Vec::new(), Vec::new());
        for service in &SERVICES {
            let (http, internal) = (loopback(ports::free()?), loopback(ports::free()?));
            let upper = service.name.to_uppercase();
            addresses.push((format!("{upper}_HTTP_ADDR"), http.to_string()));
            addresses.push((format!("{upper}_INTERNAL_ADDR"), internal.to_string()));
            routes.extend(service.paths.iter().map(|path| edge::Route {
                path: (*path).to_owned(),
                service: service.name.to_owned(),
                upstream: http,
            }));
            services.push(service.server(home, binaries, http, internal, &told));
        }

        let edge_place =
            Place { data: home.run().join("edge"), log: log(home, "edge"), port: Some(origin_port) };
        let edge = edge::server(toolbox, &edge_place, &origin_addresses(origin_port), &routes)?;
        Ok(Self { servers, services, edge, origin, addresses })
    }
}

impl Service {
    fn server(
        &self,
        home: &Home,
        binaries: &Path,
        http: SocketAddr,
        internal: SocketAddr,
        told: &[(&'static str, String)],
    ) -> Server {
        let launch = Launch::new(binaries.join(self.name), log(home, self.name))
            .variable("HTTP_ADDR", http.to_string())
            .variable("INTERNAL_ADDR", internal.to_string());
        let launch = told.iter().fold(launch, |launch, (name, value)| launch.variable(*name, value));
        let launch = if self.has_database { launch.variable("MONGODB_DATABASE", self.name) } else { launch };
        Server::new(
            self.name,
            format!("http://{http}"),
            internal.port(),
            launch,
            Probe::Ready("/readyz".to_owned()),
        )
    }
}

/// What every service is told alike; each reads what concerns it.
fn settings(secrets: &Secrets) -> Vec<(&'static str, String)> {
    vec![
        ("JWKS_FILE", secrets.jwks.display().to_string()),
        ("JWT_SIGNING_KEY_FILE", secrets.signing_key.display().to_string()),
        ("BOOTSTRAP_ADMIN_EMAIL", seed::ADMIN_EMAIL.to_owned()),
        ("BOOTSTRAP_ADMIN_PASSWORD", seed::ADMIN_PASSWORD.to_owned()),
        ("RESERVATION_SECONDS", given("RESERVATION_SECONDS").unwrap_or_else(|| "900".to_owned())),
        ("STRIPE_SECRET_KEY", secrets.stripe_secret_key.clone()),
        ("LOG_FORMAT", "text".to_owned()),
    ]
}

fn stripe_standin(home: &Home, binaries: &Path) -> local_servers::Result<Server> {
    let address = loopback(ports::free()?);
    let launch = Launch::new(binaries.join("stripe-standin"), log(home, "stripe-standin"))
        .argument("--listen")
        .argument(address.to_string())
        .argument("--state")
        .argument(home.data().join("stripe.json"));
    let probe = Probe::Ready("/healthz".to_owned());
    Ok(Server::new("stripe-standin", format!("http://{address}"), address.port(), launch, probe))
}

/// Where the one origin listens: `localhost` may mean either loopback address.
pub(crate) fn origin_addresses(port: u16) -> Vec<SocketAddr> {
    let has_v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
    let v6 = has_v6.then(|| SocketAddr::from((Ipv6Addr::LOCALHOST, port)));
    std::iter::once(loopback(port)).chain(v6).collect()
}

/// A fresh log; that of the shop before is kept once.
fn log(home: &Home, name: &str) -> std::path::PathBuf {
    let log = home.logs().join(format!("{name}.log"));
    let _ = fs::rename(&log, home.logs().join(format!("{name}.previous.log")));
    log
}

fn given(variable: &str) -> Option<String> {
    env::var(variable).ok().filter(|value| !value.is_empty())
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

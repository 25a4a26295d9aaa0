//! What a shop consists of: which processes, where each listens, and what each is told by its environment.

use std::{
    collections::BTreeMap,
    fs,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    path::PathBuf,
};

use local_servers::{Launch, Place, Probe, Server, edge, mongodb, nats, ports, redis};

use crate::{
    error::{Doing, Error, Result},
    keys::Secrets,
    options::{ADMIN_EMAIL, ADMIN_PASSWORD, Options},
    supervisor::Stage,
};

/// Ready to be started.
pub struct Plan {
    pub servers: Vec<Server>,
    pub services: Vec<Server>,
    pub edge: Option<Server>,
    pub secrets: Secrets,
    /// `http://localhost:<port>`.
    pub origin: String,
    /// Where everything listens, by the name of the variable that would say so.
    pub addresses: BTreeMap<String, String>,
}

/// One of the shop's own processes.
#[derive(Debug)]
pub struct Service {
    pub name: &'static str,
    /// The paths of the one origin that it answers.
    pub paths: &'static [&'static str],
    pub has_database: bool,
}

pub const SERVICES: [Service; 5] = [
    Service { name: "auth", paths: &["/api/users", "/.well-known/jwks.json"], has_database: true },
    Service { name: "tickets", paths: &["/api/tickets"], has_database: true },
    Service { name: "orders", paths: &["/api/orders"], has_database: true },
    Service { name: "payments", paths: &["/api/payments"], has_database: true },
    Service { name: "expiration", paths: &[], has_database: false },
];

impl Plan {
    /// Makes what is missing in the shop's home: keys, folders, settings of the servers.
    pub fn of(options: &Options) -> Result<Self> {
        let Options { home, toolbox, binaries, origin_port, given, .. } = options;
        for name in SERVICES.iter().map(|service| service.name).chain(["stripe-standin"]) {
            let binary = binaries.join(name);
            if !binary.is_file() {
                return Err(Error::NotBuilt(binary));
            }
        }
        for folder in [home.data(), home.logs(), home.run()] {
            fs::create_dir_all(&folder).doing(|| format!("create {}", folder.display()))?;
        }
        let secrets = Secrets::make(home, binaries, given.stripe_secret_key.as_deref())?;
        let origin = format!("http://localhost:{origin_port}");

        let mut servers = Vec::new();
        let mut url_of = |given: &Option<String>, server: &dyn Fn() -> local_servers::Result<Server>| {
            if let Some(url) = given {
                return Ok::<_, Error>(url.clone());
            }
            let server = server()?;
            let url = server.url().to_owned();
            servers.push(server);
            Ok(url)
        };
        let place = |name: &str| Place { log: log(options, name), ..Place::under(home.folder(), name) };
        let mut told = vec![
            ("NATS_URL", url_of(&given.nats_url, &|| nats::server(toolbox, &place("nats")))?),
            ("MONGODB_URL", url_of(&given.mongodb_url, &|| mongodb::server(toolbox, &place("mongo")))?),
            ("REDIS_URL", url_of(&given.redis_url, &|| redis::server(toolbox, &place("redis")))?),
            ("STRIPE_API_BASE", url_of(&given.stripe_api_base, &|| stripe_standin(options))?),
        ];
        let mut addresses: BTreeMap<_, _> =
            told.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        addresses.insert("ORIGIN".to_owned(), origin.clone());
        told.push(("PUBLIC_ORIGIN", origin.clone()));
        told.extend(settings(&secrets));

        let (mut services, mut routes) = (Vec::new(), Vec::new());
        for service in &SERVICES {
            let mut upstreams = Vec::new();
            for replica in 1..=options.replicas {
                let (http, internal) = (loopback(ports::free()?), loopback(ports::free()?));
                let name = service.replica(replica);
                let upper = name.to_uppercase().replace('-', "_");
                addresses.insert(format!("{upper}_HTTP_ADDR"), http.to_string());
                addresses.insert(format!("{upper}_INTERNAL_ADDR"), internal.to_string());
                upstreams.push(if options.has_edge { upstream(options, &upper, http)? } else { http });
                services.push(service.server(&name, options, http, internal, &told)?);
            }
            routes.extend(service.paths.iter().map(|path| edge::Route {
                path: (*path).to_owned(),
                service: service.name.to_owned(),
                upstreams: upstreams.clone(),
            }));
        }
        let edge = options.has_edge.then(|| edge(options, &routes)).transpose()?;
        Ok(Self { servers, services, edge, secrets, origin, addresses })
    }

    /// What is started together, in the order of the stages, with a name for each.
    pub fn stages(self) -> Vec<(&'static str, Stage, Vec<Server>)> {
        let stages = [
            ("start the servers", Stage::Servers, self.servers),
            ("start the services", Stage::Services, self.services),
            ("start the edge", Stage::Edge, Vec::from_iter(self.edge)),
        ];
        stages.into_iter().filter(|(_, _, servers)| !servers.is_empty()).collect()
    }
}

impl Service {
    /// What the process is called: `orders`, `orders-2`, `orders-3`, …
    pub fn replica(&self, number: usize) -> String {
        if number <= 1 { self.name.to_owned() } else { format!("{}-{number}", self.name) }
    }

    fn server(
        &self,
        name: &str,
        options: &Options,
        http: SocketAddr,
        internal: SocketAddr,
        told: &[(&'static str, String)],
    ) -> Result<Server> {
        let mut variables: BTreeMap<_, _> =
            told.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        variables.insert("HTTP_ADDR".to_owned(), http.to_string());
        variables.insert("INTERNAL_ADDR".to_owned(), internal.to_string());
        variables.extend(options.variables.clone());
        if self.has_database {
            variables.insert("MONGODB_DATABASE".to_owned(), self.name.to_owned());
        }
        options.retelling.of(name, &mut variables)?;
        let launch = Launch::new(options.binaries.join(self.name), log(options, name));
        let launch = variables.iter().fold(launch, |launch, (name, value)| launch.variable(name, value));
        let probe = Probe::Ready("/readyz".to_owned());
        Ok(Server::new(name, format!("http://{http}"), internal.port(), launch, probe))
    }
}

/// Where the edge finds a service: where it listens, unless the edge is told otherwise.
fn upstream(options: &Options, upper: &str, http: SocketAddr) -> Result<SocketAddr> {
    let name = format!("{upper}_HTTP_ADDR");
    let mut addresses = BTreeMap::from([(name.clone(), http.to_string())]);
    options.retelling.of("edge", &mut addresses)?;
    Ok(addresses.get(&name).and_then(|address| address.parse().ok()).unwrap_or(http))
}

/// What every service is told alike; each reads what concerns it.
fn settings(secrets: &Secrets) -> Vec<(&'static str, String)> {
    vec![
        ("JWKS_FILE", secrets.jwks.display().to_string()),
        ("JWT_SIGNING_KEY_FILE", secrets.signing_key.display().to_string()),
        ("BOOTSTRAP_ADMIN_EMAIL", ADMIN_EMAIL.to_owned()),
        ("BOOTSTRAP_ADMIN_PASSWORD", ADMIN_PASSWORD.to_owned()),
        ("STRIPE_SECRET_KEY", secrets.stripe_secret_key.clone()),
        ("LOG_FORMAT", "text".to_owned()),
    ]
}

fn stripe_standin(options: &Options) -> local_servers::Result<Server> {
    let address = loopback(ports::free()?);
    let launch = Launch::new(options.binaries.join("stripe-standin"), log(options, "stripe-standin"))
        .argument("--listen")
        .argument(address.to_string())
        .argument("--state")
        .argument(options.home.data().join("stripe.json"));
    let probe = Probe::Ready("/healthz".to_owned());
    Ok(Server::new("stripe-standin", format!("http://{address}"), address.port(), launch, probe))
}

fn edge(options: &Options, routes: &[edge::Route]) -> Result<Server> {
    let place = Place {
        data: options.home.run().join("edge"),
        log: log(options, "edge"),
        port: Some(options.origin_port),
    };
    Ok(edge::server(&options.toolbox, &place, &origin_addresses(options.origin_port), routes)?)
}

/// Where the one origin listens: `localhost` may mean either loopback address.
pub fn origin_addresses(port: u16) -> Vec<SocketAddr> {
    let has_v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
    let v6 = has_v6.then(|| SocketAddr::from((Ipv6Addr::LOCALHOST, port)));
    std::iter::once(loopback(port)).chain(v6).collect()
}

/// A fresh log; that of the shop before is kept once.
fn log(options: &Options, name: &str) -> PathBuf {
    let logs = options.home.logs();
    let log = logs.join(format!("{name}.log"));
    let _ = fs::rename(&log, logs.join(format!("{name}.previous.log")));
    log
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

#[cfg(test)]
mod tests;

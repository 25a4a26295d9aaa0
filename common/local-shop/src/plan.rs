//! What a shop consists of: which processes, where each listens, and what each is told by its environment.

use std::{
    collections::BTreeMap,
    fs,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    path::PathBuf,
};

use local_servers::{Launch, Place, Probe, Server, edge, ports};
use privileges::{OPERATOR, REPAIR, REPLAY, RIG};

use crate::{
    error::{Doing, Error, Result},
    keys::Secrets,
    options::{ADMIN_EMAIL, ADMIN_PASSWORD, Options},
    servers::Servers,
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
    /// Where everything listens, by the name of the variable that would say so. Servers know whoever uses these as the
    /// operator, or, where the name begins with `RIG_`, `REPLAY_` or `REPAIR_`, as those: they hold passwords.
    pub addresses: BTreeMap<String, String>,
}

/// One of the shop's own processes.
#[derive(Debug)]
pub struct Service {
    pub name: &'static str,
    /// What is run, and with which arguments.
    program: &'static str,
    arguments: &'static [&'static str],
    /// The paths of the one origin that it answers.
    pub paths: &'static [&'static str],
    /// What it reads of its environment, besides what every process is told.
    pub reads: &'static [&'static str],
}

pub const SERVICES: [Service; 7] = [
    Service {
        name: "auth",
        program: "auth",
        arguments: &[],
        paths: &["/api/users", "/.well-known/jwks.json"],
        reads: &[
            "NATS_URL",
            "MONGODB_URL",
            "MONGODB_DATABASE",
            "REDIS_URL",
            "READS_PER_ADDRESS",
            "CHANGES_PER_ADDRESS",
            "JWKS_FILE",
            "PUBLIC_ORIGIN",
            "JWT_SIGNING_KEY_FILE",
            "BOOTSTRAP_ADMIN_EMAIL",
            "BOOTSTRAP_ADMIN_PASSWORD",
            "SIGN_IN_PER_ADDRESS",
            "SIGN_IN_PER_ACCOUNT_AND_ADDRESS",
            "SIGN_IN_PER_ACCOUNT",
        ],
    },
    Service {
        name: "tickets",
        program: "tickets",
        arguments: &[],
        paths: &["/api/tickets"],
        reads: &[
            "NATS_URL",
            "MONGODB_URL",
            "MONGODB_DATABASE",
            "REDIS_URL",
            "READS_PER_ADDRESS",
            "CHANGES_PER_ADDRESS",
            "JWKS_FILE",
            "PUBLIC_ORIGIN",
            "TICKET_CODE_KEY_FILE",
        ],
    },
    Service {
        name: "orders",
        program: "orders",
        arguments: &[],
        paths: &["/api/orders"],
        reads: &[
            "NATS_URL",
            "MONGODB_URL",
            "MONGODB_DATABASE",
            "REDIS_URL",
            "READS_PER_ADDRESS",
            "CHANGES_PER_ADDRESS",
            "JWKS_FILE",
            "PUBLIC_ORIGIN",
        ],
    },
    Service {
        name: "payments",
        program: "payments",
        arguments: &[],
        paths: &["/api/payments"],
        reads: &[
            "NATS_URL",
            "MONGODB_URL",
            "MONGODB_DATABASE",
            "REDIS_URL",
            "READS_PER_ADDRESS",
            "CHANGES_PER_ADDRESS",
            "JWKS_FILE",
            "PUBLIC_ORIGIN",
            "STRIPE_API_BASE",
            "STRIPE_SECRET_KEY",
        ],
    },
    Service {
        name: "expiration",
        program: "expiration",
        arguments: &[],
        paths: &[],
        reads: &["NATS_URL", "REDIS_URL"],
    },
    Service {
        name: "replay",
        program: "stagedoor-replay",
        arguments: &["serve"],
        paths: &["/api/events"],
        reads: &["NATS_URL", "READS_PER_ADDRESS", "CHANGES_PER_ADDRESS", "JWKS_FILE", "PUBLIC_ORIGIN"],
    },
    // Asks the others, so it comes after them.
    Service {
        name: "client",
        program: "client",
        arguments: &[],
        paths: &["/"],
        reads: &["PUBLIC_ORIGIN", "AUTH_URL", "TICKETS_URL", "ORDERS_URL", "PAYMENTS_URL", "EVENTS_URL"],
    },
];

const EVERY_SERVICE_READS: [&str; 1] = ["LOG_FORMAT"];

impl Plan {
    /// Makes what is missing in the shop's home: keys, folders, settings of the servers.
    pub fn of(options: &Options) -> Result<Self> {
        let Options { home, binaries, origin_port, given, .. } = options;
        for name in SERVICES.iter().map(|service| service.program).chain(["stripe-standin"]) {
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

        let servers = Servers::of(options, &secrets)?;
        let mut addresses = addresses(&servers, &secrets, &origin);

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
                services.push(service.server(
                    &name,
                    options,
                    http,
                    internal,
                    service.told(&servers, &secrets, &addresses),
                )?);
            }
            routes.extend(service.paths.iter().map(|path| edge::Route {
                path: (*path).to_owned(),
                service: service.name.to_owned(),
                upstreams: upstreams.clone(),
            }));
        }
        let edge = options.has_edge.then(|| edge(options, &routes)).transpose()?;
        Ok(Self { servers: servers.ours, services, edge, secrets, origin, addresses })
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
    /// What it reads, and nothing else.
    fn told(
        &self,
        servers: &Servers,
        secrets: &Secrets,
        addresses: &BTreeMap<String, String>,
    ) -> BTreeMap<String, String> {
        let of = |service: &str| Some(format!("http://{}", addresses.get(&format!("{service}_HTTP_ADDR"))?));
        let value = |name: &str| match name {
            "PUBLIC_ORIGIN" => addresses.get("ORIGIN").cloned(),
            "AUTH_URL" => of("AUTH"),
            "TICKETS_URL" => of("TICKETS"),
            "ORDERS_URL" => of("ORDERS"),
            "PAYMENTS_URL" => of("PAYMENTS"),
            "EVENTS_URL" => of("REPLAY"),
            "LOG_FORMAT" => Some("text".to_owned()),
            "MONGODB_DATABASE" => Some(self.name.to_owned()),
            "JWKS_FILE" => Some(secrets.jwks.display().to_string()),
            "JWT_SIGNING_KEY_FILE" => Some(secrets.signing_key.display().to_string()),
            "TICKET_CODE_KEY_FILE" => Some(secrets.ticket_codes.display().to_string()),
            "BOOTSTRAP_ADMIN_EMAIL" => Some(ADMIN_EMAIL.to_owned()),
            "BOOTSTRAP_ADMIN_PASSWORD" => Some(ADMIN_PASSWORD.to_owned()),
            "STRIPE_SECRET_KEY" => Some(secrets.stripe_secret_key.clone()),
            // Everybody comes from one address here.
            "READS_PER_ADDRESS" | "CHANGES_PER_ADDRESS" => Some("600000/minute".to_owned()),
            "SIGN_IN_PER_ADDRESS" => Some("100000/minute".to_owned()),
            "SIGN_IN_PER_ACCOUNT_AND_ADDRESS" | "SIGN_IN_PER_ACCOUNT" => Some("10000/minute".to_owned()),
            url => servers.url(url, self.name, secrets),
        };
        let names = EVERY_SERVICE_READS.iter().chain(self.reads);
        names.filter_map(|name| Some(((*name).to_owned(), value(name)?))).collect()
    }

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
        mut variables: BTreeMap<String, String>,
    ) -> Result<Server> {
        variables.insert("HTTP_ADDR".to_owned(), http.to_string());
        variables.insert("INTERNAL_ADDR".to_owned(), internal.to_string());
        variables.extend(options.variables.clone());
        options.retelling.of(name, &mut variables)?;
        let launch = Launch::new(options.binaries.join(self.program), log(options, name));
        let launch = launch.arguments(self.arguments);
        let others =
            SERVICES.iter().flat_map(|service| service.reads).filter(|read| !self.reads.contains(read));
        // Whoever opens the shop may have set what concerns one service alone.
        let launch = others.fold(launch, |launch, read| launch.without(*read));
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

/// Of the servers, for whoever looks at them or breaks them.
fn addresses(servers: &Servers, secrets: &Secrets, origin: &str) -> BTreeMap<String, String> {
    let url = |name: &str, user: &str| servers.url(name, user, secrets).unwrap_or_default();
    let mut addresses: BTreeMap<String, String> = ["NATS_URL", "MONGODB_URL", "REDIS_URL", "STRIPE_API_BASE"]
        .map(|name| (name.to_owned(), url(name, OPERATOR)))
        .into();
    for (prefix, user) in [("RIG", RIG), ("REPLAY", REPLAY), ("REPAIR", REPAIR)] {
        addresses.extend(["NATS_URL", "REDIS_URL"].map(|name| (format!("{prefix}_{name}"), url(name, user))));
    }
    addresses.insert("ORIGIN".to_owned(), origin.to_owned());
    addresses
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
pub(crate) fn log(options: &Options, name: &str) -> PathBuf {
    let logs = options.home.logs();
    let log = logs.join(format!("{name}.log"));
    let _ = fs::rename(&log, logs.join(format!("{name}.previous.log")));
    log
}

pub(crate) fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

#[cfg(test)]
mod tests;

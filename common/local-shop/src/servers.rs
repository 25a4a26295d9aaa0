//! The servers of a shop: our own, each open only to the users it knows, or those that are there already, and how
//! each user reaches them.

use local_servers::{Launch, Place, Probe, Server, mongodb, nats, ports, redis};
use privileges::Shop;

use crate::{
    error::{Error, Result},
    keys::Secrets,
    options::Options,
    passwords::write_secret,
    plan::{log, loopback},
};

/// Where the servers are, and who is known there.
pub(crate) struct Servers {
    nats: Address,
    redis: Address,
    mongodb: String,
    stripe: String,
    /// To be started.
    pub(crate) ours: Vec<Server>,
}

struct Address {
    url: String,
    /// Our own knows its users; one that is given is used as it was given.
    is_ours: bool,
}

impl Servers {
    pub(crate) fn of(options: &Options, secrets: &Secrets) -> Result<Self> {
        let Options { home, toolbox, given, .. } = options;
        let place = |name: &str| Place { log: log(options, name), ..Place::under(home.folder(), name) };
        let mut ours = Vec::new();
        let mut address = |given: &Option<String>, server: &dyn Fn() -> Result<Server>| {
            if let Some(url) = given {
                return Ok::<_, Error>(Address { url: url.clone(), is_ours: false });
            }
            let server = server()?;
            let url = server.url().to_owned();
            ours.push(server);
            Ok(Address { url, is_ours: true })
        };
        let nats = address(&given.nats_url, &|| {
            let (users, passwords) = (privileges::nats::settings(Shop::Local), secrets.passwords.of_nats());
            Ok(nats::guarded(toolbox, &place("nats"), &users, &passwords)?)
        })?;
        let mongodb = address(&given.mongodb_url, &|| Ok(mongodb::server(toolbox, &place("mongo"))?))?.url;
        let redis = address(&given.redis_url, &|| {
            let password = |name: &str| secrets.passwords.of(name).to_owned();
            let access_list = home.keys().join("redis-users.acl");
            write_secret(&access_list, &privileges::redis::access_list(Shop::Local, password))?;
            Ok(redis::guarded(toolbox, &place("redis"), &access_list)?)
        })?;
        let stripe = address(&given.stripe_api_base, &|| stripe_standin(options))?.url;
        Ok(Self { nats, redis, mongodb, stripe, ours })
    }

    /// The URL with which this user goes to the server that a variable such as `NATS_URL` names.
    pub(crate) fn url(&self, variable: &str, user: &str, secrets: &Secrets) -> Option<String> {
        let password = |name: &str| secrets.passwords.of(name);
        match variable {
            "NATS_URL" => Some(self.nats.of(user, password(&privileges::nats::password_variable(user)))),
            "REDIS_URL" => Some(self.redis.of(user, password(&privileges::redis::password_variable(user)))),
            "MONGODB_URL" => Some(self.mongodb.clone()),
            "STRIPE_API_BASE" => Some(self.stripe.clone()),
            _ => None,
        }
    }
}

impl Address {
    fn of(&self, user: &str, password: &str) -> String {
        match self.url.split_once("://") {
            Some((scheme, rest)) if self.is_ours => format!("{scheme}://{user}:{password}@{rest}"),
            _ => self.url.clone(),
        }
    }
}

fn stripe_standin(options: &Options) -> Result<Server> {
    let address = loopback(ports::free()?);
    let launch = Launch::new(options.binaries.join("stripe-standin"), log(options, "stripe-standin"))
        .argument("--listen")
        .argument(address.to_string())
        .argument("--state")
        .argument(options.home.data().join("stripe.json"));
    let probe = Probe::Ready("/healthz".to_owned());
    Ok(Server::new("stripe-standin", format!("http://{address}"), address.port(), launch, probe))
}

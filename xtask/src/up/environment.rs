//! What the environment decides about the shop: its port, servers that are there already, and variables that the
//! services read.

use std::{env, io, net::TcpListener, path::PathBuf};

use anyhow::{Context as _, bail};
use local_servers::{Home, Toolbox};
use local_shop::{Given, Options, Retelling, origin_addresses};

pub(super) fn options(home: &Home, toolbox: &Toolbox, binaries: PathBuf, origin_port: u16) -> Options {
    let reservation = given("RESERVATION_SECONDS").unwrap_or_else(|| "900".to_owned());
    Options {
        home: home.clone(),
        toolbox: toolbox.clone(),
        binaries,
        origin_port,
        given: Given {
            nats_url: given("NATS_URL"),
            mongodb_url: given("MONGODB_URL"),
            redis_url: given("REDIS_URL"),
            stripe_api_base: given("STRIPE_API_BASE"),
            stripe_secret_key: given("STRIPE_SECRET_KEY"),
        },
        // All else that concerns a service it inherits.
        variables: [("RESERVATION_SECONDS".to_owned(), reservation)].into(),
        replicas: 1,
        has_edge: true,
        retelling: Retelling::default(),
    }
}

/// `STAGEDOOR_PORT`, which must be free.
pub(super) fn origin_port() -> anyhow::Result<u16> {
    let port = match env::var("STAGEDOOR_PORT") {
        Ok(text) => {
            text.parse().with_context(|| format!("STAGEDOOR_PORT is {text:?}, and must be a port"))?
        }
        Err(_) => 3000,
    };
    for address in origin_addresses(port) {
        match TcpListener::bind(address) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => bail!(
                "port {port} is in use by another program; end that one, or choose another port: \
                 STAGEDOOR_PORT={} cargo xtask up",
                port.saturating_add(1)
            ),
            Err(error) => return Err(error).with_context(|| format!("could not listen on {address}")),
        }
    }
    Ok(port)
}

fn given(variable: &str) -> Option<String> {
    env::var(variable).ok().filter(|value| !value.is_empty())
}

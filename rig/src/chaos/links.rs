//! Every way from one process of the shop to another leads through a go-between of its own.

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use local_servers::ports;
use tokio::runtime::Handle;

use crate::between::{Between, Passage};

/// Who talks to whom, and which variable says where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    pub name: &'static str,
    pub from: &'static str,
    variable: &'static str,
}

pub(super) const LINKS: [Link; 21] = [
    link("auth to nats", "auth", "NATS_URL"),
    link("auth to mongo", "auth", "MONGODB_URL"),
    link("tickets to nats", "tickets", "NATS_URL"),
    link("tickets to mongo", "tickets", "MONGODB_URL"),
    link("orders to nats", "orders", "NATS_URL"),
    link("orders to mongo", "orders", "MONGODB_URL"),
    link("payments to nats", "payments", "NATS_URL"),
    link("payments to mongo", "payments", "MONGODB_URL"),
    link("payments to the card processor", "payments", "STRIPE_API_BASE"),
    link("expiration to nats", "expiration", "NATS_URL"),
    link("expiration to redis", "expiration", "REDIS_URL"),
    link("auth to redis", "auth", "REDIS_URL"),
    link("tickets to redis", "tickets", "REDIS_URL"),
    link("orders to redis", "orders", "REDIS_URL"),
    link("payments to redis", "payments", "REDIS_URL"),
    link("replay to nats", "replay", "NATS_URL"),
    link("edge to auth", "edge", "AUTH_HTTP_ADDR"),
    link("edge to tickets", "edge", "TICKETS_HTTP_ADDR"),
    link("edge to orders", "edge", "ORDERS_HTTP_ADDR"),
    link("edge to payments", "edge", "PAYMENTS_HTTP_ADDR"),
    link("edge to replay", "edge", "REPLAY_HTTP_ADDR"),
];

const fn link(name: &'static str, from: &'static str, variable: &'static str) -> Link {
    Link { name, from, variable }
}

/// The go-betweens, by the names of their links.
#[derive(Clone, Debug, Default)]
pub(super) struct Links(Arc<Mutex<BTreeMap<&'static str, Between>>>);

impl Links {
    /// They come to be as the processes are told their addresses.
    pub(super) fn between(
        runtime: Handle,
    ) -> (Self, impl Fn(&str, &mut BTreeMap<String, String>) -> io::Result<()> + Send + Sync + 'static) {
        let links = Self::default();
        let opened = links.clone();
        let retelling = move |process: &str, variables: &mut BTreeMap<String, String>| {
            for link in LINKS.iter().filter(|link| link.from == process) {
                if let Some(value) = variables.get_mut(link.variable) {
                    *value = opened.open(link, value, &runtime)?;
                }
            }
            Ok(())
        };
        (links, retelling)
    }

    pub(super) fn set(&self, link: Link, passage: Passage) {
        let links = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(between) = links.get(link.name) {
            between.set(passage);
        }
    }

    /// The value with the address of a new go-between in place of the one it has.
    fn open(&self, link: &Link, value: &str, runtime: &Handle) -> io::Result<String> {
        let (start, end) = address_in(value)
            .ok_or_else(|| io::Error::other(format!("{} names no address", link.variable)))?;
        let target: SocketAddr = value[start..end].parse().map_err(io::Error::other)?;
        let between = Between::open(ports::free().map_err(io::Error::other)?, target, runtime)?;
        let told = format!("{}{}{}", &value[..start], between.address(), &value[end..]);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(link.name, between);
        Ok(told)
    }
}

/// Where in a URL, or in a mere address, host and port stand.
fn address_in(value: &str) -> Option<(usize, usize)> {
    let start = value.find("://").map_or(0, |place| place + 3);
    let end = value[start..].find('/').map_or(value.len(), |place| start + place);
    let start = value[start..end].rfind('@').map_or(start, |place| start + place + 1);
    (end > start).then_some((start, end))
}

#[cfg(test)]
mod tests {
    use super::address_in;

    #[test]
    fn the_address_is_found_in_urls_of_every_kind() {
        let urls = [
            "nats://127.0.0.1:4222",
            "nats://orders:secret@127.0.0.1:4222",
            "redis://expiration:secret@127.0.0.1:4222/",
            "mongodb://127.0.0.1:4222/?directConnection=true",
            "redis://127.0.0.1:4222/",
            "http://127.0.0.1:4222",
            "127.0.0.1:4222",
        ];
        for url in urls {
            let (start, end) = address_in(url).unwrap();
            assert_eq!(&url[start..end], "127.0.0.1:4222", "{url}");
        }
    }
}

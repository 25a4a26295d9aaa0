//! How often one address may ask: for what is read, for what is changed, and more strictly where accounts and sessions
//! are begun.

use std::collections::BTreeMap;

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use limits::{Limiter, Rate, Take, TooMany, network};

use super::address;
use crate::config::Environment;
use crate::problem::{Problem, TOO_MANY_REQUESTS};

/// How often one address may ask. Each kind is counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    pub reads: Rate,
    pub changes: Rate,
}

/// What a route is limited by, if not by its method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteLimit {
    /// Begins accounts or sessions, or tries a password. Each such route is counted apart.
    Entry(Rate),
    /// Whoever asks here proves in another way that they may.
    Unlimited,
}

/// The limits of one service.
#[derive(Clone)]
pub struct EdgeLimits {
    pub limiter: Limiter,
    /// Whose they are: each service counts apart.
    pub service: &'static str,
    pub rates: Rates,
    /// By the path, as the router has it.
    pub routes: BTreeMap<&'static str, RouteLimit>,
}

impl Default for Rates {
    /// A hundred people behind one address, each of whom opens a page every ten seconds that asks five times, and
    /// orders, pays or changes something once in ten seconds.
    fn default() -> Self {
        Self { reads: Rate::a_minute(3_000), changes: Rate::a_minute(600) }
    }
}

impl Rates {
    /// `READS_PER_ADDRESS` and `CHANGES_PER_ADDRESS`, such as `50/second`.
    pub fn read(environment: &mut Environment) -> Self {
        let Self { reads, changes } = Self::default();
        Self {
            reads: environment.or("READS_PER_ADDRESS", reads),
            changes: environment.or("CHANGES_PER_ADDRESS", changes),
        }
    }
}

/// What one request takes.
pub(super) struct Counted {
    kind: &'static str,
    take: Take,
}

impl EdgeLimits {
    /// By methods alone.
    pub fn new(limiter: Limiter, service: &'static str, rates: Rates) -> Self {
        Self { limiter, service, rates, routes: BTreeMap::new() }
    }

    /// None where nothing is limited.
    pub(super) fn count(&self, request: &Request) -> Option<Counted> {
        let matched = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
        let (kind, what, rate) = match matched.and_then(|path| self.routes.get_key_value(path)) {
            Some((_, RouteLimit::Unlimited)) => return None,
            Some((path, RouteLimit::Entry(rate))) => ("entry", *path, *rate),
            None if is_read(request.method()) => ("read", "read", self.rates.reads),
            None => ("change", "change", self.rates.changes),
        };
        let network = network(address(request.headers(), request.extensions()));
        let key = format!("limits:{{{}}}:{what}:{network}", self.service);
        Some(Counted { kind, take: Take::new(key, rate) })
    }

    pub(super) async fn admit(&self, Counted { kind, take }: Counted) -> Result<(), Problem> {
        self.limiter.take(&[take]).await.map_err(|refused| {
            metrics::counter!("requests_refused_total", "kind" => kind).increment(1);
            too_many(refused)
        })
    }
}

/// Whoever asks too often is told when to ask again.
pub fn too_many(refused: TooMany) -> Problem {
    Problem::new(TOO_MANY_REQUESTS).retry_after(refused.seconds())
}

fn is_read(method: &Method) -> bool {
    [Method::GET, Method::HEAD].contains(method)
}

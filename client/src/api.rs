//! The services, asked as a browser would ask them: over HTTP, in the name of whoever is visiting.

mod asking;
mod auth;
mod events;
mod orders;
mod payments;
mod refusal;
mod tickets;

use std::time::Duration;

use reqwest::Url;

use crate::visitor::Caller;

pub(crate) use auth::{AuditEntry, AuditSearch, Profile, Session};
pub(crate) use events::{Entry, EventSearch, Story};
pub(crate) use orders::{Happening, Order, OrderSearch, OrderStatus, OrderedTicket};
pub(crate) use payments::{Payment, PaymentStatus};
pub(crate) use refusal::{Failure, Refusal};
pub(crate) use tickets::{Admission, Listing, Search, Ticket, TicketStatus};

/// What takes longer is not waited for: whoever looks at the page has given up by then.
const TIME_LIMIT: Duration = Duration::from_secs(15);
const TIME_TO_CONNECT: Duration = Duration::from_secs(2);

/// Where each service is asked, without a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstreams {
    pub auth: Url,
    pub tickets: Url,
    pub orders: Url,
    pub payments: Url,
    pub events: Url,
}

/// The way to the services.
pub struct Api {
    http: reqwest::Client,
    upstreams: Upstreams,
}

/// The way to the services for one visitor.
#[derive(Clone, Copy)]
pub(crate) struct Asking<'a> {
    api: &'a Api,
    caller: &'a Caller,
}

/// A part of a list, and where the next begins.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct List<T> {
    pub items: Vec<T>,
    pub next_cursor: Option<String>,
}

impl Api {
    pub fn new(upstreams: Upstreams) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .timeout(TIME_LIMIT)
            .connect_timeout(TIME_TO_CONNECT)
            .pool_max_idle_per_host(64)
            .tcp_nodelay(true)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self { http, upstreams })
    }

    pub(crate) fn as_caller<'a>(&'a self, caller: &'a Caller) -> Asking<'a> {
        Asking { api: self, caller }
    }
}

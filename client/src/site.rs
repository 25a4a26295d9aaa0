//! What every page has at hand, and the site as a router.

use std::sync::Arc;

use axum::Router;
use runtime::Runtime;
use service::config::PublicOrigin;

use crate::api::Api;
use crate::{assets, pages, ring};

/// Cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<Parts>);

struct Parts {
    api: Api,
    public_origin: PublicOrigin,
    runtime: Runtime,
}

impl Site {
    pub fn new(api: Api, public_origin: PublicOrigin, runtime: Runtime) -> Self {
        Self(Arc::new(Parts { api, public_origin, runtime }))
    }

    pub(crate) fn api(&self) -> &Api {
        &self.0.api
    }

    pub(crate) fn public_origin(&self) -> &PublicOrigin {
        &self.0.public_origin
    }

    pub(crate) fn runtime(&self) -> &Runtime {
        &self.0.runtime
    }
}

/// All pages with what surrounds them, and the files that they need.
pub fn router(site: Site) -> Router {
    ring::around(pages::routes().with_state(site.clone()), site).merge(assets::routes())
}

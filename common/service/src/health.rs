//! Whether the process lives, and whether it may be given work. It may not until everything it registered is up.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use axum::routing::{MethodRouter, get};
use axum::{Json, Router};
use serde::Serialize;

use crate::problem::{METHOD_NOT_ALLOWED, Problem};

/// What the process needs to do its work, and how that is.
#[derive(Clone, Debug, Default)]
pub struct Health {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    stopping: bool,
    dependencies: Vec<Missing>,
    /// By the index of the dependency: whether it is up.
    up: Vec<bool>,
}

/// One thing that the process cannot work without.
#[derive(Clone, Debug)]
pub struct Dependency {
    health: Health,
    index: usize,
}

/// The answer to `/readyz`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Readiness {
    pub ready: bool,
    pub missing: Vec<Missing>,
}

/// What keeps the process from its work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missing {
    pub name: &'static str,
    pub why: String,
}

impl Health {
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers what the process cannot work without. It is missing until it is said to be up.
    pub fn dependency(&self, name: &'static str) -> Dependency {
        let mut state = self.lock();
        state.dependencies.push(Missing { name, why: "not there yet".to_owned() });
        state.up.push(false);
        Dependency { health: self.clone(), index: state.up.len() - 1 }
    }

    /// From now on the process takes no new work.
    pub fn stopping(&self) {
        self.lock().stopping = true;
    }

    pub fn readiness(&self) -> Readiness {
        let state = self.lock();
        let down = state.dependencies.iter().zip(&state.up).filter(|(_, up)| !**up);
        let mut missing: Vec<Missing> = down.map(|(dependency, _)| dependency.clone()).collect();
        if state.stopping {
            missing.push(Missing { name: "process", why: "it is stopping".to_owned() });
        }
        Readiness { ready: missing.is_empty(), missing }
    }

    /// `/healthz` and `/readyz`.
    pub fn router(&self) -> Router {
        let health = self.clone();
        let readiness = move || async move {
            let readiness = health.readiness();
            let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
            (status, Json(readiness))
        };
        Router::new()
            .route("/healthz", only(get(async || Json(serde_json::json!({ "alive": true })))))
            .route("/readyz", only(get(readiness)))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Dependency {
    pub fn up(&self) {
        let mut state = self.health.lock();
        if !std::mem::replace(&mut state.up[self.index], true) {
            tracing::info!(dependency = state.dependencies[self.index].name, "is up");
        }
    }

    /// Says that it is missing, and why.
    pub fn down(&self, why: impl Into<String>) {
        let why = why.into();
        let mut state = self.health.lock();
        if std::mem::replace(&mut state.up[self.index], false) {
            tracing::warn!(dependency = state.dependencies[self.index].name, why, "is down");
        }
        state.dependencies[self.index].why = why;
    }
}

fn only(route: MethodRouter) -> MethodRouter {
    route.fallback(async || Problem::new(METHOD_NOT_ALLOWED))
}

#[cfg(test)]
mod tests {
    use super::Health;

    #[test]
    fn it_is_ready_when_everything_registered_is_up() {
        let health = Health::new();
        assert!(health.readiness().ready);
        let (nats, mongodb) = (health.dependency("nats"), health.dependency("mongodb"));
        nats.up();
        let readiness = health.readiness();
        assert!(!readiness.ready);
        assert_eq!(readiness.missing[0].name, "mongodb");
        mongodb.up();
        assert!(health.readiness().ready);
        nats.down("no connection");
        assert_eq!(health.readiness().missing[0].why, "no connection");
        nats.up();
        health.stopping();
        assert_eq!(health.readiness().missing[0].name, "process");
    }
}

//! The server: what happened, for admins, under `/api/events`. It reads the stream, and says nothing and keeps nothing.
//!
//! - `run.rs` serves it; `http.rs` has the routes.
//! - `views.rs` is an event as it is shown.
//! - `config.rs` is what the environment decides.

pub mod config;
pub mod http;
mod run;
pub mod views;

use axum::Router;
use history::History;

pub use config::Config;
pub use run::serve;

/// What happened, to be asked for.
#[derive(Clone)]
pub struct Replay {
    history: History,
}

impl Replay {
    /// `history` has to keep up with the stream.
    pub fn new(history: History) -> Self {
        Self { history }
    }

    /// Its routes, to be put behind the edge.
    pub fn routes(self) -> Router {
        http::routes(self)
    }
}

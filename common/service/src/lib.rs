//! What every service is at its edge: configuration from the environment, telemetry, HTTP conventions, health and
//! stop.

pub mod caller;
pub mod config;
pub mod health;
pub mod http;
pub mod metrics;
pub mod openapi;
pub mod problem;
pub mod serve;
pub mod stop;
pub mod telemetry;

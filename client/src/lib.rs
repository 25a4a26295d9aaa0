//! The site: pages rendered on the server, for people. It asks the services as a browser would, in the name of whoever
//! is visiting, and keeps neither state nor secrets.
//!
//! A request passes `ring`, where `visitor` tells who is visiting; a page of `pages` asks `api`, and says what it found
//! in a template of `templates/`, in the words of `words/` and by the customs of a `locale`. What goes wrong becomes a
//! page of `trouble`.

mod api;
mod assets;
mod config;
mod form;
mod frame;
mod locale;
mod pages;
mod ring;
mod run;
mod site;
mod trouble;
mod visitor;

pub use config::Config;
pub use run::run;
pub use site::{Site, router};

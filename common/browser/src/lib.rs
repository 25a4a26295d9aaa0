//! Drives a real Chromium as people use it: by what they read, and by the names that a screen reader says. For tests
//! and development only.
#![expect(
    clippy::disallowed_methods,
    reason = "it waits for a real browser, and has a task that listens to it"
)]

mod axe;
mod browser;
mod chromium;
mod error;
mod journal;
mod lighthouse;
mod page;
mod person;
mod protocol;
mod settings;

pub use axe::{Violation, Violator};
pub use browser::Browser;
pub use error::{Error, Result};
pub use journal::{Complaint, Fault, Weight};
pub use lighthouse::{Finding, Lighthouse, Report};
pub use page::Page;
pub use person::{Cookie, Person};
pub use settings::Settings;

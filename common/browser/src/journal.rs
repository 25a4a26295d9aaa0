//! What a tab says of itself: where it is on its way to, what went wrong in it, and what it took over the wire.

mod complaints;
mod weight;

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::Value;
use tokio::sync::watch;

pub use complaints::{Complaint, Fault};
pub use weight::Weight;

use weight::Traffic;

pub(crate) struct Journal {
    /// The frame that is the page itself; others lie inside it.
    frame: String,
    kept: Mutex<Kept>,
    changed: watch::Sender<()>,
}

#[derive(Default)]
pub(crate) struct Kept {
    is_asked_to_leave: bool,
    is_loading: bool,
    arrivals: u64,
    complaints: Vec<Complaint>,
    traffic: Traffic,
}

impl Kept {
    /// Nothing was asked for that has not arrived.
    pub(crate) fn has_arrived(&self) -> bool {
        !self.is_asked_to_leave && !self.is_loading
    }

    /// Pages that have come to this tab.
    pub(crate) fn arrivals(&self) -> u64 {
        self.arrivals
    }

    pub(crate) fn has_finished_requests(&self) -> bool {
        self.traffic.is_finished()
    }
}

impl Journal {
    pub(crate) fn of(frame: &str) -> Self {
        Self { frame: frame.to_owned(), kept: Mutex::default(), changed: watch::Sender::new(()) }
    }

    pub(crate) fn hear(&self, method: &str, parameters: &Value) {
        {
            let mut kept = self.kept();
            if let Some(complaint) = complaints::in_event(method, parameters) {
                kept.complaints.push(complaint);
            }
            kept.traffic.hear(method, parameters);
            if method == "Page.frameNavigated" && parameters["frame"]["id"] == *self.frame {
                kept.arrivals += 1;
                kept.traffic.forget_all_but(parameters["frame"]["loaderId"].as_str().unwrap_or_default());
            }
            if parameters["frameId"] == *self.frame {
                hear_of_navigation(&mut kept, method, parameters);
            }
        }
        self.changed.send_replace(());
    }

    pub(crate) fn arrivals(&self) -> u64 {
        self.kept().arrivals
    }

    pub(crate) fn complaints(&self) -> Vec<Complaint> {
        self.kept().complaints.clone()
    }

    pub(crate) fn forget_complaints(&self) {
        self.kept().complaints.clear();
    }

    pub(crate) fn weight(&self) -> Weight {
        self.kept().traffic.weight()
    }

    /// Whether it came to be so in time.
    pub(crate) async fn wait_until(&self, so: impl Fn(&Kept) -> bool, within: Duration) -> bool {
        let mut changes = self.changed.subscribe();
        let wait = async {
            loop {
                changes.mark_unchanged();
                if so(&self.kept()) || changes.changed().await.is_err() {
                    return;
                }
            }
        };
        tokio::time::timeout(within, wait).await.is_ok()
    }

    /// Until something happens, or for so long.
    pub(crate) async fn wait_for_change(&self, at_most: Duration) {
        let _ = tokio::time::timeout(at_most, self.changed.subscribe().changed()).await;
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hear_of_navigation(kept: &mut Kept, method: &str, parameters: &Value) {
    match method {
        // A page that will load itself again in a while is read until then.
        "Page.frameScheduledNavigation" if parameters["delay"].as_f64().is_some_and(|delay| delay > 0.0) => {}
        "Page.frameScheduledNavigation" => kept.is_asked_to_leave = true,
        "Page.frameRequestedNavigation" if parameters["disposition"] == "currentTab" => {
            kept.is_asked_to_leave = true;
        }
        "Page.frameStartedLoading" => (kept.is_asked_to_leave, kept.is_loading) = (false, true),
        "Page.frameStoppedLoading" => (kept.is_asked_to_leave, kept.is_loading) = (false, false),
        "Page.navigatedWithinDocument" => kept.is_asked_to_leave = false,
        _ => {}
    }
}

//! What a page took over the wire: as it was sent, so compressed, and with its headers.

use std::collections::BTreeMap;

use serde_json::Value;

/// Bytes by kind, in the browser's words: `Document`, `Stylesheet`, `Script`, `Image`, `Font`, `Fetch` …
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    pub by_kind: BTreeMap<String, u64>,
    pub requests: usize,
}

impl Weight {
    pub fn total(&self) -> u64 {
        self.by_kind.values().sum()
    }

    pub fn of(&self, kind: &str) -> u64 {
        self.by_kind.get(kind).copied().unwrap_or_default()
    }
}

#[derive(Default)]
pub(super) struct Traffic {
    transfers: BTreeMap<String, Transfer>,
}

struct Transfer {
    /// What loads the page that asked for it.
    loader: String,
    kind: String,
    bytes: u64,
    is_finished: bool,
}

impl Traffic {
    pub(super) fn hear(&mut self, method: &str, parameters: &Value) {
        let Some(id) = parameters["requestId"].as_str() else { return };
        if method == "Network.requestWillBeSent" {
            self.begin(id, parameters);
            return;
        }
        let Some(transfer) = self.transfers.get_mut(id) else { return };
        match method {
            "Network.responseReceived" => transfer.kind = kind(parameters),
            "Network.loadingFinished" => {
                transfer.bytes += bytes(&parameters["encodedDataLength"]);
                transfer.is_finished = true;
            }
            "Network.loadingFailed" => transfer.is_finished = true,
            _ => {}
        }
    }

    /// After a redirect the same request begins again.
    fn begin(&mut self, id: &str, parameters: &Value) {
        let is_on_the_wire = parameters["request"]["url"].as_str().is_some_and(|url| url.starts_with("http"));
        if !is_on_the_wire {
            return;
        }
        let loader = parameters["loaderId"].as_str().unwrap_or_default().to_owned();
        let new = Transfer { loader, kind: kind(parameters), bytes: 0, is_finished: false };
        let transfer = self.transfers.entry(id.to_owned()).or_insert(new);
        transfer.bytes += bytes(&parameters["redirectResponse"]["encodedDataLength"]);
    }

    /// What the page before had asked for may never be said to have finished.
    pub(super) fn forget_all_but(&mut self, loader: &str) {
        self.transfers.retain(|_, transfer| transfer.loader == loader);
    }

    /// Streams are for ever.
    pub(super) fn is_finished(&self) -> bool {
        self.transfers.values().all(|transfer| transfer.is_finished || transfer.kind == "EventSource")
    }

    pub(super) fn weight(&self) -> Weight {
        let mut weight = Weight { requests: self.transfers.len(), ..Weight::default() };
        for transfer in self.transfers.values() {
            *weight.by_kind.entry(transfer.kind.clone()).or_default() += transfer.bytes;
        }
        weight
    }
}

fn kind(parameters: &Value) -> String {
    parameters["type"].as_str().unwrap_or("Other").to_owned()
}

fn bytes(value: &Value) -> u64 {
    value.as_f64().map_or(0, |bytes| bytes.max(0.0) as u64)
}

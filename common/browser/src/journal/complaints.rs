//! What a page's console would show in red.

use std::fmt;

use serde_json::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A script threw, and nobody caught it.
    Exception,
    /// A script said so itself.
    Console,
    /// The content security policy, or another of the browser's rules, forbade it.
    Policy,
    /// An answer that was an error, or none.
    Request,
    Other,
}

#[derive(Clone, Debug)]
pub struct Complaint {
    pub fault: Fault,
    pub text: String,
    /// What it is about, where the browser says so.
    pub url: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}: {} ({})", self.fault, self.text, self.url)
    }
}

pub(super) fn in_event(method: &str, parameters: &Value) -> Option<Complaint> {
    match method {
        "Runtime.exceptionThrown" => Some(exception(&parameters["exceptionDetails"])),
        "Runtime.consoleAPICalled" if parameters["type"] == "error" || parameters["type"] == "assert" => {
            let words = parameters["args"].as_array().into_iter().flatten().map(shown);
            let text = words.collect::<Vec<_>>().join(" ");
            let url = text_of(&parameters["stackTrace"]["callFrames"][0]["url"]);
            Some(Complaint { fault: Fault::Console, text, url })
        }
        "Log.entryAdded" if parameters["entry"]["level"] == "error" => Some(entry(&parameters["entry"])),
        _ => None,
    }
}

fn exception(details: &Value) -> Complaint {
    let thrown = &details["exception"]["description"];
    let text = if thrown.is_null() { &details["text"] } else { thrown };
    Complaint { fault: Fault::Exception, text: text_of(text), url: text_of(&details["url"]) }
}

fn entry(entry: &Value) -> Complaint {
    let fault = match entry["source"].as_str() {
        Some("security") => Fault::Policy,
        Some("network") => Fault::Request,
        _ => Fault::Other,
    };
    Complaint { fault, text: text_of(&entry["text"]), url: text_of(&entry["url"]) }
}

fn shown(argument: &Value) -> String {
    match (&argument["value"], &argument["description"]) {
        (Value::String(text), _) | (_, Value::String(text)) => text.clone(),
        (value, _) => value.to_string(),
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

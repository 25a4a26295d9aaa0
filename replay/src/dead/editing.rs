//! What a dead letter is to say instead.

use std::fs;
use std::path::PathBuf;

use messaging::{DeadLetter, Heard, Message};
use serde_json::Value;

use crate::Failure;

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct Change {
    /// Set one field, such as `price.amount=1200` or `row=null`; what is no JSON is a text
    #[arg(long = "set", value_name = "PATH=VALUE")]
    set: Vec<Set>,
    /// Take the whole body from this file
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
}

/// One field, and what it is to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Set {
    path: Vec<String>,
    value: Value,
}

impl std::str::FromStr for Set {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no change: write <path>=<value>, such as price.amount=1200");
        let (path, value) = text.split_once('=').ok_or_else(wrong)?;
        let path: Vec<String> = path.split('.').map(str::to_owned).collect();
        if path.iter().any(String::is_empty) {
            return Err(wrong());
        }
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        Ok(Self { path, value })
    }
}

impl Change {
    /// The new body.
    pub(super) fn apply(&self, letter: &DeadLetter) -> Result<String, Failure> {
        if let Some(file) = &self.data {
            let text = fs::read_to_string(file)
                .map_err(|error| Failure::File(format!("could not read {}: {error}", file.display())))?;
            let data: Value = serde_json::from_str(&text)
                .map_err(|error| Failure::File(format!("{} is no JSON: {error}", file.display())))?;
            return Ok(data.to_string());
        }
        let mut data: Value = serde_json::from_slice(&letter.wire().body).map_err(|_| {
            Failure::BadInput(
                "its body is no JSON, so no field can be set: give the whole of it by --data".to_owned(),
            )
        })?;
        for set in &self.set {
            set.apply(&mut data)?;
        }
        Ok(data.to_string())
    }
}

impl Set {
    fn apply(&self, data: &mut Value) -> Result<(), Failure> {
        let mut place = data;
        for (depth, name) in self.path.iter().enumerate() {
            let so_far = || self.path[..depth].join(".");
            place = match place {
                Value::Object(fields) => fields.entry(name.clone()).or_insert(Value::Null),
                Value::Array(items) => {
                    let item = name.parse::<usize>().ok().and_then(|number| items.get_mut(number));
                    item.ok_or_else(|| Failure::BadInput(format!("{} has no item {name}", so_far())))?
                }
                // What was not there may get fields of its own.
                Value::Null => {
                    *place = Value::Object([(name.clone(), Value::Null)].into_iter().collect());
                    &mut place[name.as_str()]
                }
                _ => return Err(Failure::BadInput(format!("{} has no fields", so_far()))),
            };
        }
        *place = self.value.clone();
        Ok(())
    }
}

/// Fails for what the service could not read either.
pub(super) fn is_an_event(letter: &DeadLetter) -> Result<(), Failure> {
    let read = Message::from_wire(&letter.wire())
        .and_then(|message| Heard::decode(&message).map_err(|error| error.to_string()));
    read.map(drop).map_err(|why| Failure::BadInput(format!("with that it could not be read: {why}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(data: Value, change: &str) -> Result<Value, String> {
        let mut data = data;
        change.parse::<Set>()?.apply(&mut data).map_err(|failure| failure.to_string())?;
        Ok(data)
    }

    #[test]
    fn a_field_is_set_wherever_it_is() {
        let data = json!({ "price": { "amount": 1 }, "roles": ["user"], "row": "F" });
        assert_eq!(set(data.clone(), "price.amount=1200").unwrap()["price"]["amount"], 1200);
        assert_eq!(set(data.clone(), "roles.0=admin").unwrap()["roles"], json!(["admin"]));
        assert_eq!(set(data.clone(), "row=null").unwrap()["row"], Value::Null);
        assert_eq!(set(data.clone(), "seat=a=b").unwrap()["seat"], "a=b");
        assert_eq!(set(data, "at.last=\"7\"").unwrap()["at"], json!({ "last": "7" }));
    }

    #[test]
    fn what_cannot_be_set_is_said() {
        let data = json!({ "row": "F", "roles": [] });
        for (change, why) in [
            ("row", "is no change"),
            ("=1", "is no change"),
            ("a..b=1", "is no change"),
            ("row.of=1", "row has no fields"),
            ("roles.3=1", "roles has no item 3"),
        ] {
            let said = set(data.clone(), change).unwrap_err();
            assert!(said.contains(why), "{change}: {said}");
        }
    }
}

//! Stripe's form encoding: nested keys such as `metadata[order_id]` and `expand[]`, read with Stripe's
//! complaints.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::errors::ApiError;

/// The parameters of one request, as a tree whose leaves are strings.
#[derive(Debug, Default)]
pub(crate) struct Form {
    tree: Map<String, Value>,
    fingerprint: String,
}

impl Form {
    pub(crate) fn parse(encoded: &[u8]) -> Result<Self, ApiError> {
        let mut pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(encoded)
            .map_err(|_| ApiError::invalid(None, "Invalid request (the parameters are not form-encoded)."))?;
        let mut tree = Map::new();
        for (key, value) in &pairs {
            insert(&mut tree, key, value);
        }
        pairs.sort();
        let mut digest = Sha256::new();
        for (key, value) in &pairs {
            digest.update(format!("{}:{key}{}:{value}", key.len(), value.len()));
        }
        let fingerprint = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { tree, fingerprint })
    }

    /// Equal for equal parameters in any order; an idempotency key is bound to it.
    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Refuses what the operation does not know, as Stripe does, so that a misspelt parameter is not lost.
    pub(crate) fn allow(&self, known: &[&[&str]]) -> Result<(), ApiError> {
        let unknown = |name: &&String| !known.iter().any(|names| names.contains(&name.as_str()));
        match self.tree.keys().find(unknown) {
            None => Ok(()),
            Some(name) => {
                let message = format!("Received unknown parameter: {name}");
                Err(ApiError::invalid(Some("parameter_unknown"), message).param(name))
            }
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.tree.contains_key(name)
    }

    /// A text; an empty one counts as absent. `cleared` tells the two apart.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, ApiError> {
        match self.tree.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(_) => Err(ApiError::invalid(None, format!("Invalid string for {name}")).param(name)),
        }
    }

    pub(crate) fn required(&self, name: &str) -> Result<&str, ApiError> {
        self.text(name)?.ok_or_else(|| ApiError::missing_parameter(name))
    }

    /// Overwrites `target` when the parameter is there; an empty value unsets it.
    pub(crate) fn set_text(&self, name: &str, target: &mut Option<String>) -> Result<(), ApiError> {
        if self.has(name) {
            *target = self.text(name)?.map(str::to_owned);
        }
        Ok(())
    }

    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let invalid = |_| {
            ApiError::invalid(Some("parameter_invalid_integer"), format!("Invalid integer: {text}"))
                .param(name)
        };
        text.parse().map(Some).map_err(invalid)
    }

    /// An amount of at least one minor unit.
    pub(crate) fn amount(&self, name: &str) -> Result<Option<i64>, ApiError> {
        let amount = self.integer(name)?;
        if amount.is_some_and(|amount| amount < 1) {
            let message = "This value must be greater than or equal to 1.";
            return Err(ApiError::invalid(Some("parameter_invalid_integer"), message).param(name));
        }
        Ok(amount)
    }

    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.text(name)? {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => Err(ApiError::invalid(None, format!("Invalid boolean: {other}")).param(name)),
        }
    }

    pub(crate) fn choice(&self, name: &str, choices: &[&str]) -> Result<Option<String>, ApiError> {
        match self.text(name)? {
            Some(text) if !choices.contains(&text) => {
                let message = format!("Invalid {name}: must be one of {}", choices.join(", "));
                Err(ApiError::invalid(None, message).param(name))
            }
            other => Ok(other.map(str::to_owned)),
        }
    }

    /// `name[]=a&name[]=b` or `name[0]=a&name[1]=b`.
    pub(crate) fn list(&self, name: &str) -> Vec<&str> {
        match self.tree.get(name) {
            Some(Value::Object(items)) => {
                let mut items: Vec<_> = items.iter().collect();
                items.sort_by_key(|(index, _)| index.parse::<usize>().unwrap_or(usize::MAX));
                items.into_iter().filter_map(|(_, value)| value.as_str()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// One member of a nested object, such as `automatic_payment_methods[enabled]`.
    pub(crate) fn nested(&self, name: &str, member: &str) -> Option<&str> {
        self.tree.get(name)?.get(member)?.as_str()
    }

    /// Merges `metadata[...]` into `target`; an empty value removes a key, an empty `metadata` all of them.
    /// The limits are those of <https://docs.stripe.com/metadata>.
    pub(crate) fn merge_metadata(&self, target: &mut BTreeMap<String, String>) -> Result<(), ApiError> {
        let refuse = |message: String| ApiError::invalid(None, message).param("metadata");
        match self.tree.get("metadata") {
            None => return Ok(()),
            Some(Value::Object(entries)) => {
                for (key, value) in entries {
                    let value =
                        value.as_str().ok_or_else(|| refuse(format!("Invalid metadata value: {key}")))?;
                    if key.chars().count() > 40 {
                        return Err(refuse(format!("Metadata keys can have up to 40 characters: {key}")));
                    }
                    if value.chars().count() > 500 {
                        return Err(refuse(format!("Metadata values can have up to 500 characters: {key}")));
                    }
                    if value.is_empty() {
                        target.remove(key);
                    } else {
                        target.insert(key.clone(), value.to_owned());
                    }
                }
            }
            Some(Value::String(text)) if text.is_empty() => target.clear(),
            Some(_) => return Err(refuse("Invalid metadata: must be a hash".to_owned())),
        }
        if target.len() > 50 {
            return Err(refuse("Metadata can have up to 50 keys.".to_owned()));
        }
        Ok(())
    }
}

/// Puts `a[b][c]=v` at `a`, `b`, `c`; an empty bracket takes the next number.
fn insert(tree: &mut Map<String, Value>, key: &str, value: &str) {
    let (first, rest) = key.split_once('[').unwrap_or((key, ""));
    let mut names = vec![first];
    names.extend(rest.split('[').map(|name| name.trim_end_matches(']')).filter(|_| !rest.is_empty()));
    let mut level = tree;
    let last = names.len() - 1;
    for (depth, name) in names.into_iter().enumerate() {
        let name = if name.is_empty() { level.len().to_string() } else { name.to_owned() };
        if depth == last {
            level.insert(name, Value::String(value.to_owned()));
            return;
        }
        let next = level.entry(name).or_insert_with(|| Value::Object(Map::new()));
        if !next.is_object() {
            *next = Value::Object(Map::new());
        }
        let Value::Object(inner) = next else { return };
        level = inner;
    }
}

#[cfg(test)]
mod tests {
    use super::Form;

    #[test]
    fn nested_keys_and_lists_are_read() {
        let form =
            Form::parse(b"metadata[order_id]=7&expand[]=a&expand[]=b&list[1]=y&list[0]=x&amount=5").unwrap();
        assert_eq!(form.nested("metadata", "order_id"), Some("7"));
        assert_eq!(form.list("expand"), ["a", "b"]);
        assert_eq!(form.list("list"), ["x", "y"]);
        assert_eq!(form.amount("amount").unwrap(), Some(5));
    }

    #[test]
    fn the_order_of_parameters_does_not_change_the_fingerprint_and_their_values_do() {
        let one = Form::parse(b"a=1&b=2").unwrap();
        let same = Form::parse(b"b=2&a=1").unwrap();
        let other = Form::parse(b"a=12&b=").unwrap();
        assert_eq!(one.fingerprint(), same.fingerprint());
        assert_ne!(one.fingerprint(), other.fingerprint());
    }

    #[test]
    fn an_unknown_parameter_is_named() {
        let error = Form::parse(b"amuont=1").unwrap().allow(&[&["amount"]]).unwrap_err();
        assert_eq!(error.code, Some("parameter_unknown"));
        assert_eq!(error.param.as_deref(), Some("amuont"));
    }
}

//! What somebody typed into a form, kept as it was typed, and what is wrong with it.

use std::collections::BTreeMap;

use axum::extract::{FromRequest, Request};
use bytes::Bytes;

use crate::api::Refusal;
use crate::trouble::Trouble;

/// The fields of a form that was sent, or is shown for the first time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form {
    values: BTreeMap<String, String>,
    faults: Vec<Fault>,
}

/// What is wrong with one field, or, where it has no name, with all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub field: String,
    pub text: String,
}

impl Form {
    /// As it stands before anybody touched it.
    pub(crate) fn with<const N: usize>(values: [(&str, String); N]) -> Self {
        let values = values.into_iter().map(|(field, value)| (field.to_owned(), value)).collect();
        Self { values, faults: Vec::new() }
    }

    /// Without the space around it.
    pub(crate) fn value(&self, field: &str) -> &str {
        self.values.get(field).map_or("", |value| value.trim())
    }

    /// To the letter: for what is secret.
    pub(crate) fn exact(&self, field: &str) -> &str {
        self.values.get(field).map_or("", String::as_str)
    }

    /// What was typed, or nothing where that is nothing.
    pub(crate) fn optional(&self, field: &str) -> Option<String> {
        Some(self.value(field)).filter(|value| !value.is_empty()).map(str::to_owned)
    }

    /// What must not be shown again.
    pub(crate) fn forget(&mut self, field: &str) {
        self.values.remove(field);
    }

    pub(crate) fn set(&mut self, field: &str, value: impl Into<String>) {
        self.values.insert(field.to_owned(), value.into());
    }

    /// The first fault of a field is the one that is told.
    pub(crate) fn fault(&self, field: &str) -> Option<&str> {
        self.faults.iter().find(|fault| fault.field == field).map(|fault| fault.text.as_str())
    }

    pub(crate) fn faults(&self) -> &[Fault] {
        &self.faults
    }

    pub(crate) fn is_good(&self) -> bool {
        self.faults.is_empty()
    }

    pub(crate) fn refuse(&mut self, field: &str, text: impl Into<String>) {
        self.faults.push(Fault { field: field.to_owned(), text: text.into() });
    }

    /// What a service found wrong, beside the fields that have the names of what it points at: `/price/amount` is of
    /// `price`.
    pub(crate) fn refused(&mut self, refusal: &Refusal) {
        for error in &refusal.errors {
            let field = error.pointer.trim_start_matches('/').split('/').next().unwrap_or_default();
            self.refuse(field, sentence(&error.detail));
        }
        if refusal.errors.is_empty() {
            self.refuse("", refusal.detail.clone().unwrap_or_default());
        }
    }
}

/// `has to have 1 to 200 characters` begins small, since it follows a field's name elsewhere.
fn sentence(detail: &str) -> String {
    let mut characters = detail.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if detail.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", characters.as_str())
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Trouble;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let body = Bytes::from_request(request, state).await.map_err(|_| Trouble::Senseless)?;
        let values = form_urlencoded::parse(&body).into_owned().collect();
        Ok(Self { values, faults: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_service_points_at_is_told_beside_its_field() {
        let mut form = Form::with([("price", "0".to_owned())]);
        let body = br#"{"type":"/problems/validation","errors":[{"pointer":"/price/amount","detail":"has to be from 1 to 9"}]}"#;
        let refusal = Refusal::for_tests(body);
        form.refused(&refusal);
        assert_eq!(form.fault("price"), Some("Has to be from 1 to 9."));
        assert!(!form.is_good());
    }
}

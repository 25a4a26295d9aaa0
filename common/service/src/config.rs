//! What the environment decides, read once at the start. All that is wrong is reported together.

mod common;
mod public_origin;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

pub use common::Common;
pub use public_origin::{ParseOriginError, PublicOrigin};

/// The variables of the environment, with what was found wrong while reading them.
///
/// A variable that is empty counts as not set. Values are never shown: they may be secrets.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    faults: Vec<Fault>,
}

/// What `STAGEDOOR_ENV` says the process is run for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Development,
    Production,
}

/// The environment is not fit to start with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment is not fit to start with{}", list(faults))]
pub struct ConfigError {
    pub faults: Vec<Fault>,
}

/// What is wrong with one variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub variable: String,
    pub problem: String,
}

impl Environment {
    /// The environment of this process. What is not Unicode reads as not set.
    pub fn from_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// The value of `name`, which has to be set. `None` is a fault that [`finish`](Self::finish) reports.
    pub fn require<T: FromStr>(&mut self, name: &str) -> Option<T>
    where
        T::Err: fmt::Display,
    {
        if self.text(name).is_none() {
            self.fault(name, "is not set");
        }
        self.optional(name)
    }

    /// The value of `name`, or `default` when it is not set.
    pub fn or<T: FromStr>(&mut self, name: &str, default: T) -> T
    where
        T::Err: fmt::Display,
    {
        self.optional(name).unwrap_or(default)
    }

    /// The value of `name`, if it is set. One that cannot be read is a fault.
    pub fn optional<T: FromStr>(&mut self, name: &str) -> Option<T>
    where
        T::Err: fmt::Display,
    {
        match self.text(name)?.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.fault(name, format!("cannot be read: {error}"));
                None
            }
        }
    }

    /// Whether `STAGEDOOR_ENV` says so. What is only good enough for development is a fault then.
    pub fn is_production(&mut self) -> bool {
        self.or("STAGEDOOR_ENV", Purpose::Development) == Purpose::Production
    }

    /// Reports that `name` is wrong, for what only the service can judge. The same is reported once.
    pub fn fault(&mut self, name: &str, problem: impl Into<String>) {
        let fault = Fault { variable: name.to_owned(), problem: problem.into() };
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    /// Ends the reading: what `build` makes of the values, unless anything was wrong.
    pub fn finish<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T, ConfigError> {
        match build() {
            Some(config) if self.faults.is_empty() => Ok(config),
            _ => Err(ConfigError { faults: self.faults }),
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { variables, faults: Vec::new() }
    }
}

impl FromStr for Purpose {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "development" => Ok(Self::Development),
            "production" => Ok(Self::Production),
            _ => Err("neither development nor production"),
        }
    }
}

fn list(faults: &[Fault]) -> String {
    faults.iter().map(|Fault { variable, problem }| format!("\n  {variable} {problem}")).collect()
}

#[cfg(test)]
mod tests;

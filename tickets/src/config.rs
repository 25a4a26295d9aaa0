//! All that the environment decides for tickets.

use service::config::{Common, ConfigError, Environment};

/// The settings of tickets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// What every service reads.
    pub common: Common,
}

impl Config {
    pub fn read(mut environment: Environment) -> Result<Self, ConfigError> {
        let common = Common::read(&mut environment, crate::SERVICE);
        environment.finish(|| Some(Self { common: common? }))
    }
}

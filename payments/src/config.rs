//! All that the environment decides.

use std::fmt;
use std::str::FromStr;

use service::config::{Common, ConfigError, Environment};

/// The settings of payments.
#[derive(Clone, Debug)]
pub struct Config {
    pub common: Common,
    /// `STRIPE_SECRET_KEY`: what Stripe knows us by, `sk_…`.
    pub stripe_secret_key: Secret,
    /// `STRIPE_API_BASE`: where Stripe is spoken to; its own address unless set.
    pub stripe_api_base: Option<String>,
}

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Config {
    pub fn read(mut environment: Environment) -> Result<Self, ConfigError> {
        let common = Common::read(&mut environment, "payments");
        let stripe_secret_key = environment.require("STRIPE_SECRET_KEY");
        let stripe_api_base = environment.optional("STRIPE_API_BASE");
        environment
            .finish(|| Some(Self { common: common?, stripe_secret_key: stripe_secret_key?, stripe_api_base }))
    }
}

impl Secret {
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

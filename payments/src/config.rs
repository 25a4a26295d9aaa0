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
        let stripe_secret_key: Option<Secret> = environment.require("STRIPE_SECRET_KEY");
        let stripe_api_base: Option<String> = environment.optional("STRIPE_API_BASE");
        if environment.is_production() {
            if stripe_secret_key.as_ref().is_some_and(Secret::is_for_tests) {
                environment.fault("STRIPE_SECRET_KEY", "is a test key, with which nobody pays");
            }
            if stripe_api_base.as_ref().is_some_and(|base| !base.starts_with("https://")) {
                environment
                    .fault("STRIPE_API_BASE", "is not https, and in production everybody could read along");
            }
        }
        environment
            .finish(|| Some(Self { common: common?, stripe_secret_key: stripe_secret_key?, stripe_api_base }))
    }
}

impl Secret {
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Secret keys and restricted ones.
    fn is_for_tests(&self) -> bool {
        ["sk_test_", "rk_test_"].iter().any(|start| self.0.starts_with(start))
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

#[cfg(test)]
mod tests {
    use service::config::Environment;

    use super::Config;

    fn faults(purpose: &str, key: &str, base: &str) -> String {
        let read = Config::read(Environment::from_iter([
            ("NATS_URL", "nats://127.0.0.1:4222"),
            ("MONGODB_URL", "mongodb://127.0.0.1:27017"),
            ("JWKS_FILE", "jwks.json"),
            ("PUBLIC_ORIGIN", "https://stagedoor.example"),
            ("STAGEDOOR_ENV", purpose),
            ("STRIPE_SECRET_KEY", key),
            ("STRIPE_API_BASE", base),
        ]));
        read.err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn production_takes_real_money_over_https() {
        assert_eq!(faults("production", "sk_live_a", ""), "");
        assert_eq!(faults("production", "rk_live_a", "https://stripe.example"), "");
        assert_eq!(faults("development", "sk_test_a", "http://127.0.0.1:1"), "");
        for key in ["sk_test_secret", "rk_test_secret"] {
            let said = faults("production", key, "http://stripe.example");
            assert!(said.contains("STRIPE_SECRET_KEY is a test key"), "{said}");
            assert!(said.contains("STRIPE_API_BASE is not https"), "{said}");
            assert!(!said.contains("secret"), "{said}");
        }
    }
}

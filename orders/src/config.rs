//! All that the environment decides for orders.

use std::time::Duration;

use service::config::{Common, ConfigError, Environment};

use crate::SERVICE;

/// The environment, read once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    pub common: Common,
    pub settings: Settings,
}

/// What is the marketplace's own to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `RESERVATION_SECONDS`: how long a buyer has to pay. 900 unless set.
    pub reservation: Duration,
    /// `MAX_OPEN_ORDERS`: how many orders a buyer may have that are neither paid nor over. 10 unless set.
    pub max_open_orders: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { reservation: Duration::from_secs(900), max_open_orders: 10 }
    }
}

impl Config {
    pub fn read(mut environment: Environment) -> Result<Self, ConfigError> {
        let common = Common::read(&mut environment, SERVICE);
        let settings = Settings::read(&mut environment);
        environment.finish(|| Some(Self { common: common?, settings }))
    }
}

impl Settings {
    fn read(environment: &mut Environment) -> Self {
        let default = Self::default();
        let reservation =
            Duration::from_secs(environment.or("RESERVATION_SECONDS", default.reservation.as_secs()));
        let max_open_orders = environment.or("MAX_OPEN_ORDERS", default.max_open_orders);
        if reservation.is_zero() {
            environment.fault("RESERVATION_SECONDS", "leaves no time to pay");
        }
        if max_open_orders == 0 {
            environment.fault("MAX_OPEN_ORDERS", "lets nobody order");
        }
        Self { reservation, max_open_orders }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(more: &[(&str, &str)]) -> Environment {
        let required = [
            ("NATS_URL", "nats://127.0.0.1:4222"),
            ("MONGODB_URL", "mongodb://127.0.0.1:27017"),
            ("JWKS_FILE", "keys.json"),
            ("PUBLIC_ORIGIN", "http://localhost:3000"),
        ];
        required.iter().chain(more).copied().collect()
    }

    #[test]
    fn what_is_not_set_is_as_the_contract_says() {
        let config = Config::read(environment(&[])).unwrap();
        assert_eq!(config.settings, Settings::default());
        assert_eq!(config.common.mongodb_database, "orders");
    }

    #[test]
    fn what_is_set_counts() {
        let set = [("RESERVATION_SECONDS", "5"), ("MAX_OPEN_ORDERS", "2")];
        let settings = Config::read(environment(&set)).unwrap().settings;
        assert_eq!(settings, Settings { reservation: Duration::from_secs(5), max_open_orders: 2 });
    }

    #[test]
    fn what_would_let_nobody_buy_is_refused() {
        let error = Config::read(environment(&[("RESERVATION_SECONDS", "0"), ("MAX_OPEN_ORDERS", "0")]));
        let variables: Vec<_> = error.unwrap_err().faults.into_iter().map(|fault| fault.variable).collect();
        assert_eq!(variables, ["RESERVATION_SECONDS", "MAX_OPEN_ORDERS"]);
    }
}

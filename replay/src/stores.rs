//! Where the services keep their documents: a database each, on one server or on one of its own.

use std::collections::BTreeMap;

use clap::Args;
use mongodb::Database;

use crate::{Failure, SERVICE};

/// Each service that has a database. It is called as the service is.
pub const DATABASES: [&str; 4] = ["auth", "tickets", "orders", "payments"];

/// Reads the name of a service that has a database.
pub fn service(name: &str) -> Result<&'static str, String> {
    let found = DATABASES.into_iter().find(|service| *service == name);
    found.ok_or_else(|| match name {
        "expiration" => "expiration keeps no documents, but timers, and they have no store".to_owned(),
        _ => format!("no service that keeps documents is called so: there are {}", DATABASES.join(", ")),
    })
}

/// Where the services' databases are.
#[derive(Args, Clone, Debug, Default)]
#[group(skip)]
pub struct Where {
    /// MongoDB with the databases of all services
    #[arg(long, env = "MONGODB_URL", hide_env_values = true, value_name = "URL", global = true)]
    mongodb_url: Option<String>,
    /// Where auth's database is, if elsewhere
    #[arg(long, env = "AUTH_MONGODB_URL", hide_env_values = true, value_name = "URL", global = true)]
    auth_mongodb_url: Option<String>,
    /// Where tickets' database is, if elsewhere
    #[arg(long, env = "TICKETS_MONGODB_URL", hide_env_values = true, value_name = "URL", global = true)]
    tickets_mongodb_url: Option<String>,
    /// Where orders' database is, if elsewhere
    #[arg(long, env = "ORDERS_MONGODB_URL", hide_env_values = true, value_name = "URL", global = true)]
    orders_mongodb_url: Option<String>,
    /// Where payments' database is, if elsewhere
    #[arg(long, env = "PAYMENTS_MONGODB_URL", hide_env_values = true, value_name = "URL", global = true)]
    payments_mongodb_url: Option<String>,
}

/// The databases of the services.
#[derive(Clone)]
pub struct Stores(BTreeMap<&'static str, Database>);

impl Where {
    /// Fails where a database is not said to be anywhere, or does not answer.
    pub async fn open(&self) -> Result<Stores, Failure> {
        self.open_some(&DATABASES).await
    }

    /// The same for some of the services.
    pub async fn open_some(&self, services: &[&'static str]) -> Result<Stores, Failure> {
        let mut stores = BTreeMap::new();
        for service in services.iter().copied() {
            let Some(url) = self.of(service) else {
                let variable = service.to_uppercase();
                return Err(Failure::BadInput(format!(
                    "where the database of {service} is has to be said: set MONGODB_URL, or {variable}_MONGODB_URL"
                )));
            };
            let database = hosting::connect_database(url, service, SERVICE)
                .await
                .map_err(|error| Failure::BadInput(format!("{service}: {error}")))?;
            let ping = database.run_command(mongodb::bson::doc! { "ping": 1 }).await;
            if ping.is_err() {
                return Err(Failure::unreachable(
                    "MongoDB",
                    format!("does not answer for the database {service}"),
                ));
            }
            stores.insert(service, database);
        }
        Ok(Stores(stores))
    }

    fn of(&self, service: &str) -> Option<&str> {
        let own = match service {
            "auth" => &self.auth_mongodb_url,
            "tickets" => &self.tickets_mongodb_url,
            "orders" => &self.orders_mongodb_url,
            "payments" => &self.payments_mongodb_url,
            _ => &None,
        };
        own.as_deref().or(self.mongodb_url.as_deref())
    }
}

impl Stores {
    /// None of a service that has no database, or whose database was not opened.
    pub fn of(&self, service: &str) -> Option<&Database> {
        self.0.get(service)
    }
}

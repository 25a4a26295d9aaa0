//! Connections to the servers. Neither waits for its server: it may come later, and come back.

use std::time::Duration;

use anyhow::Context as _;
use messaging::JetStream;
use mongodb::options::ClientOptions;
use mongodb::{Client, Database};
use runtime::Runtime;

/// A server that is away fails what is asked of it soon, so that it can be asked again.
const SELECTION: Duration = Duration::from_secs(2);
const CONNECTIONS: u32 = 64;

/// The bus at `url`.
pub async fn connect_bus(url: &str, service: &str, runtime: Runtime) -> anyhow::Result<JetStream> {
    JetStream::connect(url, service, runtime).await.context("NATS_URL")
}

/// The database of this name at `url`.
pub async fn connect_database(url: &str, name: &str, service: &str) -> anyhow::Result<Database> {
    let mut options =
        ClientOptions::parse(url).await.map_err(|_| anyhow::anyhow!("MONGODB_URL is no address"))?;
    options.app_name = Some(service.to_owned());
    options.server_selection_timeout = Some(SELECTION);
    options.connect_timeout = Some(SELECTION);
    options.max_pool_size.get_or_insert(CONNECTIONS);
    let client = Client::with_options(options).map_err(|_| anyhow::anyhow!("MONGODB_URL cannot be used"))?;
    Ok(client.database(name))
}

//! One Chromium. Dropping it ends it, with all that it started.

use std::{path::Path, sync::Arc};

use local_servers::{Toolbox, chromium};
use serde_json::json;
use tokio::task;

use crate::{
    chromium::Chromium,
    error::{Doing as _, Result},
    person::Person,
    protocol::Connection,
    settings::Settings,
};

pub struct Browser {
    connection: Arc<Connection>,
    chromium: Chromium,
}

impl Browser {
    /// The machine's own Chromium, or the fetched one; it is fetched first where there is none.
    pub async fn start() -> Result<Self> {
        Self::start_with(&[]).await
    }

    pub(crate) async fn start_with(flags: &[&str]) -> Result<Self> {
        let found = task::spawn_blocking(|| chromium::program(&Toolbox::open()?)).await;
        let program = found.map_err(Into::into).doing(|| "look for Chromium".to_owned())??;
        let (chromium, pipe) = Chromium::start(&program, flags)?;
        let connection = Connection::over(pipe, chromium.log());
        connection.call(None, "Browser.getVersion", json!({})).await?;
        Ok(Self { connection, chromium })
    }

    /// Somebody new, at a desk, who shares nothing with the others.
    pub async fn person(&self) -> Result<Person> {
        self.person_with(Settings::default()).await
    }

    pub async fn person_with(&self, settings: Settings) -> Result<Person> {
        Person::arrive(Arc::clone(&self.connection), settings).await
    }

    /// Where it keeps what it writes.
    pub fn folder(&self) -> &Path {
        self.chromium.folder()
    }

    pub(crate) fn chromium(&self) -> &Chromium {
        &self.chromium
    }
}

//! The service with its real servers.

use std::sync::Arc;
use std::time::Duration;

use hosting::Host;
use tokio_util::sync::CancellationToken;

use crate::account::Account;
use crate::audit::MongoAuditTrail;
use crate::config::Config;
use crate::session::Session;
use crate::throttle::Throttle;
use crate::{Auth, SERVICE, Signer, heartbeats, http, views};

const PAUSE_BETWEEN_TRIES: Duration = Duration::from_millis(200);

/// Runs until it is told to stop, or something ends that must not.
pub async fn run(config: Config, stop: CancellationToken) -> anyhow::Result<()> {
    let settings = config.settings();
    let Config { common, signing_key_file, bootstrap_admin, entries, sign_in_limits, .. } = config;
    let signer = Signer::open(&signing_key_file, &common.jwks_file, &common.issuer, &common.audience)?;
    let mut host = Host::new(SERVICE, common, stop).await?;
    let accounts = host.aggregates::<Account>(views::account_schema());
    let sessions = host.aggregates::<Session>(views::session_schema());
    host.limit(http::limits(entries));
    let throttle = Throttle::new(host.limiter(), sign_in_limits);
    let trail = Arc::new(MongoAuditTrail::new(&host.database(), host.runtime()));
    let auth = Auth::new(accounts, sessions, trail.clone(), signer, host.runtime(), settings)
        .with_throttle(throttle);
    host.repeat([auth.recurring()]);

    let (runtime, prepared) = (host.runtime(), host.dependency("audit trail"));
    host.meanwhile("audit trail", async move {
        while let Err(error) = trail.prepare().await {
            tracing::debug!(%error, "the audit trail cannot be prepared yet");
            runtime.sleep(PAUSE_BETWEEN_TRIES).await;
        }
        prepared.up();
    });

    if let Some(admin) = bootstrap_admin {
        let (auth, runtime, made) = (auth.clone(), host.runtime(), host.dependency("first admin"));
        host.meanwhile("bootstrap admin", async move {
            while let Err(error) = auth.bootstrap(admin.clone()).await {
                tracing::debug!(%error, "the first admin cannot be made yet");
                runtime.sleep(PAUSE_BETWEEN_TRIES).await;
            }
            made.up();
        });
    }
    let heartbeats = heartbeats::tell(host.bus(), host.revocations(), host.gate(), host.runtime());
    host.meanwhile("heartbeats", heartbeats);
    let listener = auth.listener();
    host.run(auth.routes(), Some(listener)).await
}

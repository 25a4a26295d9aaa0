//! The way into the shop: its one origin, or its services themselves where no edge is wanted.

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use local_shop::{Running, SERVICES};
use serde_json::Value;

use crate::{
    ask::{Answer, Ask},
    error::{Error, Result},
};

const TIME_LIMIT: Duration = Duration::from_secs(30);
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

#[derive(Clone, Debug)]
pub struct Door {
    client: reqwest::Client,
    origin: String,
    /// By the beginning of the path; none where the edge knows.
    upstreams: Vec<(&'static str, String)>,
}

impl Door {
    pub(crate) fn of(shop: &Running, has_edge: bool) -> Result<Self> {
        let client = client(None)?;
        let mut upstreams = Vec::new();
        for service in SERVICES.iter().filter(|_| !has_edge) {
            let address = shop.address(&format!("{}_HTTP_ADDR", service.name.to_uppercase()));
            let base = format!("http://{}", address.unwrap_or_default());
            upstreams.extend(service.paths.iter().map(|path| (*path, base.clone())));
        }
        Ok(Self { client, origin: shop.origin().to_owned(), upstreams })
    }

    pub(crate) fn of_process(&self, shop: &Running, process: &str) -> Result<Self> {
        let variable = format!("{}_HTTP_ADDR", process.to_uppercase().replace('-', "_"));
        let address = shop.address(&variable);
        let address = address.ok_or_else(|| local_shop::Error::NoSuchProcess(process.to_owned()))?;
        Ok(Self { client: self.client.clone(), origin: format!("http://{address}"), upstreams: Vec::new() })
    }

    /// For somebody at another address of this machine, such as 127.0.0.2.
    pub fn from_address(&self, address: Ipv4Addr) -> Result<Self> {
        Ok(Self { client: client(Some(address.into()))?, ..self.clone() })
    }

    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Asks once.
    pub async fn ask(&self, ask: &Ask) -> Result<Answer> {
        let base = self.upstreams.iter().find(|(path, _)| ask.path.starts_with(path));
        let base = base.map_or(&self.origin, |(_, base)| base);
        let mut request = self.client.request(ask.method.clone(), format!("{base}{}", ask.path));
        for (name, value) in &ask.headers {
            request = request.header(name, value);
        }
        if let Some(body) = &ask.body {
            request = request.body(body.clone());
        }
        let no_answer = |source| Error::NoAnswer { what: ask.to_string(), source };
        let asked_at = Instant::now();
        let response = request.send().await.map_err(no_answer)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await.map_err(no_answer)?;
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Ok(Answer { status, headers, body, took: asked_at.elapsed() })
    }

    /// Asks again, as a sane client does, while nobody answers or is too busy to. The request needs a key where it
    /// must not happen twice.
    pub async fn insist(&self, ask: &Ask, within: Duration) -> Result<Answer> {
        let begun_at = Instant::now();
        let mut pause = SHORTEST_PAUSE;
        loop {
            let asked = self.ask(ask).await;
            let again_in = match &asked {
                Ok(answer) if answer.is_busy() => answer.retry_after().unwrap_or(pause).min(LONGEST_PAUSE),
                Err(Error::NoAnswer { .. }) => pause,
                _ => return asked,
            };
            if begun_at.elapsed() + again_in > within {
                return asked;
            }
            tokio::time::sleep(again_in).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

fn client(from: Option<IpAddr>) -> Result<reqwest::Client> {
    let client = reqwest::Client::builder().no_proxy().timeout(TIME_LIMIT).local_address(from).build();
    client.map_err(|source| Error::NoAnswer { what: "HTTP".to_owned(), source })
}

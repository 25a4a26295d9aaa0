//! A page in a tab, as its reader has it: opened, read, and worked with by the names of what is on it. The tab is closed
//! when the last handle on it is dropped.

mod acting;
mod finding;
mod seeing;

use std::{fs, path::Path, sync::Arc, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::{
    error::{Doing as _, Error, Result},
    journal::{Complaint, Journal, Kept, Weight},
    person::{Context, text},
    settings::Settings,
};

#[derive(Clone)]
pub struct Page {
    tab: Arc<Tab>,
    /// The part of the page that is looked at, when it is not the whole.
    part: Option<String>,
    patience: Duration,
}

struct Tab {
    context: Arc<Context>,
    settings: Settings,
    target: String,
    session: String,
    journal: Arc<Journal>,
}

impl Page {
    pub(crate) async fn in_new_tab(context: Arc<Context>, settings: Settings) -> Result<Self> {
        let connection = &context.connection;
        let new = json!({ "url": "about:blank", "browserContextId": context.id });
        let made = connection.call(None, "Target.createTarget", new).await?;
        let target = text(&made["targetId"], "Target.createTarget")?;
        let attach = json!({ "targetId": target, "flatten": true });
        let attached = connection.call(None, "Target.attachToTarget", attach).await?;
        let session = text(&attached["sessionId"], "Target.attachToTarget")?;
        // A tab's first frame bears the tab's own id.
        let journal = Arc::new(Journal::of(&target));
        connection.keep(&session, Arc::clone(&journal));

        let patience = settings.patience;
        let tab = Arc::new(Tab { context, settings, target, session, journal });
        let page = Self { tab, part: None, patience };
        for (method, parameters) in page.tab.settings.commands() {
            page.call(method, parameters).await?;
        }
        Ok(page)
    }

    /// Until it has loaded.
    pub async fn open(&self, url: &str) -> Result<()> {
        let answer = self.call("Page.navigate", json!({ "url": url })).await?;
        match answer["errorText"].as_str() {
            Some(reason) => Err(Error::NotOpened { url: url.to_owned(), reason: reason.to_owned() }),
            None => self.arrived().await,
        }
    }

    pub async fn reload(&self) -> Result<()> {
        let arrivals = self.tab.journal.arrivals() + 1;
        self.call("Page.reload", json!({})).await?;
        self.arrived_after(arrivals).await
    }

    /// To where the tab was before.
    pub async fn back(&self) -> Result<()> {
        let history = self.call("Page.getNavigationHistory", json!({})).await?;
        let before = history["currentIndex"].as_u64().and_then(|index| index.checked_sub(1));
        let entry = before.and_then(|index| history["entries"].get(index as usize));
        let Some(entry) = entry else {
            return Err(Error::Unusable {
                name: "back".to_owned(),
                reason: "the tab was nowhere before".to_owned(),
            });
        };
        let arrivals = self.tab.journal.arrivals() + 1;
        self.call("Page.navigateToHistoryEntry", json!({ "entryId": entry["id"] })).await?;
        self.arrived_after(arrivals).await
    }

    /// The same page, looked at within the first element that the selector names; for what bears the same name twice.
    pub fn within(&self, selector: &str) -> Self {
        Self { part: Some(selector.to_owned()), ..self.clone() }
    }

    /// The same page, waited for in another way.
    pub fn patience(&self, patience: Duration) -> Self {
        Self { patience, ..self.clone() }
    }

    pub async fn url(&self) -> Result<String> {
        self.evaluate("location.href").await.map(|url| url.as_str().unwrap_or_default().to_owned())
    }

    pub async fn title(&self) -> Result<String> {
        self.evaluate("document.title").await.map(|title| title.as_str().unwrap_or_default().to_owned())
    }

    /// What the script yields, as JSON; a promise is waited for. It is the debugger's, so it runs without JavaScript too.
    pub async fn evaluate(&self, script: &str) -> Result<Value> {
        self.evaluate_in(None, script).await
    }

    pub(crate) async fn evaluate_in(&self, context: Option<&Value>, script: &str) -> Result<Value> {
        let mut parameters = json!({ "expression": script, "returnByValue": true, "awaitPromise": true });
        if let Some(context) = context {
            parameters["contextId"] = context.clone();
        }
        let mut answer = self.call("Runtime.evaluate", parameters).await?;
        match answer.get("exceptionDetails") {
            Some(details) => Err(thrown(details)),
            None => Ok(answer["result"]["value"].take()),
        }
    }

    /// The whole page, or what the screen shows of it, as WebP where the path ends so, and else as PNG.
    pub async fn screenshot(&self, path: impl AsRef<Path>, full_page: bool) -> Result<()> {
        let (method, path) = ("Page.captureScreenshot", path.as_ref());
        let is_webp = path.extension().is_some_and(|end| end == "webp");
        let mut parameters = json!({ "format": "png", "captureBeyondViewport": full_page });
        if is_webp {
            parameters["format"] = "webp".into();
            parameters["quality"] = 80.into();
        }
        if full_page {
            let layout = self.call("Page.getLayoutMetrics", json!({})).await?;
            let size = &layout["cssContentSize"];
            parameters["clip"] =
                json!({ "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1 });
        }
        let answer = self.call(method, parameters).await?;
        let data = text(&answer["data"], method)?;
        let picture = BASE64_STANDARD
            .decode(data)
            .map_err(|error| Error::Unexpected { method: method.to_owned(), answer: error.to_string() })?;
        fs::write(path, picture).doing(|| format!("write {}", path.display()))
    }

    /// What the console would show in red since the tab was opened, or since it was forgotten: with violations of the
    /// content security policy and requests that failed.
    pub fn console_errors(&self) -> Vec<Complaint> {
        self.tab.journal.complaints()
    }

    pub fn forget_console_errors(&self) {
        self.tab.journal.forget_complaints();
    }

    /// What the page that is shown took, as soon as all of it has come. Streams are not waited for.
    pub async fn bytes_over_the_wire(&self) -> Result<Weight> {
        let journal = &self.tab.journal;
        if journal.wait_until(|kept| kept.has_finished_requests(), self.patience).await {
            return Ok(journal.weight());
        }
        Err(Error::NeverLoaded { url: self.url().await?, seconds: self.patience.as_secs() })
    }

    /// As if there were no network, until it is said that there is.
    pub async fn offline(&self, offline: bool) -> Result<()> {
        let conditions =
            json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.call("Network.emulateNetworkConditions", conditions).await.map(drop)
    }

    pub(crate) fn runs_scripts(&self) -> bool {
        self.tab.settings.javascript
    }

    pub(crate) fn frame(&self) -> &str {
        &self.tab.target
    }

    pub(crate) async fn call(&self, method: &str, parameters: Value) -> Result<Value> {
        self.tab.context.connection.call(Some(&self.tab.session), method, parameters).await
    }

    async fn arrived(&self) -> Result<()> {
        self.arrived_after(0).await
    }

    async fn arrived_after(&self, arrivals: u64) -> Result<()> {
        let so = |kept: &Kept| kept.has_arrived() && kept.arrivals() >= arrivals;
        if self.tab.journal.wait_until(so, self.patience).await {
            return Ok(());
        }
        let url = self.url().await.unwrap_or_default();
        Err(Error::NeverLoaded { url, seconds: self.patience.as_secs() })
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        let connection = &self.context.connection;
        connection.forget(&self.session);
        connection.tell(None, "Target.closeTarget", json!({ "targetId": self.target }));
    }
}

fn thrown(details: &Value) -> Error {
    let description = details["exception"]["description"].as_str();
    let message = description.or_else(|| details["text"].as_str()).unwrap_or_default();
    Error::Script { message: message.to_owned() }
}

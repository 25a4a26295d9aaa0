//! What people see on a page, now or as soon as it is there.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{
    Page,
    finding::{BUTTON, LINK, as_read},
};
use crate::error::{Error, Result};

/// A page is looked at again when its tab says something, and this often when it is silent.
pub(super) const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(50);

impl Page {
    /// Whether the text is to be read there now. Spaces and breaks are all one.
    pub async fn sees(&self, text: &str) -> Result<bool> {
        self.says().await.map(|says| says.contains(&as_read(text)))
    }

    pub async fn eventually_sees(&self, text: &str) -> Result<()> {
        let wanted = as_read(text);
        self.eventually(text, "to be read", async || Ok(self.says().await?.contains(&wanted))).await
    }

    pub async fn eventually_misses(&self, text: &str) -> Result<()> {
        let unwanted = as_read(text);
        self.eventually(text, "gone", async || Ok(!self.says().await?.contains(&unwanted))).await
    }

    /// With the end of its address.
    pub async fn eventually_at(&self, end: &str) -> Result<()> {
        self.eventually(end, "where the page is", async || Ok(self.url().await?.ends_with(end))).await
    }

    /// Whether there is such a link or button now.
    pub async fn offers(&self, name: &str) -> Result<bool> {
        Ok(self.has(LINK, name).await? || self.has(BUTTON, name).await?)
    }

    /// All that is to be read.
    pub async fn says(&self) -> Result<String> {
        let part = self.part.as_deref().unwrap_or("body");
        let script = format!("document.querySelector({})?.innerText", json!(part));
        self.evaluate(&script).await.map(|text| as_read(text.as_str().unwrap_or_default()))
    }

    /// What each element that the selector names says.
    pub async fn texts(&self, selector: &str) -> Result<Vec<String>> {
        let part = self.part.as_deref().unwrap_or(":root");
        let script = format!(
            "[...(document.querySelector({})?.querySelectorAll({}) ?? [])].map(element => element.innerText)",
            json!(part),
            json!(selector)
        );
        let texts = self.evaluate(&script).await?;
        let texts = texts.as_array().into_iter().flatten();
        Ok(texts.map(|text| as_read(text.as_str().unwrap_or_default())).collect())
    }

    /// Which way somebody is who only uses the keyboard: the name of what has the focus.
    pub async fn focused(&self) -> Result<String> {
        let focus = json!({ "expression": "document.activeElement" });
        let answer = self.call("Runtime.evaluate", focus).await?;
        let object = json!({ "objectId": answer["result"]["objectId"], "fetchRelatives": false });
        let answer = self.call("Accessibility.getPartialAXTree", object).await?;
        Ok(as_read(answer["nodes"][0]["name"]["value"].as_str().unwrap_or_default()))
    }

    async fn eventually(
        &self,
        text: &str,
        expected: &'static str,
        holds: impl AsyncFn() -> Result<bool>,
    ) -> Result<()> {
        let begun_at = Instant::now();
        loop {
            match holds().await {
                Ok(true) => return Ok(()),
                // Between two pages there is nothing to be read.
                Ok(false) | Err(Error::Refused { .. } | Error::Script { .. }) => {}
                Err(error) => return Err(error),
            }
            if begun_at.elapsed() > self.patience {
                return Err(Error::NotSo {
                    text: text.to_owned(),
                    expected,
                    url: self.url().await.unwrap_or_default(),
                    seconds: self.patience.as_secs(),
                    says: self.says().await.unwrap_or_default(),
                });
            }
            self.tab.journal.wait_for_change(LOOK_AGAIN_AFTER).await;
        }
    }
}

//! What axe-core finds on a page that keeps people from using it.

use std::{fmt, fs};

use local_servers::{AXE, Toolbox};
use serde::Deserialize;
use serde_json::json;
use tokio::task;

use crate::{
    error::{Doing as _, Error, Result},
    page::Page,
};

const TAGS: [&str; 6] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/// A rule that does not hold, and where.
#[derive(Clone, Debug, Deserialize)]
pub struct Violation {
    #[serde(rename = "id")]
    pub rule: String,
    /// `minor`, `moderate`, `serious` or `critical`.
    pub impact: Option<String>,
    pub help: String,
    pub nodes: Vec<Violator>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Violator {
    pub selector: String,
    pub summary: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({}): {}", self.rule, self.impact.as_deref().unwrap_or("?"), self.help)?;
        self.nodes.iter().try_for_each(|node| write!(formatter, "\n  {}: {}", node.selector, node.summary))
    }
}

impl Page {
    /// Held against WCAG 2.2, level AA, and good practice. Runs beside the page's own scripts, which do not meet it, and
    /// whatever the page's policy is.
    pub async fn axe(&self) -> Result<Vec<Violation>> {
        let fetched = task::spawn_blocking(|| Toolbox::open()?.fetch(&AXE)).await;
        let path = fetched.map_err(Into::into).doing(|| "look for axe-core".to_owned())??;
        let axe = fs::read_to_string(&path).doing(|| format!("read {}", path.display()))?;

        // It waits by timers, which only run where scripts do. The page's own have missed their time.
        let permit =
            |scripts: bool| self.call("Emulation.setScriptExecutionDisabled", json!({ "value": !scripts }));
        if !self.runs_scripts() {
            permit(true).await?;
        }
        let violations = self.violations(&axe).await;
        if !self.runs_scripts() {
            permit(false).await?;
        }
        violations
    }

    async fn violations(&self, axe: &str) -> Result<Vec<Violation>> {
        let world = json!({ "frameId": self.frame(), "worldName": "axe" });
        let world = self.call("Page.createIsolatedWorld", world).await?;
        let context = Some(&world["executionContextId"]);
        self.evaluate_in(context, &format!("{axe};0")).await?;
        let script = format!(
            "axe.run(document, {{ runOnly: {{ type: 'tag', values: {} }}, resultTypes: ['violations'] }})
                .then(found => found.violations.map(({{ id, impact, help, nodes }}) => ({{ id, impact, help,
                    nodes: nodes.map(node => ({{
                        selector: node.target.flat().join(' '), summary: node.failureSummary ?? '' }})) }})))",
            json!(TAGS)
        );
        let found = self.evaluate_in(context, &script).await?;
        serde_json::from_value(found)
            .map_err(|error| Error::Unexpected { method: "axe.run".to_owned(), answer: error.to_string() })
    }
}

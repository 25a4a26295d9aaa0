//! What Lighthouse makes of a page: its four marks, and why they are not higher. It is given a Chromium of its own.

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};

use local_servers::{LIGHTHOUSE, NODE, Toolbox};
use serde_json::{Value, json};
use tokio::{process::Command, task};

use crate::{
    browser::Browser,
    error::{Doing as _, Error, Result},
};

const AT_MOST: Duration = Duration::from_secs(240);

/// How Lighthouse is to come to a page: as a phone, and as nobody, unless it is said otherwise.
#[derive(Clone, Debug, Default)]
pub struct Lighthouse {
    is_desktop: bool,
    headers: BTreeMap<String, String>,
}

/// Marks out of a hundred.
#[derive(Clone, Debug)]
pub struct Report {
    pub performance: u8,
    pub accessibility: u8,
    pub best_practices: u8,
    pub seo: u8,
    /// What cost marks, or would on a slower day.
    pub findings: Vec<Finding>,
    /// The whole of it, for people and for programs.
    pub html: PathBuf,
    pub json: PathBuf,
}

#[derive(Clone, Debug)]
pub struct Finding {
    pub audit: String,
    pub title: String,
    /// Below 1.
    pub score: f64,
    /// A figure where there is one, and what it is about.
    pub details: Vec<String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {:.2}: {}", self.audit, self.score, self.title)?;
        self.details.iter().try_for_each(|detail| write!(formatter, "\n  {detail}"))
    }
}

impl Lighthouse {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn desktop(self) -> Self {
        Self { is_desktop: true, ..self }
    }

    /// Sent with each request; who is signed in comes with a `Cookie`.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    /// The whole report is kept as `<stem>.report.html` and `<stem>.report.json`.
    pub async fn look_at(&self, url: &str, stem: impl AsRef<Path>) -> Result<Report> {
        let stem = std::path::absolute(stem.as_ref()).doing(|| "find the report's folder".to_owned())?;
        if let Some(folder) = stem.parent() {
            fs::create_dir_all(folder).doing(|| format!("create {}", folder.display()))?;
        }
        let kept = |end: &str| PathBuf::from(format!("{}.report.{end}", stem.display()));
        let output = self.run(url, &stem).await?;

        let json = kept("json");
        let report = fs::read(&json).ok().and_then(|text| serde_json::from_slice::<Value>(&text).ok());
        report
            .as_ref()
            .and_then(|report| in_brief(report, kept("html"), json))
            .ok_or_else(|| Error::NoReport { url: url.to_owned(), said: said(report.as_ref(), &output) })
    }

    async fn run(&self, url: &str, stem: &Path) -> Result<Output> {
        let fetch = || -> Result<_, local_servers::Error> {
            let toolbox = Toolbox::open()?;
            Ok((toolbox.fetch(&NODE)?, toolbox.fetch(&LIGHTHOUSE)?))
        };
        let fetched = task::spawn_blocking(fetch).await;
        let (node, lighthouse) = fetched.map_err(Into::into).doing(|| "look for Lighthouse".to_owned())??;
        let browser = Browser::start_with(&["--remote-debugging-port=0"]).await?;
        let folder = browser.chromium().folder();
        let headers = folder.join("headers.json");
        fs::write(&headers, json!(self.headers).to_string())
            .doing(|| format!("write {}", headers.display()))?;

        let mut command = Command::new(node);
        command
            .arg(lighthouse)
            .arg(url)
            .args(["--quiet", "--no-enable-error-reporting", "--output=json", "--output=html"])
            .arg("--only-categories=performance,accessibility,best-practices,seo")
            .arg(format!("--output-path={}", stem.display()))
            .arg(format!("--extra-headers={}", headers.display()))
            .arg(format!("--port={}", browser.chromium().port().await?))
            .args(self.is_desktop.then_some("--preset=desktop"))
            .env("HOME", folder)
            .env("XDG_CONFIG_HOME", folder)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let late = || Error::NoReport { url: url.to_owned(), said: format!("nothing in {AT_MOST:?}") };
        let ended = tokio::time::timeout(AT_MOST, command.output()).await;
        ended.map_err(|_| late())?.doing(|| "run Lighthouse".to_owned())
    }
}

/// Nothing, unless it gave all four marks.
fn in_brief(report: &Value, html: PathBuf, json: PathBuf) -> Option<Report> {
    let mark = |category: &str| {
        let score = report["categories"][category]["score"].as_f64()?;
        Some((score * 100.0).round() as u8)
    };
    let audits = report["audits"].as_object()?.values();
    Some(Report {
        performance: mark("performance")?,
        accessibility: mark("accessibility")?,
        best_practices: mark("best-practices")?,
        seo: mark("seo")?,
        findings: audits.filter_map(finding).collect(),
        html,
        json,
    })
}

fn finding(audit: &Value) -> Option<Finding> {
    let score = audit["score"].as_f64().filter(|score| *score < 1.0)?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let figure = audit["displayValue"].as_str().map(str::to_owned);
    let items = audit["details"]["items"].as_array().into_iter().flatten().take(5).filter_map(about);
    Some(Finding {
        audit: text(&audit["id"]),
        title: text(&audit["title"]),
        score,
        details: figure.into_iter().chain(items).collect(),
    })
}

/// The element, address or words that an item of an audit is about.
fn about(item: &Value) -> Option<String> {
    let places = [
        &item["node"]["snippet"],
        &item["url"],
        &item["source"]["url"],
        &item["description"],
        &item["label"],
        &item["statistic"],
    ];
    places.into_iter().find_map(|place| place.as_str()).map(str::to_owned)
}

fn said(report: Option<&Value>, output: &Output) -> String {
    let failed = report.and_then(|report| report["runtimeError"]["message"].as_str()).unwrap_or_default();
    format!("{failed}\n{}", String::from_utf8_lossy(&output.stderr))
}

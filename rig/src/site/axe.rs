//! Every page in each of its states before axe-core, light and dark, wide and on a phone.

use browser::{Browser, Fault};

use super::{Look, Stage, stops::STOPS, visit};
use crate::error::Result;

/// What it finds, a line each; none is good. What the console complains of counts too.
pub async fn axe(stage: &Stage) -> Result<Vec<String>> {
    let browser = Browser::start().await?;
    let mut found = Vec::new();
    for stop in &STOPS {
        for look in Look::ALL {
            let page = visit(stage, &browser, stop, look).await?;
            let at = format!("{} ({})", stop.name, look.name());
            for violation in page.axe().await? {
                for node in &violation.nodes {
                    found.push(format!("{at}: {} at {}: {}", violation.rule, node.selector, node.summary));
                }
            }
            // The page of what is not there is an answer of 404, and the console says so.
            let url = page.url().await?;
            let complaints = page.console_errors().into_iter();
            let complaints = complaints.filter(|it| it.fault != Fault::Request || it.url != url);
            found.extend(complaints.map(|complaint| format!("{at}: {complaint}")));
        }
    }
    Ok(found)
}

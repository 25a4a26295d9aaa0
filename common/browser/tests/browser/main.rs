//! A real Chromium before pages that have one of everything.
#![expect(
    clippy::disallowed_methods,
    reason = "a site with tasks of its own, and a browser that takes its time"
)]
#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

mod acting;
mod coming;
mod ending;
mod judging;
mod noticing;
mod site;

use browser::{Browser, Page, Settings};

use site::Site;

/// A person at a page, and what has to live as long.
struct Visit {
    site: Site,
    page: Page,
    browser: Browser,
}

async fn visit(path: &str) -> Visit {
    visit_with(path, Settings::new()).await
}

async fn visit_with(path: &str, settings: Settings) -> Visit {
    let site = Site::start().await;
    let browser = Browser::start().await.unwrap();
    let person = browser.person_with(settings).await.unwrap();
    let page = person.open(&site.url(path)).await.unwrap();
    Visit { site, page, browser }
}

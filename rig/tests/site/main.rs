//! The site in a real browser, on a whole shop: what people do there, and what they are shown.
#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

mod accounts;
mod forms;
mod guarded;
mod looks;
mod outcomes;
mod purchase;
mod told;
mod trouble;

use std::sync::atomic::{AtomicUsize, Ordering};

use browser::{Browser, Page, Settings};
use rig::{Checked, Options};

const PASSWORD: &str = "paper-lantern-encore";

/// A shop, and a browser to visit it with.
struct Visit {
    shop: Checked,
    browser: Browser,
}

impl Visit {
    async fn begin(options: Options) -> Self {
        let (shop, browser) = tokio::join!(Checked::open(options), Browser::start());
        Self { shop: shop.unwrap(), browser: browser.unwrap() }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.shop.door().origin())
    }

    /// Somebody who has never been here, at the listings.
    async fn somebody(&self, settings: &Settings) -> Page {
        let person = self.browser.person_with(settings.clone()).await.unwrap();
        person.open(&self.url("/")).await.unwrap()
    }

    /// Somebody who has just opened an account, at the listings.
    async fn member(&self, settings: &Settings, name: &str) -> Page {
        let page = self.somebody(settings).await;
        page.follow("Sign in").await.unwrap();
        page.follow("Open an account").await.unwrap();
        sign_up(&page, name).await;
        page.open(&self.url("/")).await.unwrap();
        page
    }
}

/// Where the form to open an account is shown.
async fn sign_up(page: &Page, name: &str) -> String {
    static PEOPLE: AtomicUsize = AtomicUsize::new(1);
    let email = format!("somebody-{}@example.com", PEOPLE.fetch_add(1, Ordering::Relaxed));
    page.fill("E-mail address", &email).await.unwrap();
    page.fill("Password", PASSWORD).await.unwrap();
    page.fill("Name", name).await.unwrap();
    page.press("Open an account").await.unwrap();
    email
}

/// The last part of the address that is shown.
async fn id(page: &Page) -> String {
    let url = page.url().await.unwrap();
    let path = url.split('?').next().unwrap();
    path.rsplit('/').next().unwrap().to_owned()
}

/// Nothing that a console would show in red, but answers that say no.
fn is_at_ease(page: &Page) {
    let complaints = page.console_errors();
    let complaints: Vec<_> = complaints.iter().filter(|it| it.fault != browser::Fault::Request).collect();
    assert!(complaints.is_empty(), "{complaints:?}");
}

#[tokio::test]
async fn every_page_in_every_state_is_open_to_everybody() {
    let found = rig::site::axe(&rig::site::Stage::set().await.unwrap()).await.unwrap();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

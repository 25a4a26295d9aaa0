//! What a tab says of itself.

use std::time::{Duration, Instant};

use browser::{Complaint, Fault, Page, Settings};

use super::{site::SMALL, visit, visit_with};

/// As soon as it is among them.
async fn complaint(page: &Page, fault: Fault, text: &str) -> Complaint {
    let begun_at = Instant::now();
    loop {
        let complaints = page.console_errors();
        let found = complaints.iter().find(|it| it.fault == fault && it.text.contains(text));
        if let Some(found) = found {
            return found.clone();
        }
        assert!(begun_at.elapsed() < Duration::from_secs(30), "no {text:?} in {complaints:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn what_the_console_shows_in_red_is_noticed() {
    let visit = visit("/broken").await;
    complaint(&visit.page, Fault::Console, "said so").await;
    complaint(&visit.page, Fault::Exception, "thrown").await;
    let missing = complaint(&visit.page, Fault::Request, "404").await;
    assert_eq!(missing.url, visit.site.url("/missing"));

    visit.page.forget_console_errors();
    visit.page.open(&visit.site.url("/plain")).await.unwrap();
    assert!(visit.page.console_errors().is_empty());
}

#[tokio::test]
async fn what_the_pages_policy_forbids_is_noticed() {
    let visit = visit("/strict").await;
    complaint(&visit.page, Fault::Policy, "Content Security Policy").await;
    assert_eq!(visit.page.title().await.unwrap(), "Strict");
}

#[tokio::test]
async fn bytes_are_counted_as_they_were_sent() {
    let visit = visit("/compressed").await;
    assert_eq!(visit.page.evaluate("document.body.innerText.length").await.unwrap(), 100_000);
    let weight = visit.page.bytes_over_the_wire().await.unwrap();
    let (document, sent) = (weight.of("Document"), SMALL.len() as u64);
    assert!((sent..sent + 500).contains(&document), "{weight:?}");

    visit.page.open(&visit.site.url("/unfair")).await.unwrap();
    let weight = visit.page.bytes_over_the_wire().await.unwrap();
    assert!(weight.of("Image") > 100 && weight.of("Script") == 0, "{weight:?}");
    assert_eq!(weight.total(), weight.by_kind.values().sum::<u64>());
    assert!(weight.requests >= 2, "{weight:?}");
}

#[tokio::test]
async fn a_redirect_is_part_of_the_weight() {
    let visit = visit("/cookies").await;
    let direct = visit.page.bytes_over_the_wire().await.unwrap().of("Document");
    visit.page.open(&visit.site.url("/cookies/ana")).await.unwrap();
    let redirected = visit.page.bytes_over_the_wire().await.unwrap().of("Document");
    assert!(redirected > direct + 100, "{redirected} and {direct}");
}

#[tokio::test]
async fn without_a_network_nothing_opens_until_there_is_one() {
    let visit = visit_with("/plain", Settings::new()).await;
    visit.page.offline(true).await.unwrap();
    let error = visit.page.open(&visit.site.url("/form")).await.unwrap_err().to_string();
    assert!(error.contains("ERR_INTERNET_DISCONNECTED"), "{error}");
    visit.page.offline(false).await.unwrap();
    visit.page.open(&visit.site.url("/form")).await.unwrap();
    assert!(visit.page.offers("Offer it").await.unwrap());
}

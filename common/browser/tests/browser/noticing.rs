//! What a tab says of itself.

use browser::{Fault, Settings};

use super::{site::SMALL, visit, visit_with};

#[tokio::test]
async fn what_the_console_shows_in_red_is_noticed() {
    let visit = visit("/broken").await;
    visit.page.bytes_over_the_wire().await.unwrap();
    let complaints = visit.page.console_errors();
    let has =
        |fault: Fault, text: &str| complaints.iter().any(|it| it.fault == fault && it.text.contains(text));
    assert!(has(Fault::Console, "said so"), "{complaints:?}");
    assert!(has(Fault::Exception, "thrown"), "{complaints:?}");
    assert!(has(Fault::Request, "404"), "{complaints:?}");
    assert!(complaints.iter().any(|it| it.url == visit.site.url("/missing")), "{complaints:?}");

    visit.page.forget_console_errors();
    visit.page.open(&visit.site.url("/plain")).await.unwrap();
    assert!(visit.page.console_errors().is_empty());
}

#[tokio::test]
async fn what_the_pages_policy_forbids_is_noticed() {
    let visit = visit("/strict").await;
    let complaints = visit.page.console_errors();
    assert!(
        complaints.iter().any(|it| it.fault == Fault::Policy && it.text.contains("Content Security Policy")),
        "{complaints:?}"
    );
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

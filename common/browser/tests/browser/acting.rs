//! What people do on a page, with JavaScript and without.

use std::time::Duration;

use browser::{Error, Settings};

use super::{Visit, visit, visit_with};

async fn fill_in_the_form_and_send_it(visit: &Visit) {
    let page = &visit.page;
    page.fill("Name of the event", "Élan & \"Co\" <b>").await.unwrap();
    page.fill("Day", "2030-05-01T20:00").await.unwrap();
    page.fill("Price", "12").await.unwrap();
    page.fill("Secret", "word").await.unwrap();
    page.fill("Notes", "one").await.unwrap();
    page.fill("Notes", "").await.unwrap();
    page.choose("Kind", "Theatre play").await.unwrap();
    page.choose("Pay by", "Bank").await.unwrap();
    page.tick("I agree").await.unwrap();
    page.tick("I agree").await.unwrap();

    assert_eq!(page.value("Name of the event").await.unwrap(), "Élan & \"Co\" <b>");
    assert_eq!(page.value("Kind").await.unwrap(), "Theatre play");
    assert!(page.is_ticked("I agree").await.unwrap());
    assert!(page.is_ticked("Bank").await.unwrap());

    page.press("Offer it").await.unwrap();
    let told =
        "title=Élan & \"Co\" date=2030-05-01T20:00 price=12 secret=word notes= kind=t pay=bank agree=yes";
    let says = page.says().await.unwrap();
    assert!(says.contains("Told: title=Élan & \"Co\""), "{says}");
    assert!(says.contains(told), "{says}");
}

#[tokio::test]
async fn a_form_is_filled_in_by_its_labels_and_sent() {
    fill_in_the_form_and_send_it(&visit("/form").await).await;
}

#[tokio::test]
async fn a_form_is_filled_in_and_sent_without_javascript() {
    fill_in_the_form_and_send_it(&visit_with("/form", Settings::new().javascript(false)).await).await;
}

#[tokio::test]
async fn a_form_is_filled_in_and_sent_on_a_phone() {
    fill_in_the_form_and_send_it(&visit_with("/form", Settings::new().phone()).await).await;
}

#[tokio::test]
async fn a_link_is_followed_until_the_next_page_is_there_and_back() {
    for settings in [Settings::new(), Settings::new().javascript(false)] {
        let Visit { site, page, browser: _browser } = visit_with("/plain", settings).await;
        assert_eq!(page.title().await.unwrap(), "plain");
        page.follow("The next page").await.unwrap();
        assert!(page.sees("Arrived").await.unwrap());
        assert_eq!(page.url().await.unwrap(), site.url("/slow"));

        page.back().await.unwrap();
        assert!(page.sees("Tickets").await.unwrap());
        page.reload().await.unwrap();
        assert!(page.sees("Two for Saturday.").await.unwrap());
    }
}

#[tokio::test]
async fn the_keyboard_does_it_too() {
    let visit = visit("/plain").await;
    visit.page.key("Tab").await.unwrap();
    assert_eq!(visit.page.focused().await.unwrap(), "The next page");
    visit.page.key("Enter").await.unwrap();
    assert!(visit.page.sees("Arrived").await.unwrap());
}

#[tokio::test]
async fn what_is_read_is_what_is_shown() {
    let visit = visit("/plain").await;
    assert!(visit.page.sees("Two for Saturday.").await.unwrap());
    assert!(!visit.page.sees("Nobody reads this.").await.unwrap());
    assert_eq!(visit.page.texts("main p:not([hidden])").await.unwrap(), ["Two for Saturday."]);
    assert!(visit.page.offers("The next page").await.unwrap());
    assert!(!visit.page.offers("Buy").await.unwrap());
}

#[tokio::test]
async fn what_comes_later_is_waited_for() {
    let visit = visit("/scripted").await;
    visit.page.press("More").await.unwrap();
    assert!(!visit.page.sees("And more").await.unwrap());
    visit.site.release();
    visit.page.eventually_sees("And more").await.unwrap();
    visit.page.eventually_misses("With scripts").await.unwrap();
    visit.page.eventually_at("/scripted").await.unwrap();
}

#[tokio::test]
async fn what_never_comes_is_said_with_what_is_there_instead() {
    let visit = visit("/plain").await;
    let page = visit.page.patience(Duration::from_millis(200));
    let missing = page.eventually_sees("Sold out").await.unwrap_err().to_string();
    assert!(
        missing.contains("\"Sold out\" was not to be read") && missing.contains("Two for Saturday."),
        "{missing}"
    );
    let missing = page.follow("Another page").await.unwrap_err().to_string();
    assert!(
        missing.contains("no link is called \"Another page\"") && missing.contains("The next page"),
        "{missing}"
    );
}

#[tokio::test]
async fn of_two_alike_neither_is_taken_unless_it_is_said_where() {
    let visit = visit("/twice").await;
    let error = visit.page.press("Buy").await.unwrap_err();
    assert!(matches!(error, Error::Ambiguous { count: 2, .. }), "{error}");
    let second = visit.page.within("#two");
    second.press("Buy").await.unwrap();
    assert!(second.sees("Second").await.unwrap() && !visit.page.within("#one").sees("Second").await.unwrap());
    second.follow("Buy").await.unwrap();
    assert_eq!(visit.page.title().await.unwrap(), "plain");
}

#[tokio::test]
async fn what_nobody_could_press_is_not_pressed() {
    let visit = visit("/twice").await;
    let disabled = visit.page.press("Sell").await.unwrap_err().to_string();
    assert!(disabled.contains("it is disabled"), "{disabled}");
    let covered = visit.page.press("Under").await.unwrap_err().to_string();
    assert!(covered.contains("it lies under") && covered.contains("over"), "{covered}");
}

#[tokio::test]
async fn a_page_with_a_stream_is_there_before_the_stream_ends() {
    let visit = visit("/streaming").await;
    visit.page.eventually_sees("It says: hello").await.unwrap();
    visit.page.bytes_over_the_wire().await.unwrap();
    visit.page.open(&visit.site.url("/plain")).await.unwrap();
    assert!(visit.page.sees("Tickets").await.unwrap());
}

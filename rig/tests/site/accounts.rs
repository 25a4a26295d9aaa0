//! Coming in, staying, and leaving.

use browser::{Page, Person};
use rig::Options;

use crate::{PASSWORD, Visit, is_at_ease, sign_up};

/// What is left when a quarter of an hour has gone by: the browser has thrown the access token away.
async fn a_quarter_of_an_hour_later(person: &Person) {
    let kept = person.cookies().await.unwrap();
    person.forget_cookies().await.unwrap();
    for cookie in kept.iter().filter(|cookie| cookie.name == "refresh_token") {
        person.take_cookie(cookie).await.unwrap();
    }
}

async fn has_account(page: &Page) -> bool {
    page.offers("Account").await.unwrap()
}

#[tokio::test]
async fn a_session_goes_on_by_itself_in_several_tabs_at_once() {
    let visit = Visit::begin(Options::default()).await;
    let person = visit.browser.person().await.unwrap();
    let page = person.open(&visit.url("/sign-up")).await.unwrap();
    sign_up(&page, "Night Owl").await;
    a_quarter_of_an_hour_later(&person).await;

    let account = visit.url("/account");
    let tabs = tokio::join!(person.open(&account), person.open(&account), person.open(&account));
    for tab in [tabs.0.unwrap(), tabs.1.unwrap(), tabs.2.unwrap()] {
        assert!(
            has_account(&tab).await && tab.sees("Night Owl").await.unwrap()
                || tab.value("Name").await.unwrap() == "Night Owl"
        );
        is_at_ease(&tab);
    }
    // A form that was open meanwhile is sent as if nothing had happened.
    let page = person.open(&account).await.unwrap();
    a_quarter_of_an_hour_later(&person).await;
    page.fill("Name", "Early Bird").await.unwrap();
    page.press("Save").await.unwrap();
    assert!(page.sees("Your name was changed.").await.unwrap());
}

#[tokio::test]
async fn whoever_signs_in_is_back_where_they_were_and_signs_out_everywhere() {
    let visit = Visit::begin(Options::default()).await;
    let (here, there) = (visit.browser.person().await.unwrap(), visit.browser.person().await.unwrap());
    let page = here.open(&visit.url("/orders")).await.unwrap();
    page.follow("Open an account").await.unwrap();
    let email = sign_up(&page, "Night Owl").await;
    assert!(page.url().await.unwrap().ends_with("/orders"));

    let other = there.open(&visit.url("/sell")).await.unwrap();
    other.within("main").follow("Sign in").await.unwrap();
    other.fill("E-mail address", &email).await.unwrap();
    other.fill("Password", "not the password").await.unwrap();
    other.press("Sign in").await.unwrap();
    assert!(other.sees("The e-mail address or the password is wrong.").await.unwrap());
    assert_eq!(other.value("E-mail address").await.unwrap(), email);
    other.fill("Password", PASSWORD).await.unwrap();
    other.press("Sign in").await.unwrap();
    assert!(other.url().await.unwrap().ends_with("/sell"));

    page.open(&visit.url("/account")).await.unwrap();
    page.press("Sign out everywhere").await.unwrap();
    assert!(page.sees("You are signed out on every device.").await.unwrap());
    other.open(&visit.url("/account")).await.unwrap();
    other.eventually_sees("Sign in").await.unwrap();
    assert!(!has_account(&other).await);
}

//! Who comes, and how.

use browser::{Browser, Settings};

use super::{Site, visit, visit_with};

#[tokio::test]
async fn two_people_share_no_cookies() {
    let site = Site::start().await;
    let browser = Browser::start().await.unwrap();
    let (ana, ben) = (browser.person().await.unwrap(), browser.person().await.unwrap());
    let hers = ana.open(&site.url("/cookies/ana")).await.unwrap();
    let his = ben.open(&site.url("/cookies")).await.unwrap();
    assert!(hers.sees("You are who=ana.").await.unwrap());
    assert!(his.sees("You are nobody.").await.unwrap());

    let another_tab = ana.open(&site.url("/cookies")).await.unwrap();
    assert!(another_tab.sees("You are who=ana.").await.unwrap());
    assert_eq!(ana.cookie_header().await.unwrap(), "who=ana");
    assert!(ben.cookies().await.unwrap().is_empty());

    ben.take_cookie(&ana.cookies().await.unwrap()[0]).await.unwrap();
    his.reload().await.unwrap();
    assert!(his.sees("You are who=ana.").await.unwrap());
    ben.forget_cookies().await.unwrap();
    his.reload().await.unwrap();
    assert!(his.sees("You are nobody.").await.unwrap());
}

#[tokio::test]
async fn without_javascript_the_pages_scripts_do_not_run_and_ours_do() {
    let with = visit("/scripted").await;
    assert!(with.page.sees("With scripts").await.unwrap());
    let without = visit_with("/scripted", Settings::new().javascript(false)).await;
    assert!(without.page.sees("Without scripts").await.unwrap());
    without.page.press("More").await.unwrap();
    assert_eq!(without.page.evaluate("document.scripts.length + 1").await.unwrap(), 2);
    assert!(without.page.sees("Without scripts").await.unwrap());
}

#[tokio::test]
async fn a_page_learns_of_darkness_stillness_and_the_screen() {
    let visit = visit_with("/coloured", Settings::new().phone().dark().reduced_motion()).await;
    assert!(visit.page.says().await.unwrap().contains("It is dark It stands still It is narrow"));
    assert_eq!(
        visit.page.evaluate("[innerWidth, devicePixelRatio]").await.unwrap(),
        serde_json::json!([360, 2])
    );

    let person = visit.browser.person().await.unwrap();
    let page = person.open(&visit.site.url("/coloured")).await.unwrap();
    assert_eq!(page.says().await.unwrap(), "Colours It is light");
    assert_eq!(page.evaluate("innerWidth").await.unwrap(), 1280);
}

#[tokio::test]
async fn a_person_may_call_their_browser_something_else() {
    let visit = visit_with("/plain", Settings::new().user_agent("Another/1.0")).await;
    assert_eq!(visit.page.evaluate("navigator.userAgent").await.unwrap(), "Another/1.0");
}

#[tokio::test]
async fn a_screenshot_is_of_the_screen_or_of_the_whole_page() {
    let folder = tempfile::tempdir().unwrap();
    let visit = visit_with("/coloured", Settings::new().phone()).await;
    let size = async |name: &str, full_page: bool| {
        let path = folder.path().join(name);
        visit.page.screenshot(&path, full_page).await.unwrap();
        let picture = std::fs::read(path).unwrap();
        assert_eq!(&picture[1..4], b"PNG");
        let number = |at: usize| u32::from_be_bytes(picture[at..at + 4].try_into().unwrap());
        (number(16), number(20))
    };
    assert_eq!(size("screen.png", false).await, (720, 1480));
    let (width, height) = size("page.png", true).await;
    assert!(width == 720 && height > 6000, "{width} by {height}");
}

//! What a page weighs, and that nothing of it is cut off.

use browser::Settings;
use rig::Options;

use crate::{Visit, is_at_ease};

/// In bytes, over the wire, with the typeface and all else that comes along.
const LISTINGS_AT_MOST: u64 = 40 * 1024;
const SCRIPT_AT_MOST: u64 = 15 * 1024;

#[tokio::test]
async fn the_first_view_of_the_listings_is_light() {
    let visit = Visit::begin(Options::default()).await;
    let seller = visit.shop.person().await.unwrap();
    for _ in 0..20 {
        seller.lists(&rig::Listing::any()).await.unwrap();
    }
    let page = visit.somebody(&Settings::new().phone()).await;
    let weight = page.bytes_over_the_wire().await.unwrap();
    assert!(weight.total() <= LISTINGS_AT_MOST, "{weight:?}");
    assert!(weight.of("Script") <= SCRIPT_AT_MOST, "{weight:?}");
    assert_eq!(page.texts("main h2").await.unwrap().len(), 20);
    is_at_ease(&page);
}

#[tokio::test]
async fn nothing_stands_beyond_the_edge_of_the_narrowest_screen() {
    let visit = Visit::begin(Options::default()).await;
    let seller = visit.shop.person().await.unwrap();
    let mut listing = rig::Listing::any();
    listing.title = "W".repeat(200);
    let ticket = seller.lists(&listing).await.unwrap();
    let page = visit.somebody(&Settings::new().viewport(320, 640)).await;
    for path in ["/", "/sign-in", "/sign-up", "/sell", "/no-such-page", &format!("/tickets/{ticket}")] {
        page.open(&visit.url(path)).await.unwrap();
        let beyond = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(page.evaluate(beyond).await.unwrap(), 0, "{path}");
    }
}

#[tokio::test]
async fn the_keyboard_reaches_the_content_first() {
    let visit = Visit::begin(Options::default()).await;
    let page = visit.somebody(&Settings::new()).await;
    page.key("Tab").await.unwrap();
    assert_eq!(page.focused().await.unwrap(), "Skip to content");
    page.key("Enter").await.unwrap();
    page.key("Tab").await.unwrap();
    assert_eq!(page.focused().await.unwrap(), "Artist, team, venue or city");
}

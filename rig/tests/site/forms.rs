//! What people may type: shown as text, refused or kept, and never more than text.

use browser::{Page, Settings};
use rig::Options;

use crate::{Visit, id, is_at_ease};

const HOSTILE: [&str; 7] = [
    "<script>document.title='taken'</script>",
    "\"><img src=x onerror=\"document.title='taken'\">",
    "' OR 1=1; -- \\ ${7*7} {{7*7}} %00",
    "أوركسترا الميناء القديم",
    "🎻🎟️ 👩‍👩‍👧‍👦 ẞ ﷽",
    "\u{202e}desrever ylemertxe\u{202c}",
    "Ends with a backslash \\",
];

async fn is_unharmed(page: &Page) {
    assert!(!page.title().await.unwrap().contains("taken"));
    assert_eq!(
        page.evaluate("document.querySelector('main img, main script') === null").await.unwrap(),
        true
    );
    is_at_ease(page);
}

async fn fill_in(page: &Page, title: &str) {
    page.fill("Title", title).await.unwrap();
    page.fill("Venue", "Harbour Hall").await.unwrap();
    page.fill("City", "Lisbon").await.unwrap();
    page.fill("Date and time", "2031-05-01T19:30").await.unwrap();
    page.fill("Price", "40").await.unwrap();
}

#[tokio::test]
async fn a_title_is_text_whatever_stands_in_it() {
    let visit = Visit::begin(Options::default()).await;
    let seller = visit.member(&Settings::new(), "Front Row").await;
    for title in HOSTILE {
        seller.open(&visit.url("/sell")).await.unwrap();
        fill_in(&seller, title).await;
        seller.press("List it").await.unwrap();
        assert!(seller.sees("Your ticket is on offer.").await.unwrap(), "{title}");
        is_unharmed(&seller).await;
        seller.open(&visit.url("/")).await.unwrap();
        assert!(
            seller.texts("main h2").await.unwrap().iter().any(|shown| shown.trim() == title.trim()),
            "{title}"
        );
        is_unharmed(&seller).await;
    }
}

async fn admin(visit: &Visit) -> Page {
    let page = visit.somebody(&Settings::new()).await;
    page.follow("Sign in").await.unwrap();
    page.fill("E-mail address", local_shop::ADMIN_EMAIL).await.unwrap();
    page.fill("Password", local_shop::ADMIN_PASSWORD).await.unwrap();
    page.press("Sign in").await.unwrap();
    assert!(page.offers("Admin").await.unwrap());
    page
}

/// Each form, each field, and each of what nobody should be able to hurt it with: another answer than a page that is
/// whole would be a fault.
#[tokio::test]
async fn every_field_of_every_form_takes_whatever_is_typed() {
    let visit = Visit::begin(Options::default()).await;
    let member = visit.member(&Settings::new(), "Front Row").await;
    let nobody = visit.somebody(&Settings::new()).await;
    let admin = admin(&visit).await;
    let victim = visit.shop.person().await.unwrap().id;
    let ban = format!("/admin/people/{victim}/ban");
    member.open(&visit.url("/sell")).await.unwrap();
    fill_in(&member, "Slow Comet").await;
    member.press("List it").await.unwrap();
    member.follow("Slow Comet").await.unwrap();
    let change = format!("/sell/{}", id(&member).await);

    let long = "x".repeat(10_000);
    let place: &[&str] = &["Title", "Venue", "City", "Section", "Row", "Seat", "Price"];
    let forms: [(&Page, &str, &[&str], &str); 12] = [
        (&nobody, "/sign-in", &["E-mail address", "Password"], "Sign in"),
        (&nobody, "/sign-up", &["E-mail address", "Password", "Name"], "Open an account"),
        (&nobody, "/", &["Artist, team, venue or city"], "Search"),
        (&nobody, "/?sort=price", &["City", "Lowest price", "Highest price"], "Search"),
        (&member, "/account", &["Name"], "Save the name"),
        (&member, "/account", &["Current password", "New password"], "Change the password"),
        (&member, "/sell", place, "List it"),
        (&member, &change, place, "Save"),
        (&member, "/door", &["Code of the ticket"], "Admit"),
        (&admin, "/admin/people", &["Name or e-mail address"], "Search"),
        (&admin, "/admin/audit", &["Person, by id"], "Show"),
        (&admin, &ban, &["Reason"], "Ban this person"),
    ];
    for (page, path, fields, button) in forms {
        for text in HOSTILE.into_iter().chain([long.as_str()]) {
            page.open(&visit.url(path)).await.unwrap();
            // Browsers hold people to what the elements say; others do not.
            let lift = "document.querySelectorAll('[maxlength]').forEach((field) => field.removeAttribute('maxlength'))";
            page.evaluate(lift).await.unwrap();
            page.evaluate(
                "document.querySelectorAll('[type=email]').forEach((field) => field.type = 'text')",
            )
            .await
            .unwrap();
            for field in fields {
                page.fill(field, text).await.unwrap();
            }
            page.within("main").press(button).await.unwrap();
            let says = page.says().await.unwrap();
            let start: String = text.chars().take(20).collect();
            assert!(!says.contains("Something went wrong here"), "{path}: {start}");
            assert!(says.contains("Stagedoor"), "{path}: {start}");
            is_unharmed(page).await;
        }
    }
}

#[tokio::test]
async fn a_refused_form_keeps_what_was_typed_and_says_what_is_wrong_beside_it() {
    let visit = Visit::begin(Options::default()).await;
    let seller = visit.member(&Settings::new().javascript(false), "Front Row").await;
    seller.open(&visit.url("/sell")).await.unwrap();
    fill_in(&seller, "Velvet Static").await;
    seller.fill("Price", "a lot").await.unwrap();
    seller.press("List it").await.unwrap();
    assert!(seller.sees("Please look at this again").await.unwrap());
    assert!(seller.sees("This is no amount.").await.unwrap());
    for (field, typed) in [("Title", "Velvet Static"), ("Venue", "Harbour Hall"), ("Price", "a lot")] {
        assert_eq!(seller.value(field).await.unwrap(), typed);
    }
    seller.fill("Price", "62").await.unwrap();
    seller.press("List it").await.unwrap();
    assert!(seller.sees("Your ticket is on offer.").await.unwrap());
}

#[tokio::test]
async fn a_form_that_is_sent_twice_is_one() {
    let visit = Visit::begin(Options::default()).await;
    let seller = visit.member(&Settings::new(), "Front Row").await;
    seller.open(&visit.url("/sell")).await.unwrap();
    fill_in(&seller, "Moths, a Musical").await;
    // As from a second tab with the same form.
    let again = "(async () => { const form = document.querySelector('main form'); \
        const send = () => fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)) }); \
        const answers = await Promise.all([send(), send(), send()]); return answers.map((answer) => answer.status).join(); })()";
    assert_eq!(seller.evaluate(again).await.unwrap(), "200,200,200");
    seller.open(&visit.url("/?q=Moths")).await.unwrap();
    assert_eq!(seller.texts("main h2").await.unwrap().len(), 1);
}

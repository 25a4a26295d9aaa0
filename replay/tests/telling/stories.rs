//! `story`: every event of a matter with its cause, in each of the forms.

use contracts::orders::{CancellationReason, OrderCancelled, OrderEvent};
use contracts::tickets::{TicketCreated, TicketEvent};
use contracts::users::{UserBanned, UserEvent};
use contracts::{TicketId, UserId};
use replay::Failure;
use replay::story::{Arguments, Because, Telling, of, tell};
use serde_json::Value;
use uuid::Uuid;

use crate::kept::{Paper, assert_kept, typed};
use crate::shop::{BUYER, ORDER, OTHER_ORDER, SELLER, Shop, TICKET, Why, details, request};

async fn told(shop: &Shop, words: &str, width: usize) -> String {
    let paper = Paper::default();
    let arguments: Arguments = typed(words);
    tell(&shop.stream, &arguments, &mut paper.terminal(width)).await.unwrap();
    paper.text()
}

async fn telling(shop: &Shop, id: Uuid) -> Telling {
    let story = of(&shop.stream, id, &Paper::default().terminal(120)).await.unwrap();
    Telling::of(id, story)
}

/// Each event, and why it was said.
fn causes(telling: &Telling) -> Vec<(&str, String)> {
    let name = |row: &usize| telling.rows[*row].entry.event_type.clone();
    let why = |because: &Because| match because {
        Because::Event(row) => name(row),
        Because::Person(role) => format!("the {role}"),
        Because::Due(row) => format!("due since {}", name(row)),
        Because::Elsewhere => "elsewhere".to_owned(),
    };
    telling.rows.iter().map(|row| (row.entry.event_type.as_str(), why(&row.because))).collect()
}

async fn raced() -> Shop {
    let shop = Shop::open();
    shop.lists().await;
    let placed = shop.reserves(ORDER, 4).await;
    shop.expires(ORDER, placed, true).await;
    shop
}

#[tokio::test]
async fn a_purchase_is_drawn_in_lanes() {
    let shop = Shop::trades().await;
    for width in [80, 120, 160] {
        let text = told(&shop, &ORDER.to_string(), width).await;
        assert_kept(&format!("purchase-{width}.txt"), &text);
        let longest = text.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(longest <= width, "{longest}");
    }
}

#[tokio::test]
async fn an_order_that_was_paid_for_too_late_is_drawn_in_lanes() {
    let shop = raced().await;
    assert_kept("race-120.txt", &told(&shop, &ORDER.to_string(), 120).await);
}

#[tokio::test]
async fn a_ticket_is_told_with_its_seller_and_all_its_orders() {
    let shop = raced().await;
    shop.reserves(OTHER_ORDER, 6).await;
    assert_kept("ticket-120.txt", &told(&shop, &TICKET.to_string(), 120).await);
}

#[tokio::test]
async fn a_purchase_is_a_sequence_diagram() {
    let shop = Shop::trades().await;
    assert_kept("purchase.mmd", &told(&shop, &format!("{ORDER} --format mermaid"), 120).await);
}

#[tokio::test]
async fn a_purchase_is_a_page_of_its_own() {
    let shop = Shop::trades().await;
    let page = told(&shop, &format!("{ORDER} --format html"), 120).await;
    assert_kept("purchase.html", &page);
    for asks in ["http://", "https://", "src=", "<link", "@import", "url(", "<script"] {
        assert!(!page.contains(asks), "{asks}");
    }
}

#[tokio::test]
async fn as_json_it_is_what_admins_are_served() {
    let shop = Shop::trades().await;
    let story: Value =
        serde_json::from_str(&told(&shop, &format!("{ORDER} --format json"), 120).await).unwrap();
    assert_eq!((&story["kind"], &story["is_whole"]), (&"order".into(), &true.into()));
    let events = story["events"].as_array().unwrap();
    assert_eq!(
        (events.len(), &events[1]["cause"], &events[1]["service"]),
        (12, &0.into(), &"tickets".into())
    );
}

#[tokio::test]
async fn every_event_says_why_it_was_said() {
    let shop = Shop::trades().await;
    let story = telling(&shop, ORDER).await;
    let expected = [
        ("OrderCreated", "the buyer"),
        ("TicketReserved", "OrderCreated"),
        ("OrderAwaitingPayment", "TicketReserved"),
        ("PaymentOpened", "OrderAwaitingPayment"),
        ("AuthorizationRequested", "the buyer"),
        ("PaymentIntentCreated", "due since AuthorizationRequested"),
        ("PaymentAuthorized", "due since PaymentIntentCreated"),
        ("OrderAccepted", "PaymentAuthorized"),
        ("CaptureRequested", "OrderAccepted"),
        ("ChargeCreated", "due since CaptureRequested"),
        ("OrderCompleted", "ChargeCreated"),
        ("TicketSold", "OrderCompleted"),
    ];
    assert_eq!(causes(&story), expected.map(|(event, why)| (event, why.to_owned())));
    let lanes: Vec<&str> = story.lanes.iter().map(|lane| lane.name.as_str()).collect();
    assert_eq!(lanes, ["buyer", "tickets", "orders", "payments"]);
}

#[tokio::test]
async fn a_ban_that_ended_an_order_is_told_as_its_cause() {
    let shop = Shop::open();
    shop.lists().await;
    shop.reserves(ORDER, 4).await;
    let admin = UserId(Uuid::from_u128(0xad));
    let banned = UserBanned { banned_at: shop.now() };
    let banned = shop.says::<UserEvent>(500, Why::Asked(admin, 9), BUYER.0, banned).await;
    let cancelled = OrderCancelled { ticket_id: TicketId(TICKET), reason: CancellationReason::Banned };
    shop.says::<OrderEvent>(10, Why::Heard(banned), ORDER, cancelled).await;
    let story = telling(&shop, ORDER).await;
    let causes = causes(&story);
    assert_eq!(causes.last().unwrap(), &("OrderCancelled", "UserBanned".to_owned()));
    assert!(causes.contains(&("UserBanned", "the user".to_owned())), "{causes:?}");
}

#[tokio::test]
async fn a_person_is_told_with_what_they_ordered_and_listed() {
    let shop = Shop::trades().await;
    let buyer = told(&shop, &BUYER.to_string(), 120).await;
    assert!(buyer.contains("UserCreated") && buyer.contains(&format!("ordered    {ORDER}")), "{buyer}");
    let seller = told(&shop, &SELLER.to_string(), 120).await;
    assert!(seller.contains(&format!("listed     {TICKET}")) && !seller.contains("ordered"), "{seller}");
}

#[tokio::test]
async fn a_request_is_told_by_its_own_id() {
    let shop = Shop::trades().await;
    let text = told(&shop, &request(5).to_string(), 120).await;
    assert!(text.starts_with(&format!("Request {}\n8 events of 3 services", request(5))), "{text}");
}

#[tokio::test]
async fn an_event_stands_for_what_it_is_of() {
    let shop = Shop::trades().await;
    assert_eq!(told(&shop, "#12", 120).await, told(&shop, &ORDER.to_string(), 120).await);
    assert_eq!(told(&shop, "#15", 120).await, told(&shop, &TICKET.to_string(), 120).await);
}

#[tokio::test]
async fn what_somebody_wrote_is_text_and_nothing_else() {
    let shop = Shop::open();
    let title = "<script>alert(1)</script>; end %%{x}%% #9829; \u{1b}[31m \"style: x\"\nNote over L0: no";
    let details = contracts::tickets::TicketDetails { title: title.to_owned(), ..details() };
    let created = TicketCreated { seller_id: SELLER, details };
    shop.says::<TicketEvent>(0, Why::Asked(SELLER, 1), TICKET, created).await;
    let page = told(&shop, &format!("{TICKET} --format html"), 120).await;
    assert!(!page.contains("<script") && page.contains("&#60;script"), "{page}");
    let diagram = told(&shop, &format!("{TICKET} --format mermaid"), 120).await;
    assert!(
        !diagram.contains("<script") && !diagram.contains("; end") && !diagram.contains("%%"),
        "{diagram}"
    );
    assert_eq!(diagram.lines().filter(|line| line.contains("Note over")).count(), 1);
    for words in [TICKET.to_string(), format!("{TICKET} --format mermaid")] {
        let text = told(&shop, &words, 160).await;
        assert!(!text.contains('\u{1b}'), "{text:?}");
    }
}

#[tokio::test]
async fn who_did_nothing_has_no_story() {
    let shop = Shop::trades().await;
    for (words, sentence) in [
        (
            Uuid::from_u128(7).to_string(),
            format!("nothing on the stream happened under the id {}", Uuid::from_u128(7)),
        ),
        ("#99".to_owned(), "the stream has no event #99".to_owned()),
    ] {
        let arguments: Arguments = typed(&words);
        let failure = tell(&shop.stream, &arguments, &mut Paper::default().terminal(80)).await.unwrap_err();
        assert!(matches!(failure, Failure::NotThere(_)));
        assert_eq!(failure.to_string(), sentence);
    }
}

#[tokio::test]
async fn a_story_is_written_to_a_file() {
    let shop = Shop::trades().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("story.txt");
    assert_eq!(told(&shop, &format!("{ORDER} --output {}", file.display()), 120).await, "");
    let written = std::fs::read_to_string(&file).unwrap();
    assert_eq!(written, told(&shop, &ORDER.to_string(), 120).await);
    let nowhere: Arguments = typed(&format!("{ORDER} --output {}/no/such/folder", folder.path().display()));
    let failure = tell(&shop.stream, &nowhere, &mut Paper::default().terminal(80)).await.unwrap_err();
    assert!(matches!(failure, Failure::File(_)), "{failure:?}");
}

//! What a buyer's ban does to their orders: at once, once more, and not when it is over.

use std::time::Duration;

use contracts::OrderId;
use messaging::{Fault, Heard};
use orders::config::Settings;
use serde_json::json;

use crate::shop::{Person, Shop, authorized, banned, buyer, reserved, ticket, unbanned};

const ONCE_MORE_AFTER: Duration = Duration::from_secs(90);

/// The first look; the message comes again for the second.
async fn first_look(shop: &Shop, ban: &Heard) {
    let Err(Fault::NotYet(pause)) = shop.listener.hear(ban).await else { panic!("it looks once more") };
    assert!(pause <= ONCE_MORE_AFTER, "{pause:?}");
    assert!(pause > ONCE_MORE_AFTER - Duration::from_secs(30), "{pause:?}");
}

async fn second_look(shop: &Shop, ban: &Heard) {
    shop.clock.advance(ONCE_MORE_AFTER);
    shop.listener.hear(ban).await.unwrap();
}

async fn reason(shop: &Shop, person: Person, order: OrderId) -> serde_json::Value {
    shop.show(person, order).await["reason"].clone()
}

#[tokio::test]
async fn a_banned_buyers_orders_end_unless_their_payment_was_accepted() {
    let shop = Shop::open();
    let pending = shop.placed(buyer(1), ticket(1)).await;
    let awaiting = shop.placed(buyer(1), ticket(2)).await;
    shop.ticket_reserved(awaiting, ticket(2)).await;
    let accepted = shop.placed(buyer(1), ticket(3)).await;
    shop.ticket_reserved(accepted, ticket(3)).await;
    shop.payment_authorized(accepted).await;
    let complete = shop.bought(buyer(1), ticket(4)).await;
    let of_another = shop.placed(buyer(2), ticket(5)).await;

    first_look(&shop, &banned(buyer(1), 2, shop.runtime.now())).await;
    assert_eq!(reason(&shop, buyer(1), pending).await, "banned");
    assert_eq!(reason(&shop, buyer(1), awaiting).await, "banned");
    assert_eq!(shop.show(buyer(1), accepted).await["status"], "accepted");
    assert_eq!(shop.show(buyer(1), complete).await["status"], "complete");
    assert_eq!(shop.show(buyer(2), of_another).await["status"], "pending");
    assert_eq!(shop.said(pending).await, ["OrderCreated", "OrderCancelled"]);

    shop.charge_created(accepted).await;
    assert_eq!(shop.show(buyer(1), accepted).await["status"], "complete");
}

#[tokio::test]
async fn what_comes_late_to_a_banned_buyers_order_is_let_go() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    first_look(&shop, &banned(buyer(1), 2, shop.runtime.now())).await;
    shop.hear(ticket(1), reserved(order)).await.unwrap();
    shop.hear(order, authorized()).await.unwrap();
    assert_eq!(
        shop.said(order).await,
        ["OrderCreated", "OrderCancelled", "OrderCancelled", "OrderCancelled"]
    );
    assert_eq!(reason(&shop, buyer(1), order).await, "banned");
}

#[tokio::test]
async fn the_second_look_ends_what_was_placed_in_the_minute_after_the_ban_and_nothing_later() {
    let shop = Shop::open();
    let ban = banned(buyer(1), 2, shop.runtime.now());
    first_look(&shop, &ban).await;
    let in_the_minute = shop.placed(buyer(1), ticket(1)).await;
    shop.clock.advance(Duration::from_secs(61));
    let after_it = shop.placed(buyer(1), ticket(2)).await;
    second_look(&shop, &ban).await;
    assert_eq!(reason(&shop, buyer(1), in_the_minute).await, "banned");
    assert_eq!(shop.show(buyer(1), after_it).await["status"], "pending");
}

#[tokio::test]
async fn a_ban_that_is_heard_late_has_the_same_outcome() {
    let shop = Shop::open();
    let banned_at = shop.runtime.now();
    let before_it = shop.placed(buyer(1), ticket(1)).await;
    shop.clock.advance(Duration::from_secs(40));
    let in_the_minute = shop.placed(buyer(1), ticket(2)).await;
    shop.clock.advance(Duration::from_secs(300));
    let after_it = shop.placed(buyer(1), ticket(3)).await;

    let ban = banned(buyer(1), 2, banned_at);
    first_look(&shop, &ban).await;
    assert_eq!(reason(&shop, buyer(1), before_it).await, "banned");
    second_look(&shop, &ban).await;
    assert_eq!(reason(&shop, buyer(1), in_the_minute).await, "banned");
    assert_eq!(shop.show(buyer(1), after_it).await["status"], "pending");
}

#[tokio::test]
async fn who_was_let_in_again_keeps_what_they_began_since() {
    let shop = Shop::open();
    let ban = banned(buyer(1), 2, shop.runtime.now());
    first_look(&shop, &ban).await;
    shop.listener.hear(&unbanned(buyer(1), 3)).await.unwrap();
    let order = shop.placed(buyer(1), ticket(1)).await;
    second_look(&shop, &ban).await;
    shop.listener.hear(&ban).await.unwrap();
    assert_eq!(shop.show(buyer(1), order).await["status"], "pending");
}

#[tokio::test]
async fn who_was_let_in_before_the_ban_was_heard_keeps_it_too() {
    let shop = Shop::open();
    let banned_at = shop.runtime.now();
    shop.clock.advance(Duration::from_secs(20));
    let order = shop.placed(buyer(1), ticket(1)).await;
    shop.clock.advance(Duration::from_secs(200));
    let ban = banned(buyer(1), 2, banned_at);
    first_look(&shop, &ban).await;
    shop.listener.hear(&unbanned(buyer(1), 3)).await.unwrap();
    second_look(&shop, &ban).await;
    assert_eq!(shop.show(buyer(1), order).await["status"], "pending");
}

#[tokio::test]
async fn a_ban_that_is_heard_after_its_end_ends_nothing() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    shop.listener.hear(&unbanned(buyer(1), 3)).await.unwrap();
    let ban = banned(buyer(1), 2, shop.runtime.now());
    shop.listener.hear(&ban).await.unwrap();
    assert_eq!(shop.show(buyer(1), order).await["status"], "pending");

    let again = banned(buyer(1), 4, shop.runtime.now());
    first_look(&shop, &again).await;
    assert_eq!(reason(&shop, buyer(1), order).await, "banned");
    shop.listener.hear(&unbanned(buyer(1), 3)).await.unwrap();
    let late = shop.placed(buyer(1), ticket(2)).await;
    second_look(&shop, &again).await;
    assert_eq!(reason(&shop, buyer(1), late).await, "banned");
}

#[tokio::test]
async fn a_ban_that_is_delivered_often_has_one_effect() {
    let shop = Shop::open();
    let order = shop.placed(buyer(1), ticket(1)).await;
    let ban = banned(buyer(1), 2, shop.runtime.now());
    for _ in 0..3 {
        first_look(&shop, &ban).await;
    }
    second_look(&shop, &ban).await;
    shop.listener.hear(&ban).await.unwrap();
    assert_eq!(shop.said(order).await, ["OrderCreated", "OrderCancelled"]);
}

#[tokio::test]
async fn however_many_orders_a_buyer_has_all_end() {
    let shop = Shop::with(Settings { max_open_orders: 101, ..Settings::default() });
    for number in 0..101 {
        shop.placed(buyer(1), ticket(number)).await;
    }
    first_look(&shop, &banned(buyer(1), 2, shop.runtime.now())).await;
    let open = shop.get(buyer(1), "/api/orders?status=pending").await.json();
    assert_eq!(open["items"], json!([]));
}

#[tokio::test]
async fn while_no_command_is_taken_a_ban_is_not_given_up() {
    let shop = Shop::open();
    shop.gate.shut();
    let ban = banned(buyer(1), 2, shop.runtime.now());
    assert!(matches!(shop.listener.hear(&ban).await, Err(Fault::Unavailable(_))));
}

#[tokio::test]
async fn the_bus_itself_brings_the_ban_and_brings_it_once_more() {
    let shop = Shop::open();
    let at_once = shop.placed(buyer(1), ticket(1)).await;
    shop.listen();
    shop.auth_says(&banned(buyer(1), 2, shop.runtime.now())).await;
    shop.becomes(buyer(1), at_once, "cancelled").await;

    let meanwhile = shop.placed(buyer(1), ticket(2)).await;
    shop.clock.advance(ONCE_MORE_AFTER);
    // The bus in memory looks at the clock when something comes.
    shop.auth_says(&banned(buyer(2), 2, shop.runtime.now())).await;
    shop.becomes(buyer(1), meanwhile, "cancelled").await;
}

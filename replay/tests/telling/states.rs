//! `state` and `step`: an aggregate as it was at any moment, and what each event changed.

use replay::Failure;
use replay::terminal::Terminal;
use replay::{state, step};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::kept::{Paper, assert_kept, typed};
use crate::shop::{BUYER, ORDER, Shop, TICKET, Why};

async fn states(shop: &Shop, words: &str) -> Vec<Value> {
    let paper = Paper::default();
    let arguments: state::Arguments = typed(&format!("{words} --json"));
    state::show(&shop.stream, &arguments, &mut paper.terminal(120)).await.unwrap();
    paper.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn status(shop: &Shop, words: &str) -> (u64, String) {
    let [found] = &states(shop, words).await[..] else { panic!("several") };
    (found["version"].as_u64().unwrap(), found["state"]["status"].as_str().unwrap().to_owned())
}

async fn refused(shop: &Shop, words: &str) -> Failure {
    let mut terminal = Paper::default().terminal(120);
    let failed = state::show(&shop.stream, &typed(words), &mut terminal).await.unwrap_err();
    let stepped = steps_with(shop, words.replace("--at", "--from").as_str(), "", &mut terminal).await;
    assert_eq!(stepped.unwrap_err().to_string(), failed.to_string());
    failed
}

async fn steps_with(shop: &Shop, words: &str, keys: &str, terminal: &mut Terminal) -> Result<(), Failure> {
    step::go(&shop.stream, &typed(words), &mut keys.as_bytes(), terminal).await
}

async fn steps(shop: &Shop, words: &str, keys: &str) -> String {
    let paper = Paper::default();
    steps_with(shop, words, keys, &mut paper.terminal(120)).await.unwrap();
    paper.text()
}

#[tokio::test]
async fn a_state_is_shown_with_the_event_that_it_is_since() {
    let shop = Shop::trades().await;
    let paper = Paper::default();
    let arguments: state::Arguments = typed(&format!("order {ORDER} --at v2"));
    state::show(&shop.stream, &arguments, &mut paper.terminal(120)).await.unwrap();
    assert_kept("state.txt", &paper.text());
}

#[tokio::test]
async fn a_state_is_as_it_was_at_any_moment() {
    let shop = Shop::trades().await;
    let order = format!("order {ORDER}");
    assert_eq!(status(&shop, &order).await, (4, "complete".to_owned()));
    assert_eq!(status(&shop, &format!("{order} --at v1")).await, (1, "pending".to_owned()));
    assert_eq!(status(&shop, &format!("{order} --at #10")).await, (2, "awaiting_payment".to_owned()));
    assert_eq!(status(&shop, &format!("{order} --at #11")).await, (3, "accepted".to_owned()));
    let then = "2026-01-15T19:31:05Z";
    assert_eq!(status(&shop, &format!("{order} --at {then}")).await, (2, "awaiting_payment".to_owned()));
    assert_eq!(status(&shop, &format!("{order} --at 1s")).await, (4, "complete".to_owned()));
    assert_eq!(status(&shop, &format!("{TICKET} --at #5")).await, (2, "reserved".to_owned()));
}

#[tokio::test]
async fn all_that_goes_by_an_id_is_shown() {
    let shop = Shop::trades().await;
    let found = states(&shop, &ORDER.to_string()).await;
    let kinds: Vec<&Value> = found.iter().map(|state| &state["aggregate"]).collect();
    assert_eq!(kinds, [&json!("order"), &json!("payment")]);
    assert_eq!(status(&shop, "#12").await, (6, "captured".to_owned()));
}

#[tokio::test]
async fn what_is_not_there_is_said_in_a_sentence() {
    let shop = Shop::trades().await;
    let nobody = Uuid::from_u128(1);
    for (words, sentence) in [
        (nobody.to_string(), format!("nothing on the stream goes by the id {nobody}")),
        (format!("order {nobody}"), format!("no order on the stream goes by the id {nobody}")),
        (format!("order {ORDER} --at v99"), format!("order {ORDER} is at v4: there is no v99")),
        (format!("order {ORDER} --at #99"), "the stream ends at #15: there is no #99".to_owned()),
    ] {
        let failure = refused(&shop, &words).await;
        assert!(matches!(failure, Failure::NotThere(_)), "{failure:?}");
        assert_eq!(failure.to_string(), sentence);
    }
    for (words, sentence) in [
        ("order".to_owned(), "which order has to be said: give its id"),
        ("order one".to_owned(), "\"one\" is no id: write a UUID"),
        ("something".to_owned(), "is neither an id nor a place on the stream"),
        (format!("order {ORDER} --at 2999-01-01T00:00:00Z"), "has not come yet"),
        (format!("{ORDER} --at v1"), "several go by this id, say whose version is meant: order, payment"),
    ] {
        let failure = refused(&shop, &words).await;
        assert!(matches!(failure, Failure::BadInput(_)), "{failure:?}");
        assert!(failure.to_string().contains(sentence), "{failure}");
    }
}

#[tokio::test]
async fn before_it_began_nothing_had_happened_to_it() {
    let shop = Shop::trades().await;
    let arguments: state::Arguments = typed(&format!("order {ORDER} --at #2"));
    let failure =
        state::show(&shop.stream, &arguments, &mut Paper::default().terminal(80)).await.unwrap_err();
    assert_eq!(failure.to_string(), format!("nothing had happened to order {ORDER} then"));
}

#[tokio::test]
async fn a_timer_has_events_and_no_state() {
    let shop = Shop::open();
    shop.lists().await;
    let placed = shop.reserves(ORDER, 4).await;
    shop.expires(ORDER, placed, false).await;
    let arguments: state::Arguments = typed(&format!("timer {ORDER}"));
    let failure =
        state::show(&shop.stream, &arguments, &mut Paper::default().terminal(80)).await.unwrap_err();
    assert!(failure.to_string().contains("has no state"), "{failure}");
    let text = steps(&shop, &format!("timer {ORDER}"), "").await;
    assert!(text.contains("v1 OrderExpired") && text.contains("of which no state is kept"), "{text}");
}

#[tokio::test]
async fn each_step_shows_what_the_event_changed() {
    let shop = Shop::trades().await;
    assert_kept("step-order.txt", &steps(&shop, &format!("order {ORDER}"), "").await);
    assert_kept("step-ticket.txt", &steps(&shop, &TICKET.to_string(), "").await);
}

#[tokio::test]
async fn steps_begin_where_they_are_to() {
    let shop = Shop::trades().await;
    let text = steps(&shop, &format!("order {ORDER} --from v3"), "").await;
    assert!(text.contains("v3 OrderAccepted") && text.contains("v4 OrderCompleted"), "{text}");
    assert!(!text.contains("v2 ") && text.contains("\"awaiting_payment\" → \"accepted\""), "{text}");
    let by_place = steps(&shop, &format!("order {ORDER} --from #11"), "").await;
    assert_eq!(by_place, text);
}

#[tokio::test]
async fn one_goes_step_by_step_and_back() {
    let shop = Shop::trades().await;
    let order = format!("order {ORDER} --interactive");
    let seen = |text: String| -> Vec<String> {
        let heads = text.lines().filter(|line| line.contains("request …"));
        heads.map(|line| line.trim_start_matches(|c: char| c != 'v').chars().take(2).collect()).collect()
    };
    assert_eq!(seen(steps(&shop, &order, "\n\nb\n\n\n\n").await), ["v1", "v2", "v3", "v2", "v3", "v4"]);
    assert_eq!(seen(steps(&shop, &order, "\nq\n").await), ["v1", "v2"]);
    assert_eq!(seen(steps(&shop, &order, "").await), ["v1"]);
    assert_eq!(seen(steps(&shop, &order, "b\nq").await), ["v1", "v1"]);
}

#[tokio::test]
async fn what_this_build_cannot_read_is_said_at_the_event() {
    let shop = Shop::trades().await;
    let said = json!({ "ticket_id": TICKET, "new": true });
    shop.writes(5, Why::Asked(BUYER, 9), ("order", ORDER, "OrderDoubled"), said).await;
    let paper = Paper::default();
    let failed = steps_with(&shop, &format!("order {ORDER}"), "", &mut paper.terminal(120)).await;
    assert!(matches!(failed, Err(Failure::Found(_))), "{failed:?}");
    assert!(
        paper.text().contains("! this build cannot read it: malformed event: unknown variant"),
        "{}",
        paper.text()
    );

    let paper = Paper::default();
    let arguments: state::Arguments = typed(&format!("order {ORDER}"));
    let failed = state::show(&shop.stream, &arguments, &mut paper.terminal(120)).await;
    assert!(matches!(failed, Err(Failure::Found(_))), "{failed:?}");
    assert!(paper.text().contains("#16 cannot be read by this build"), "{}", paper.text());
    assert!(paper.text().contains("\"status\": \"complete\""), "{}", paper.text());
}

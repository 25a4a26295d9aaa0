//! The audit trail: what matters to security is there, once, with where it came from and without secrets.

use std::time::Duration;

use auth::audit::Witness;
use axum::http::StatusCode;
use messaging::{Heard, Message};
use runtime::{Runtime, TokioTasks};
use serde_json::{Value, json};

use crate::harness::{DAY, House, PASSWORD, Person, request};

async fn trail(house: &House, admin: &Person, query: &str) -> Vec<Value> {
    let answer = house.get(admin, &format!("/api/users/audit?{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.body["items"].as_array().unwrap().clone()
}

fn types(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["type"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn whatever_somebody_does_is_there_the_newest_first() {
    let house = House::open();
    house.stop_clock();
    let admin = house.admin().await;
    let pass = || house.put_clock_forward(Duration::from_secs(11));
    pass();
    let eve = house.sign_up("eve@example.com").await;
    pass();
    house.sign_in("eve@example.com", "wrong-horse-battery").await;
    pass();
    let body = json!({ "current": PASSWORD, "new": "another-horse-battery" });
    house.ask(&eve, "POST", "/api/users/me/password", Some(body)).await;
    pass();
    house.refresh(&eve.refresh_token).await;
    pass();
    house.refresh(&eve.refresh_token).await;
    pass();
    house.ban(&admin, &eve, "Eve of Ada's street").await;
    pass();
    house.sign_in("eve@example.com", "another-horse-battery").await;
    pass();
    house.unban(&admin, &eve).await;

    let entries = trail(&house, &admin, &format!("user={}", eve.id())).await;
    let mut expected = [
        "signed_up",
        "signed_in",
        "sign_in_failed",
        "password_changed",
        "refresh_token_reused",
        "session_ended",
        "banned",
        "sign_in_failed",
        "unbanned",
    ];
    expected.reverse();
    let mut found = types(&entries);
    // What came of one request came at once, in no order.
    found[3..5].sort_unstable_by(|one, other| other.cmp(one));
    found[7..].sort_unstable();
    assert_eq!(found, expected);
    let text = json!(entries).to_string();
    for secret in ["battery", "street", "example.com", &eve.refresh_token, "argon2"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let by: Vec<_> = entries.iter().map(|entry| &entry["by"]).collect();
    assert_eq!((by[0], by[2]), (&json!(admin.id()), &json!(admin.id())));
    assert_eq!(by[5], &json!(eve.id()));
}

#[tokio::test]
async fn an_entry_says_where_the_request_came_from() {
    let house = House::open();
    let admin = house.admin().await;
    let request_id = "0197a000-0000-7000-8000-000000000001";
    let headers =
        [("user-agent", "Firefox"), ("x-forwarded-for", "203.0.113.7"), ("x-request-id", request_id)];
    for password in [PASSWORD, "wrong-horse-battery"] {
        let body = json!({ "email": "admin@example.com", "password": password });
        house.send(request("POST", "/api/users/signin", &headers, Some(body))).await;
    }
    for r#type in ["signed_in", "sign_in_failed"] {
        let entries = trail(&house, &admin, &format!("type={type}&limit=1")).await;
        let entry = entries[0].as_object().unwrap();
        let mut fields: Vec<_> = entry.keys().map(String::as_str).collect();
        fields.sort_unstable();
        assert_eq!(
            fields,
            ["at", "by", "id", "ip", "request_id", "session_id", "type", "user_agent", "user_id"]
        );
        assert_eq!((&entry["ip"], &entry["user_agent"]), (&json!("203.0.113.7"), &json!("Firefox")));
        assert_eq!((&entry["request_id"], &entry["user_id"]), (&json!(request_id), &json!(admin.id())));
        assert_eq!(entry["session_id"].is_null(), r#type == "sign_in_failed");
    }
}

#[tokio::test]
async fn an_address_that_nobody_has_is_not_written_down() {
    let house = House::open();
    let admin = house.admin().await;
    for email in ["nobody@example.com", "not an address"] {
        house.sign_in(email, "wrong-horse-battery").await;
    }
    let entries = trail(&house, &admin, "type=sign_in_failed").await;
    assert_eq!(entries.len(), 2);
    assert!(entries.iter().all(|entry| entry["user_id"].is_null()), "{entries:?}");
    assert!(!json!(entries).to_string().contains("nobody"));
}

#[tokio::test]
async fn entries_are_asked_for_by_time_and_type_and_in_parts() {
    let house = House::open();
    house.stop_clock();
    let admin = house.admin().await;
    for _ in 0..3 {
        house.put_clock_forward(Duration::from_secs(1));
        house.sign_in("nobody@example.com", "wrong-horse-battery").await;
    }
    let all = trail(&house, &admin, "type=sign_in_failed").await;
    assert_eq!(all.len(), 3);
    assert_eq!(trail(&house, &admin, "user=&type=sign_in_failed&from=").await, all);
    let from = all[1]["at"].as_str().unwrap();
    assert_eq!(trail(&house, &admin, &format!("from={from}")).await, all[..2]);
    let (mut path, mut seen) = ("/api/users/audit?type=sign_in_failed&limit=1".to_owned(), Vec::new());
    loop {
        let answer = house.get(&admin, &path).await;
        seen.extend(answer.body["items"].as_array().unwrap().clone());
        let Some(cursor) = answer.body["next_cursor"].as_str() else { break };
        path = format!("/api/users/audit?type=sign_in_failed&limit=1&cursor={cursor}");
    }
    assert_eq!(seen, all);
    for (query, pointer) in [
        ("user=nobody", "/user"),
        ("type=nothing", "/type"),
        ("from=yesterday", "/from"),
        ("limit=0", "/limit"),
        ("cursor=nonsense", "/cursor"),
    ] {
        let answer = house.get(&admin, &format!("/api/users/audit?{query}")).await;
        assert_eq!(answer.problem(), (422, "validation"), "{query}");
        assert_eq!(answer.pointers(), [pointer], "{query}");
    }
    for coming in ["role_changed", "refunded"] {
        assert!(trail(&house, &admin, &format!("type={coming}")).await.is_empty());
    }
}

#[tokio::test]
async fn entries_are_forgotten_after_four_hundred_days() {
    let house = House::open();
    house.stop_clock();
    house.sign_in("nobody@example.com", "wrong-horse-battery").await;
    house.put_clock_forward(400 * DAY + Duration::from_secs(1));
    let admin = house.admin().await;
    assert!(trail(&house, &admin, "type=sign_in_failed").await.is_empty());
    assert_eq!(types(&trail(&house, &admin, "from=2020-01-01T00:00:00Z").await), ["signed_in"]);
}

/// Whoever did it crashed before they could tell; the events tell, and where they told already nothing changes.
#[tokio::test]
async fn what_a_crash_kept_from_being_told_is_told_by_the_events() {
    let (house, after_a_crash) = (House::open(), House::open());
    let admin = house.admin().await;
    let eve = house.sign_up("eve@example.com").await;
    house.ban(&admin, &eve, "enough").await;
    let told = trail(&house, &admin, "limit=100").await;

    for witnessing in [&house, &after_a_crash] {
        let witness = Witness::new(witnessing.trail.clone(), Runtime::real(TokioTasks::default()));
        for recorded in house.recorded().await {
            let is_of_user = recorded.event.event_type.starts_with("User");
            let category = if is_of_user { "user" } else { "session" }.to_owned();
            let id = if is_of_user { eve.id() } else { house.claims(&eve).sid.0 };
            let heard = Heard::decode(&Message { category, id, recorded }).unwrap();
            witness.hear(&heard).await.unwrap();
        }
    }
    let again = trail(&house, &admin, "limit=100").await;
    for entry in &told {
        assert!(again.contains(entry), "{entry}");
    }
    let all = auth::audit::Search {
        user: None,
        r#type: None,
        from: contracts::Timestamp::default(),
        after: None,
        limit: 100,
    };
    let mut bare: Vec<_> =
        after_a_crash.trail.find(&all).await.unwrap().into_iter().map(|entry| entry.id.to_string()).collect();
    let mut ids: Vec<_> = again.iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect();
    bare.sort_unstable();
    ids.sort_unstable();
    assert_eq!(bare, ids);
}

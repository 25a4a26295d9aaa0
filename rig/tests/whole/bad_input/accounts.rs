//! What people get wrong about accounts.

use rig::Ask;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Row, World, invalid, row, with, without};

pub(super) fn rows(world: &World) -> Vec<Row> {
    let good = json!({ "email": "ada@example.com", "password": "correct-horse", "name": "Ada" });
    let sign_up = |body: Value| Ask::post("/api/users/signup", body);
    let sign_in = |email: &str, password: &str| {
        Ask::post("/api/users/signin", json!({ "email": email, "password": password }))
    };
    let mut rows = Vec::new();
    for (field, pointer) in [("email", "/email"), ("password", "/password"), ("name", "/name")] {
        rows.push(invalid(sign_up(without(&good, field)), pointer));
        rows.push(invalid(sign_up(with(&good, field, Value::Null)), pointer));
        rows.push(invalid(sign_up(with(&good, field, json!(7))), pointer));
        rows.push(invalid(sign_up(with(&good, field, json!(""))), pointer));
    }
    let wrong: [(&str, Value, &'static str); 8] = [
        ("email", json!("ada"), "/email"),
        ("email", json!("ada@localhost"), "/email"),
        ("email", json!({ "$gt": "" }), "/email"),
        ("password", json!("short"), "/password"),
        ("password", json!("a".repeat(257)), "/password"),
        ("name", json!("a".repeat(101)), "/name"),
        ("roles", json!(["admin"]), "/roles"),
        ("id", json!(world.other.id), "/id"),
    ];
    rows.extend(wrong.map(|(field, value, pointer)| invalid(sign_up(with(&good, field, value)), pointer)));
    let taken = with(&good, "email", json!(world.other.email.to_uppercase()));
    rows.push(row(sign_up(taken), 409, "email-taken"));

    rows.push(row(sign_in(&world.other.email, "not-the-password"), 401, "bad-credentials"));
    rows.push(row(sign_in("nobody@example.com", "not-the-password"), 401, "bad-credentials"));
    rows.push(row(sign_in("", ""), 401, "bad-credentials"));
    rows.push(invalid(Ask::post("/api/users/signin", json!({ "email": "ada@example.com" })), "/password"));
    let extra = json!({ "email": "ada@example.com", "password": "a", "remember": true });
    rows.push(invalid(Ask::post("/api/users/signin", extra), "/remember"));

    for (body, pointer) in [
        (json!({ "name": "" }), "/name"),
        (json!({ "name": null }), "/name"),
        (json!({ "name": 7 }), "/name"),
        (json!({ "email": "new@example.com" }), "/email"),
        (json!({ "roles": ["admin"] }), "/roles"),
    ] {
        rows.push(invalid(Ask::patch("/api/users/me", body), pointer));
    }
    let stale = Ask::patch("/api/users/me", json!({ "name": "Ada" })).header("If-Match", "\"999\"");
    rows.push(row(stale, 412, "stale"));
    rows.extend(passwords());
    rows.extend(sessions());
    rows.extend(of_admins(world));
    rows
}

fn passwords() -> Vec<Row> {
    let good = json!({ "current": "not-the-password", "new": "correct-horse" });
    let change = |body: Value| Ask::post("/api/users/me/password", body);
    let mut rows = vec![row(change(good.clone()), 401, "bad-credentials")];
    for (field, pointer) in [("current", "/current"), ("new", "/new")] {
        rows.push(invalid(change(without(&good, field)), pointer));
        rows.push(invalid(change(with(&good, field, Value::Null)), pointer));
        rows.push(invalid(change(with(&good, field, json!(7))), pointer));
    }
    for new in ["short", "Password123", &"a".repeat(257)] {
        rows.push(invalid(change(with(&good, "new", json!(new))), "/new"));
    }
    rows
}

fn sessions() -> Vec<Row> {
    let sessions = "/api/users/me/sessions";
    vec![
        invalid(Ask::get(format!("{sessions}?limit=0")), "/limit"),
        invalid(Ask::get(format!("{sessions}?cursor=nonsense")), "/cursor"),
        row(Ask::delete(format!("{sessions}/{}", Uuid::new_v4())), 404, "not-found"),
        row(Ask::delete(format!("{sessions}/nobody")), 404, "not-found"),
    ]
}

fn of_admins(world: &World) -> Vec<Row> {
    let other = format!("/api/users/{}", world.other.id);
    let ban = format!("{other}/ban");
    let asks = [
        Ask::get("/api/users"),
        Ask::get("/api/users?q=example"),
        Ask::get("/api/users/audit"),
        Ask::get(other),
        Ask::post(&ban, json!({ "reason": "enough" })),
        Ask::delete(ban),
    ];
    asks.map(|ask| row(ask, 403, "forbidden")).into()
}

//! What the server says about its own routes.

use crate::shop::{Shop, admin};

#[tokio::test]
async fn every_route_is_described_to_whoever_asks() {
    let shop = Shop::open();
    let answer = shop.get(None, "/api/events/openapi.json").await;
    let document = answer.json();
    for path in ["/api/events", "/api/events/live", "/api/events/story/{id}"] {
        for status in ["200", "401", "403"] {
            assert!(document["paths"][path]["get"]["responses"][status].is_object(), "{status} of {path}");
        }
    }
    let event = &document["components"]["schemas"]["Event"]["properties"];
    for field in ["sequence", "stored_at", "aggregate", "service", "type", "causation_id", "traceparent"] {
        assert!(event[field].is_object(), "{field}: {event}");
    }
}

#[tokio::test]
async fn what_does_not_exist_is_a_problem_too() {
    let shop = Shop::open();
    shop.get(Some(admin()), "/api/events/nothing/here").await.assert_problem(404, "not-found");
}

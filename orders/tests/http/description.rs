//! What orders says about its own routes.

use orders::http::problems;

use crate::shop::{Shop, buyer};

#[tokio::test]
async fn every_route_is_described() {
    let shop = Shop::open();
    let document = shop.get(buyer(1), "/api/orders/openapi.json").await.json();
    for (path, method) in [
        ("/api/orders", "get"),
        ("/api/orders", "post"),
        ("/api/orders/all", "get"),
        ("/api/orders/{id}", "get"),
        ("/api/orders/{id}", "delete"),
        ("/api/orders/{id}/history", "get"),
        ("/api/orders/{id}/live", "get"),
    ] {
        let operation = &document["paths"][path][method];
        assert!(operation["responses"]["401"].is_object(), "{method} {path}: {operation}");
    }
    let stream = &document["paths"]["/api/orders/{id}/live"]["get"]["responses"]["200"]["content"];
    assert!(stream["text/event-stream"].is_object(), "{stream}");
    let order = &document["components"]["schemas"]["Order"]["properties"];
    for field in ["id", "ticket", "total", "status", "reason", "refunded", "seconds_left", "version"] {
        assert!(order[field].is_object(), "{field}: {order}");
    }
    let text = document.to_string();
    for problem in problems::ALL {
        assert!(text.contains(problem.slug), "{} is not described", problem.slug);
    }
}

#[tokio::test]
async fn what_does_not_exist_is_a_problem_too() {
    let shop = Shop::open();
    shop.get(buyer(1), "/api/orders/all/of/them").await.assert_problem(404, "not-found");
    let answer = shop.call(buyer(1), axum::http::Method::PUT, "/api/orders", &[], None).await;
    answer.assert_problem(405, "method-not-allowed");
}

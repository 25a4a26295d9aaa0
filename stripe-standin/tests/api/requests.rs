//! What Stripe refuses before it does anything.

use crate::harness::{KEY, Shop, raw};

#[tokio::test]
async fn a_secret_test_key_is_needed() {
    let shop = Shop::open().await;
    let url = shop.url("/v1/payment_intents");
    assert_eq!(raw(shop.http.get(&url)).await.status, 401);
    assert_eq!(raw(shop.http.get(&url).bearer_auth("sk_live_nobody")).await.status, 401);
    let publishable = raw(shop.http.get(&url).bearer_auth("pk_test_shop")).await;
    assert_eq!(
        (publishable.status, &publishable.json["error"]["code"]),
        (401, &"secret_key_required".into())
    );
    assert_eq!(raw(shop.http.get(&url).basic_auth(KEY, None::<&str>)).await.status, 200);
    assert_eq!(raw(shop.http.get(shop.url("/healthz"))).await.status, 200);
}

#[tokio::test]
async fn invalid_parameters_are_named() {
    let shop = Shop::open().await;
    for (body, status, code, param) in [
        ("currency=usd", 400, "parameter_missing", "amount"),
        ("amount=5000", 400, "parameter_missing", "currency"),
        ("amount=12.50&currency=usd", 400, "parameter_invalid_integer", "amount"),
        ("amount=-5&currency=usd", 400, "parameter_invalid_integer", "amount"),
        ("amount=49&currency=usd", 400, "amount_too_small", "amount"),
        ("amount=100000000&currency=usd", 400, "amount_too_large", "amount"),
        ("amount=5000&currency=xyz", 400, "", "currency"),
        ("amount=5000&currency=usd&amuont=1", 400, "parameter_unknown", "amuont"),
        ("amount=5000&currency=usd&capture_method=later", 400, "", "capture_method"),
        ("amount=5000&currency=usd&confirm=perhaps", 400, "", "confirm"),
        ("amount=5000&currency=usd&return_url=https://shop.example", 400, "", "return_url"),
        ("amount=5000&currency=usd&payment_method=pm_card_visa&confirm=true", 400, "", "return_url"),
        ("amount=5000&currency=usd&payment_method_types[]=cheque", 400, "", "payment_method_types"),
    ] {
        let answer = shop.post("/v1/payment_intents", body, None).await;
        assert_eq!(answer.status, status, "{body}");
        let error = &answer.json["error"];
        assert_eq!(error["type"], "invalid_request_error", "{body}");
        assert_eq!(error["code"].as_str().unwrap_or_default(), code, "{body}");
        assert_eq!(error["param"], param, "{body}");
    }
    assert!(shop.ledger().payment_intents.is_empty());
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let shop = Shop::open().await;
    for path in
        ["payment_intents/pi_no", "charges/ch_no", "refunds/re_no", "events/evt_no", "payment_methods/pm_no"]
    {
        let answer = shop.get(&format!("/v1/{path}")).await;
        assert_eq!(answer.json["error"]["code"], "resource_missing", "{path}");
        assert_eq!(answer.status, 404, "{path}");
    }
    assert_eq!(shop.get("/v1/nothing").await.json["error"]["type"], "invalid_request_error");
    let json = shop.http.post(shop.url("/v1/refunds")).bearer_auth(KEY).json(&serde_json::json!({}));
    assert_eq!(raw(json).await.status, 400);
}

#[tokio::test]
async fn an_answer_carries_stripes_headers() {
    let shop = Shop::open().await;
    let request =
        shop.http.get(shop.url("/v1/charges")).bearer_auth(KEY).header("Stripe-Version", "2025-01-27.acacia");
    let answer = raw(request).await;
    assert!(answer.headers["request-id"].to_str().unwrap().starts_with("req_"));
    assert_eq!(answer.headers["stripe-version"], "2025-01-27.acacia");
}

//! The description of a service's routes, served where everybody looks for it, with the schemas that all share.

mod edge;

use std::sync::Arc;

use axum::routing::get;
use axum::{Json, Router};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder};
use utoipa::{PartialSchema as _, ToSchema};
use utoipa_axum::router::OpenApiRouter;

use crate::problem::{FieldError, ProblemDocument};

/// The security scheme of a browser.
pub const COOKIE: &str = "cookie";
/// The security scheme of everybody else.
pub const BEARER: &str = "bearer";

/// How [`contracts::Money`] is written.
#[derive(Clone, Debug, ToSchema)]
pub struct Money {
    /// In minor units: cents, pence.
    #[schema(minimum = 0, example = 12500)]
    pub amount: u64,
    /// An ISO 4217 code.
    #[schema(example = "USD")]
    pub currency: String,
}

/// The beginning of a service's description; its routes are added by [`OpenApiRouter`].
pub fn document(service: &str, description: &str) -> OpenApi {
    let info = InfoBuilder::new()
        .title(service)
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(description))
        .build();
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
        "access_token",
        "With the prefix __Host- over HTTPS.",
    )));
    let bearer =
        SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build());
    let components = ComponentsBuilder::new()
        .schema(ProblemDocument::name(), ProblemDocument::schema())
        .schema(FieldError::name(), FieldError::schema())
        .schema(Money::name(), Money::schema())
        .security_scheme(COOKIE, cookie)
        .security_scheme(BEARER, bearer)
        .build();
    OpenApiBuilder::new().info(info).components(Some(components)).build()
}

/// The routes of `router`, with their description at `/api/<name>/openapi.json`.
pub fn serve<S: Clone + Send + Sync + 'static>(name: &str, router: OpenApiRouter<S>) -> Router<S> {
    let (router, mut document) = router.split_for_parts();
    edge::describe(&mut document);
    let document = Arc::new(document);
    router.route(&format!("/api/{name}/openapi.json"), get(async move || Json(OpenApi::clone(&document))))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;
    use utoipa_axum::routes;

    use super::*;
    use crate::http::{Page, Pagination};

    #[utoipa::path(
        get,
        path = "/api/orders",
        params(Pagination),
        security(("cookie" = []), ("bearer" = [])),
        responses((status = 200, body = Page<Money>), (status = "default", body = ProblemDocument))
    )]
    async fn list(_: Pagination) -> &'static str {
        "served"
    }

    #[tokio::test]
    async fn the_description_is_served_beside_the_routes() {
        let documented =
            OpenApiRouter::with_openapi(document("orders", "Orders for tickets.")).routes(routes!(list));
        let router: Router = serve("orders", documented);
        let get = async |path: &str| {
            let response =
                router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
            response.into_body().collect().await.unwrap().to_bytes()
        };
        assert_eq!(get("/api/orders").await, "served");
        let json: serde_json::Value = serde_json::from_slice(&get("/api/orders/openapi.json").await).unwrap();
        for pointer in [
            "/components/schemas/Problem/properties/errors",
            "/components/schemas/FieldError/properties/pointer",
            "/components/schemas/Money/properties/amount",
            "/components/securitySchemes/cookie",
            "/components/securitySchemes/bearer",
            "/paths/~1api~1orders/get/parameters/1",
        ] {
            assert!(json.pointer(pointer).is_some(), "{pointer} is missing in {json:#}");
        }
        for status in ["400", "401", "413", "429", "503"] {
            let answer =
                format!("/paths/~1api~1orders/get/responses/{status}/content/application~1problem+json");
            assert!(json.pointer(&answer).is_some(), "{status} is missing in {json:#}");
        }
        for status in ["429", "503"] {
            let wait = format!("/paths/~1api~1orders/get/responses/{status}/headers/Retry-After/schema/type");
            assert_eq!(json.pointer(&wait).and_then(|wait| wait.as_str()), Some("integer"), "{status}");
        }
        let answer = "/paths/~1api~1orders/get/responses/default/content";
        assert!(
            json.pointer(answer).unwrap().to_string().contains("#/components/schemas/Problem"),
            "{json:#}"
        );
    }
}

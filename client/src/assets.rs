//! The files that pages need, out of the binary. Their names say what is in them, so browsers may keep them for ever.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

const FOR_EVER: &str = "public, max-age=31536000, immutable";
const A_DAY: &str = "public, max-age=86400";
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

struct Asset {
    /// In the folder `assets`.
    name: &'static str,
    /// With a digest of the content.
    served: &'static str,
    media_type: &'static str,
    plain: &'static [u8],
    /// Empty where compressing it is of no use.
    brotli: &'static [u8],
    gzip: &'static [u8],
}

static ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/assets/{name}", get(asset))
        // Where browsers look unasked.
        .route(
            "/favicon.ico",
            get(async |headers: HeaderMap| serve(find_plain("favicon.svg"), A_DAY, &headers)),
        )
}

/// The path that a file of `assets/` is served at. A test asks for each name that a template mentions.
pub(crate) fn path(name: &str) -> String {
    find_plain(name).map_or_else(|| format!("/assets/{name}"), |asset| format!("/assets/{}", asset.served))
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    serve(ASSETS.iter().find(|asset| asset.served == name), FOR_EVER, &headers)
}

fn find_plain(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

fn serve(asset: Option<&'static Asset>, keep: &'static str, headers: &HeaderMap) -> Response {
    let Some(asset) = asset else { return StatusCode::NOT_FOUND.into_response() };
    let (content, encoding) = if asset.brotli.is_empty() {
        (asset.plain, None)
    } else if accepts(headers, "br") {
        (asset.brotli, Some("br"))
    } else if accepts(headers, "gzip") {
        (asset.gzip, Some("gzip"))
    } else {
        (asset.plain, None)
    };
    let mut response = content.into_response();
    let told = response.headers_mut();
    told.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.media_type));
    told.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    told.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    told.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    told.insert(CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    if let Some(encoding) = encoding {
        told.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// One that is said to have no worth, `br;q=0`, is not accepted.
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let accepted = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|line| line.split(',')).any(|offer| {
        let mut parts = offer.split(';').map(str::trim);
        let is_meant = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        is_meant && !parts.any(|part| part.trim_start_matches("q=").parse() == Ok(0.0))
    })
}

#[cfg(test)]
mod tests;

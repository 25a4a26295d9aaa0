//! What search engines are told of the site: which pages there are, and which are nobody else's business.

use std::fmt::Write as _;

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};

use crate::api::Search;
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::Visitor;

/// The newest tickets stand in the map: ten lists of a hundred. Older ones are found by the listings.
const LISTS: usize = 10;
const IN_A_LIST: u8 = 100;
const AN_HOUR: (HeaderName, HeaderValue) =
    (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));

pub(crate) async fn robots(State(site): State<Site>) -> ([(HeaderName, HeaderValue); 2], String) {
    let origin = site.public_origin();
    let mut text = String::from("User-agent: *\n");
    // Behind a sign-in nothing is found anyway.
    for path in ["/admin", "/api", "/door", "/sign-"] {
        let _ = writeln!(text, "Disallow: {path}");
    }
    let _ = writeln!(text, "Sitemap: {origin}/sitemap.xml");
    let media = (header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    ([media, AN_HOUR], text)
}

pub(crate) async fn sitemap(
    State(site): State<Site>,
    visitor: Visitor,
) -> Result<([(HeaderName, HeaderValue); 2], String), Trouble> {
    let origin = site.public_origin();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    text.push_str("<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
    let _ = writeln!(text, "<url><loc>{origin}/</loc></url>");
    let mut search = Search { limit: IN_A_LIST, ..Search::default() };
    for _ in 0..LISTS {
        let found = site.api().as_caller(&visitor.caller).tickets(&search).await?;
        for ticket in found.items {
            let (id, changed) = (ticket.id, ticket.updated_at);
            let _ = writeln!(text, "<url><loc>{origin}/tickets/{id}</loc><lastmod>{changed}</lastmod></url>");
        }
        let Some(next) = found.next_cursor else { break };
        search.cursor = next;
    }
    text.push_str("</urlset>\n");
    let media = (header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    Ok(([media, AN_HOUR], text))
}

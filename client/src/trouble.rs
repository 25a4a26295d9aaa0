//! What keeps a page from being shown, told as a page that says what to do.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use uuid::Uuid;

use crate::api::{Failure, Refusal};
use crate::frame::{Frame, Page};
use crate::site::Site;
use crate::visitor::{Visitor, pass_cookies_on};

/// Why there is no page.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    NotFound,
    Forbidden,
    /// In seconds, when to come again.
    TooMany(Option<u32>),
    Unavailable(Option<u32>),
    /// Where to come back to.
    SignInFirst(String),
    /// The services do not take the visitor's token any more. The headers may take the cookies away.
    SignedOut(Box<axum::http::HeaderMap>),
    /// A request that no form of ours makes.
    Senseless,
    Broken,
}

#[derive(Template)]
#[template(path = "trouble.html")]
struct TroublePage {
    frame: Frame,
    advice: String,
    request_id: Uuid,
    /// Where to try the same again, if that makes sense.
    again: Option<String>,
}

impl Trouble {
    fn kind(&self) -> (&'static str, StatusCode) {
        match self {
            Self::NotFound => ("not-found", StatusCode::NOT_FOUND),
            Self::Forbidden => ("forbidden", StatusCode::FORBIDDEN),
            Self::TooMany(_) => ("too-many", StatusCode::TOO_MANY_REQUESTS),
            Self::Unavailable(_) => ("unavailable", StatusCode::SERVICE_UNAVAILABLE),
            Self::Senseless => ("senseless", StatusCode::BAD_REQUEST),
            Self::SignInFirst(_) | Self::SignedOut(_) => ("forbidden", StatusCode::UNAUTHORIZED),
            Self::Broken => ("broken", StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    fn retry_after(&self) -> Option<u32> {
        match self {
            Self::TooMany(seconds) | Self::Unavailable(seconds) => Some(seconds.unwrap_or(5)),
            _ => None,
        }
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        let refusal = match failure {
            Failure::Refused(refusal) => *refusal,
            Failure::Unreachable => return Self::Unavailable(None),
        };
        let Refusal { status, retry_after, headers, .. } = refusal;
        match status {
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::UNAUTHORIZED => Self::SignedOut(Box::new(headers)),
            StatusCode::FORBIDDEN => Self::Forbidden,
            StatusCode::TOO_MANY_REQUESTS => Self::TooMany(retry_after),
            status if status.is_server_error() => Self::Unavailable(retry_after),
            _ => Self::Senseless,
        }
    }
}

impl IntoResponse for Trouble {
    /// The page is written by [`told`], who knows the visitor.
    fn into_response(self) -> Response {
        let mut response = self.kind().1.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The answer, or the page of what went wrong. What the framework refused in words of its own becomes a page too.
pub(crate) fn told(mut response: Response, site: &Site, visitor: Visitor, request_id: Uuid) -> Response {
    let is_refusal = response.status().is_client_error() || response.status().is_server_error();
    let is_page =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|media| media == "text/html; charset=utf-8");
    let trouble = match response.extensions_mut().remove::<Trouble>() {
        Some(trouble) => trouble,
        None if is_refusal && !is_page => of_status(response.status()),
        None => return response,
    };
    match trouble {
        Trouble::SignInFirst(here) => to_sign_in(&here, None),
        Trouble::SignedOut(headers) => {
            let mut response = to_sign_in(&visitor.here, Some("signed-out"));
            pass_cookies_on(&headers, response.headers_mut());
            response
        }
        trouble => page(&trouble, site, visitor, request_id),
    }
}

/// Where nobody can be asked in what language.
pub(crate) fn bare(status: StatusCode) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], status.to_string()).into_response()
}

fn page(trouble: &Trouble, site: &Site, visitor: Visitor, request_id: Uuid) -> Response {
    let (kind, status) = trouble.kind();
    let again = trouble.retry_after().map(|_| visitor.here.clone());
    let title = visitor.locale.say(&format!("trouble-{kind}"));
    let advice = visitor.locale.say(&format!("advice-{kind}"));
    let frame = Frame::new(site, visitor, title).hidden();
    let mut response = Page(TroublePage { frame, advice, request_id, again }).into_response();
    *response.status_mut() = status;
    if let Some(seconds) = trouble.retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn to_sign_in(here: &str, notice: Option<&str>) -> Response {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("next", here);
    if let Some(notice) = notice {
        query.append_pair("notice", notice);
    }
    Redirect::to(&format!("/sign-in?{}", query.finish())).into_response()
}

fn of_status(status: StatusCode) -> Trouble {
    match status {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Trouble::NotFound,
        StatusCode::FORBIDDEN => Trouble::Forbidden,
        StatusCode::TOO_MANY_REQUESTS => Trouble::TooMany(None),
        StatusCode::SERVICE_UNAVAILABLE => Trouble::Unavailable(None),
        status if status.is_client_error() => Trouble::Senseless,
        _ => Trouble::Broken,
    }
}

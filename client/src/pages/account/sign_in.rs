//! Signing in, and back to where one was.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use crate::api::Failure;
use crate::form::Form;
use crate::frame::{Frame, Page};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::{Visitor, pass_cookies_on};

#[derive(Template)]
#[template(path = "account/sign-in.html")]
struct SignInPage {
    frame: Frame,
    form: Form,
    next: String,
}

/// Where somebody came from, and what is to be said.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Coming {
    next: String,
    notice: String,
}

pub(crate) async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    Query(coming): Query<Coming>,
) -> Response {
    page(&site, visitor, Form::default(), coming).into_response()
}

pub(crate) async fn enter(
    State(site): State<Site>,
    visitor: Visitor,
    mut form: Form,
) -> Result<Response, Trouble> {
    let entered =
        site.api().as_caller(&visitor.caller).sign_in(form.value("email"), form.exact("password")).await;
    let next = own_path(form.value("next"));
    let refused = match entered {
        Ok(signed_in) => {
            let mut response = Redirect::to(&next).into_response();
            pass_cookies_on(&signed_in.headers, response.headers_mut());
            return Ok(response);
        }
        Err(failure) if failure.is("bad-credentials") || failure.is("validation") => "sign-in-wrong",
        Err(failure) if failure.is("banned") => "sign-in-banned",
        Err(failure) => return Err(failure.into()),
    };
    form.forget("password");
    form.refuse("", visitor.locale.say(refused));
    Ok(page(&site, visitor, form, Coming { next, notice: String::new() }).refused())
}

fn page(site: &Site, visitor: Visitor, form: Form, coming: Coming) -> Page<SignInPage> {
    let title = visitor.locale.say("sign-in-title");
    let notice = Some(coming.notice.as_str()).filter(|notice| !notice.is_empty());
    let frame = Frame::new(site, visitor, title).section("account").hidden().notice(notice);
    Page(SignInPage { frame, form, next: own_path(&coming.next) })
}

/// A path on this site and nothing else, so that no link to the sign-in leads elsewhere afterwards.
pub(crate) fn own_path(next: &str) -> String {
    let is_own = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains(['\\', '\r', '\n', '\t'])
        && !next.starts_with("/sign-");
    if is_own { next.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn nobody_is_led_to_another_site() {
        for next in [
            "https://elsewhere.example",
            "//elsewhere.example",
            "/\\elsewhere.example",
            "javascript:1",
            "",
            "/\t/x",
        ] {
            assert_eq!(own_path(next), "/", "{next}");
        }
        assert_eq!(own_path("/orders?x=1"), "/orders?x=1");
    }
}

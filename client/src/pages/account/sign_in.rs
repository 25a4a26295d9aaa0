//! Signing in, and back to where one was.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use crate::form::Form;
use crate::frame::{Frame, Page};
use crate::pages::attempt::put_off;
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
    pub(super) next: String,
    notice: String,
}

/// Whoever is signed in goes on. Whoever only seems to be, because the session was ended elsewhere, is freed of what is
/// left of it.
pub(crate) async fn show(
    State(site): State<Site>,
    mut visitor: Visitor,
    Query(coming): Query<Coming>,
) -> Result<Response, Trouble> {
    if visitor.who.is_none() {
        return Ok(page(&site, visitor, Form::default(), coming).into_response());
    }
    let asking = site.api().as_caller(&visitor.caller);
    let stands = match asking.me().await {
        Ok(_) => true,
        Err(failure) if failure.status() == StatusCode::UNAUTHORIZED => false,
        Err(failure) => return Err(failure.into()),
    };
    // A service that says otherwise would send them back here at once.
    if stands && coming.notice != "signed-out" {
        return Ok(Redirect::to(&own_path(&coming.next)).into_response());
    }
    let cleared = if stands { None } else { Some(asking.sign_out().await?) };
    visitor.who = visitor.who.filter(|_| stands);
    let mut response = page(&site, visitor, Form::default(), coming).into_response();
    if let Some(cleared) = cleared {
        pass_cookies_on(&cleared, response.headers_mut());
    }
    Ok(response)
}

pub(crate) async fn enter(
    State(site): State<Site>,
    visitor: Visitor,
    mut form: Form,
) -> Result<Response, Trouble> {
    let locale = visitor.locale;
    let next = own_path(form.value("next"));
    if form.value("email").is_empty() {
        form.refuse("email", locale.say("email-missing"));
    }
    if form.exact("password").is_empty() {
        form.refuse("password", locale.say("password-missing"));
    }
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if form.is_good() {
        let asking = site.api().as_caller(&visitor.caller);
        match asking.sign_in(form.value("email"), form.exact("password")).await {
            Ok(cookies) => {
                let mut response = Redirect::to(&next).into_response();
                pass_cookies_on(&cookies, response.headers_mut());
                return Ok(response);
            }
            Err(failure) if failure.is("bad-credentials") || failure.is("validation") => {
                form.refuse("", locale.say("sign-in-wrong"));
            }
            Err(failure) if failure.is("banned") => form.refuse("", locale.say("sign-in-banned")),
            Err(failure) => status = put_off(failure, &mut form, locale)?,
        }
    }
    form.forget("password");
    Ok(page(&site, visitor, form, Coming { next, notice: String::new() }).with_status(status))
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

//! Opening an account, which signs in.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::own::{check_name, check_new_password};
use super::sign_in::{Coming, own_path};
use crate::api::Failure;
use crate::form::Form;
use crate::frame::{Frame, Page};
use crate::pages::attempt::put_off;
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::{Visitor, pass_cookies_on};

#[derive(Template)]
#[template(path = "account/sign-up.html")]
struct SignUpPage {
    frame: Frame,
    form: Form,
    next: String,
    /// Whether signing in is what they wanted.
    is_known: bool,
}

pub(super) async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    Query(coming): Query<Coming>,
) -> Response {
    if visitor.who.is_some() {
        return Redirect::to(&own_path(&coming.next)).into_response();
    }
    page(&site, visitor, Form::default(), &coming.next).into_response()
}

pub(super) async fn open(
    State(site): State<Site>,
    visitor: Visitor,
    mut form: Form,
) -> Result<Response, Trouble> {
    let locale = visitor.locale;
    let next = own_path(form.value("next"));
    check_name(&mut form, locale);
    if form.value("email").is_empty() {
        form.refuse("email", locale.say("email-missing"));
    }
    check_new_password(&mut form, "password", locale);

    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    let mut is_known = false;
    if form.is_good() {
        let asking = site.api().as_caller(&visitor.caller);
        match asking.sign_up(form.value("email"), form.exact("password"), form.value("name")).await {
            Ok(cookies) => {
                let mut response = Redirect::to(&next).into_response();
                pass_cookies_on(&cookies, response.headers_mut());
                return Ok(response);
            }
            Err(failure) if failure.is("email-taken") => {
                is_known = true;
                form.refuse("email", locale.say("sign-up-taken"));
            }
            Err(Failure::Refused(refusal)) if refusal.slug == "validation" => form.refused(&refusal),
            Err(failure) => status = put_off(failure, &mut form, locale)?,
        }
    }
    form.forget("password");
    let mut page = page(&site, visitor, form, &next);
    page.0.is_known = is_known;
    Ok(page.with_status(status))
}

fn page(site: &Site, visitor: Visitor, form: Form, next: &str) -> Page<SignUpPage> {
    let title = visitor.locale.say("sign-up-title");
    let frame = Frame::new(site, visitor, title).section("account").hidden();
    Page(SignUpPage { frame, form, next: own_path(next), is_known: false })
}

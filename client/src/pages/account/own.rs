//! Somebody's own account: their name, their password, and where they are signed in.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::sessions::SessionShown;
use crate::api::{Failure, Profile};
use crate::form::Form;
use crate::frame::{Frame, Page};
use crate::locale::Locale;
use crate::pages::Noticed;
use crate::pages::attempt::put_off;
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::{Member, Visitor};

const LONGEST_NAME: usize = 100;
const SHORTEST_PASSWORD: usize = 8;
const LONGEST_PASSWORD: usize = 256;

#[derive(Template)]
#[template(path = "account/account.html")]
struct AccountPage {
    frame: Frame,
    profile: Profile,
    member_since: String,
    name: Form,
    password: Form,
    sessions: Vec<SessionShown>,
}

pub(super) async fn show(
    State(site): State<Site>,
    Member { visitor, .. }: Member,
    Query(noticed): Query<Noticed>,
) -> Result<Response, Trouble> {
    let mut page = page(&site, visitor, None, Form::default()).await?;
    page.0.frame = page.0.frame.notice(noticed.name());
    Ok(page.into_response())
}

/// For whoever reloads one of the forms, or comes back to it from the sign-in.
pub(super) async fn back() -> Redirect {
    Redirect::to("/account")
}

pub(super) async fn rename(
    State(site): State<Site>,
    Member { visitor, .. }: Member,
    mut form: Form,
) -> Result<Response, Trouble> {
    check_name(&mut form, visitor.locale);
    if form.is_good() {
        match site.api().as_caller(&visitor.caller).rename(form.value("name")).await {
            Ok(_) => return Ok(Redirect::to("/account?notice=name-changed").into_response()),
            Err(Failure::Refused(refusal)) if refusal.slug == "validation" => form.refused(&refusal),
            Err(failure) => return Err(failure.into()),
        }
    }
    Ok(page(&site, visitor, Some(form), Form::default()).await?.refused())
}

/// Every other session ends with the old password.
pub(super) async fn change_password(
    State(site): State<Site>,
    Member { visitor, .. }: Member,
    mut form: Form,
) -> Result<Response, Trouble> {
    let locale = visitor.locale;
    if form.exact("current").is_empty() {
        form.refuse("current", locale.say("password-current-missing"));
    }
    check_new_password(&mut form, "new", locale);
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if form.is_good() {
        let asking = site.api().as_caller(&visitor.caller);
        match asking.change_password(form.exact("current"), form.exact("new")).await {
            Ok(()) => return Ok(Redirect::to("/account?notice=password-changed").into_response()),
            Err(failure) if failure.is("bad-credentials") => {
                form.refuse("current", locale.say("password-current-wrong"));
            }
            Err(Failure::Refused(refusal)) if refusal.slug == "validation" => form.refused(&refusal),
            Err(failure) => status = put_off(failure, &mut form, locale)?,
        }
    }
    form.forget("current");
    form.forget("new");
    Ok(page(&site, visitor, None, form).await?.with_status(status))
}

async fn page(
    site: &Site,
    visitor: Visitor,
    name: Option<Form>,
    password: Form,
) -> Result<Page<AccountPage>, Trouble> {
    let asking = site.api().as_caller(&visitor.caller);
    let (profile, sessions) = futures::future::try_join(asking.me(), asking.sessions()).await?;
    let (locale, now) = (visitor.locale, site.runtime().now());
    let mut sessions: Vec<_> =
        sessions.items.iter().map(|session| SessionShown::of(session, locale, now)).collect();
    sessions.sort_by_key(|session| !session.is_current);
    let name = name.unwrap_or_else(|| Form::with([("name", profile.name.clone())]));
    let member_since = locale.customs.date(profile.created_at);
    let frame = Frame::new(site, visitor, locale.say("account-title")).section("account").hidden();
    Ok(Page(AccountPage { frame, profile, member_since, name, password, sessions }))
}

pub(super) fn check_name(form: &mut Form, locale: &Locale) {
    let length = form.value("name").chars().count();
    if length == 0 {
        form.refuse("name", locale.say("name-missing"));
    } else if length > LONGEST_NAME {
        form.refuse("name", locale.count("name-too-long", LONGEST_NAME));
    }
}

/// What else makes a password bad, auth knows.
pub(super) fn check_new_password(form: &mut Form, field: &str, locale: &Locale) {
    let length = form.exact(field).chars().count();
    if length < SHORTEST_PASSWORD {
        form.refuse(field, locale.count("password-too-short", SHORTEST_PASSWORD));
    } else if length > LONGEST_PASSWORD {
        form.refuse(field, locale.count("password-too-long", LONGEST_PASSWORD));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_password_is_measured_in_characters_and_to_the_letter() {
        for (password, is_good) in [
            ("sieben7", false),
            ("achtacht", true),
            ("  acht  ", true),
            ("äöüäöüä", false),
            ("äöüäöüäö", true),
        ] {
            let mut form = Form::with([("new", password.to_owned())]);
            check_new_password(&mut form, "new", Locale::first());
            assert_eq!(form.is_good(), is_good, "{password:?}");
        }
    }

    #[test]
    fn a_name_is_asked_for_where_there_is_none() {
        for (name, is_good) in [("Ada", true), ("   ", false), (&"x".repeat(101), false)] {
            let mut form = Form::with([("name", name.to_owned())]);
            check_name(&mut form, Locale::first());
            assert_eq!(form.is_good(), is_good, "{name:?}");
        }
    }
}

//! A ticket is put on offer.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use contracts::Currency;

use super::offer::{blank, minute, read, refuse};
use crate::form::Form;
use crate::frame::{Frame, Page};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::{Member, Visitor};

#[derive(Template)]
#[template(path = "sell/new.html")]
struct NewPage {
    frame: Frame,
    form: Form,
    /// The earliest that may be chosen.
    earliest: String,
}

/// For whoever is not signed in yet.
#[derive(Template)]
#[template(path = "sell/welcome.html")]
struct WelcomePage {
    frame: Frame,
}

pub(super) async fn show(State(site): State<Site>, visitor: Visitor) -> Result<Response, Trouble> {
    if visitor.who.is_some() {
        let mut form = blank(Currency::Usd);
        form.set("key", site.runtime().new_id().to_string());
        return Ok(page(&site, visitor, form).into_response());
    }
    if visitor.is_unsure {
        return Err(Trouble::Unavailable(None));
    }
    let description = visitor.locale.say("sell-welcome");
    let frame = Frame::new(&site, visitor.clone(), visitor.locale.say("sell-title"));
    Ok(Page(WelcomePage { frame: frame.section("sell").described("/sell", description) }).into_response())
}

pub(super) async fn offer(
    State(site): State<Site>,
    Member { visitor, .. }: Member,
    mut form: Form,
) -> Result<Response, Trouble> {
    let locale = visitor.locale;
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if let Some(listing) = read(&mut form, locale, site.runtime().now()) {
        match site.api().as_caller(&visitor.caller).list_ticket(&listing, form.value("key")).await {
            Ok(_) => return Ok(Redirect::to("/listings?notice=listed").into_response()),
            Err(failure) => {
                status = failure.status();
                // What was sent under this key is on offer. Whatever is sent next is another offer.
                if failure.is("idempotency-mismatch") {
                    form.set("key", site.runtime().new_id().to_string());
                }
                refuse(&mut form, failure, locale)?;
            }
        }
    }
    Ok(page(&site, visitor, form).with_status(status))
}

fn page(site: &Site, visitor: Visitor, form: Form) -> Page<NewPage> {
    let title = visitor.locale.say("sell-title");
    let earliest = minute(site.runtime().now());
    Page(NewPage { frame: Frame::new(site, visitor, title).section("sell").hidden(), form, earliest })
}

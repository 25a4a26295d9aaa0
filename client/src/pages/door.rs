//! At the door: whether a code is worth an admission.

mod code;
mod verdict;

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use crate::form::Form;
use crate::frame::{Frame, Page};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::{Member, Visitor};
use verdict::{Verdict, VerdictKind};

#[derive(Template)]
#[template(path = "door/door.html")]
pub(crate) struct DoorPage {
    frame: Frame,
    form: Form,
    verdict: Option<Verdict>,
}

/// What the link in a QR code brings along.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Brought {
    code: String,
}

pub(super) fn routes() -> Router<Site> {
    Router::new().route("/door", get(show).post(admit))
}

/// Says nothing about the code: a link that was opened lets nobody in.
async fn show(
    State(site): State<Site>,
    Member { visitor, .. }: Member,
    Query(brought): Query<Brought>,
) -> Page<DoorPage> {
    page(&site, visitor, Form::with([("code", code::cleaned(&brought.code))]), None)
}

/// The verdict is the answer itself and has no address: with one, a code could lead to a page that says it is good.
async fn admit(
    State(site): State<Site>,
    Member { visitor, .. }: Member,
    mut form: Form,
) -> Result<Response, Trouble> {
    let code = code::cleaned(form.value("code"));
    if code.is_empty() {
        form.refuse("code", visitor.locale.say("door-missing"));
        return Ok(page(&site, visitor, form, None).refused());
    }
    let verdict = judge(&site, &visitor, &code).await?;
    let status = verdict.kind.status();
    Ok(page(&site, visitor, Form::default(), Some(verdict)).with_status(status))
}

async fn judge(site: &Site, visitor: &Visitor, code: &str) -> Result<Verdict, Trouble> {
    let locale = visitor.locale;
    let Some(id) = code::ticket(code) else { return Ok(Verdict::bare(VerdictKind::Unknown, locale)) };
    let asking = site.api().as_caller(&visitor.caller);
    let admission = match asking.admit(id, code).await {
        Ok(admission) => admission,
        Err(failure) => {
            let kind = VerdictKind::of_refusal(failure.status()).ok_or_else(|| Trouble::from(failure))?;
            return Ok(Verdict::bare(kind, locale));
        }
    };
    // It is decided. What for is worth knowing, but not worth losing the verdict.
    let ticket = asking.ticket(id).await.ok();
    Ok(Verdict::of(&admission, ticket.as_ref(), locale, site.runtime().now()))
}

fn page(site: &Site, visitor: Visitor, form: Form, verdict: Option<Verdict>) -> Page<DoorPage> {
    let title = match &verdict {
        Some(verdict) => verdict.title.clone(),
        None => visitor.locale.say("menu-door"),
    };
    Page(DoorPage { frame: Frame::new(site, visitor, title).section("door").hidden(), form, verdict })
}

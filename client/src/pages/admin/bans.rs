//! Shutting somebody out and letting them in again, each on a page that says what follows from it.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use contracts::UserId;

use super::frame;
use super::person::Shown;
use crate::api::Failure;
use crate::form::Form;
use crate::frame::{Frame, Page};
use crate::locale::Locale;
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::{Admin, Visitor};

/// Characters, as auth counts them.
const LONGEST_REASON: usize = 500;

#[derive(Template)]
#[template(path = "admin/ban.html")]
struct BanPage {
    frame: Frame,
    area: &'static str,
    person: Shown,
    form: Form,
    longest: usize,
}

#[derive(Template)]
#[template(path = "admin/unban.html")]
struct UnbanPage {
    frame: Frame,
    area: &'static str,
    person: Shown,
    form: Form,
}

pub(crate) async fn consider(
    State(site): State<Site>,
    Admin(visitor): Admin,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    Ok(ban_page(&site, visitor, id_of(&id)?, Form::default()).await?.into_response())
}

pub(crate) async fn ban(
    State(site): State<Site>,
    Admin(visitor): Admin,
    Path(id): Path<String>,
    mut form: Form,
) -> Result<Response, Trouble> {
    let id = id_of(&id)?;
    if let Some(fault) = fault_of(form.value("reason")) {
        form.refuse("reason", visitor.locale.say(fault));
        return Ok(ban_page(&site, visitor, id, form).await?.refused());
    }
    match site.api().as_caller(&visitor.caller).ban(id, form.value("reason")).await {
        Ok(_) => Ok(back(id, "person-banned")),
        Err(failure) => {
            refuse(&mut form, failure, visitor.locale)?;
            Ok(ban_page(&site, visitor, id, form).await?.refused())
        }
    }
}

pub(crate) async fn reconsider(
    State(site): State<Site>,
    Admin(visitor): Admin,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    Ok(unban_page(&site, visitor, id_of(&id)?, Form::default()).await?.into_response())
}

pub(crate) async fn unban(
    State(site): State<Site>,
    Admin(visitor): Admin,
    Path(id): Path<String>,
    mut form: Form,
) -> Result<Response, Trouble> {
    let id = id_of(&id)?;
    match site.api().as_caller(&visitor.caller).unban(id).await {
        Ok(_) => Ok(back(id, "person-unbanned")),
        Err(failure) => {
            refuse(&mut form, failure, visitor.locale)?;
            Ok(unban_page(&site, visitor, id, form).await?.refused())
        }
    }
}

fn id_of(id: &str) -> Result<UserId, Trouble> {
    id.parse().map_err(|_| Trouble::NotFound)
}

/// What is wrong with a reason, by the name of its words.
fn fault_of(reason: &str) -> Option<&'static str> {
    match reason.chars().count() {
        0 => Some("ban-reason-missing"),
        length if length > LONGEST_REASON => Some("ban-reason-long"),
        _ => None,
    }
}

fn refuse(form: &mut Form, failure: Failure, locale: &Locale) -> Result<(), Trouble> {
    match failure {
        failure if failure.is("own-account") => form.refuse("", locale.say("ban-oneself")),
        Failure::Refused(refusal) if refusal.slug == "validation" => form.refused(&refusal),
        failure => return Err(failure.into()),
    }
    Ok(())
}

fn back(id: UserId, notice: &str) -> Response {
    Redirect::to(&format!("/admin/people/{id}?notice={notice}")).into_response()
}

async fn ban_page(site: &Site, visitor: Visitor, id: UserId, form: Form) -> Result<Page<BanPage>, Trouble> {
    let person = person(site, &visitor, id).await?;
    let title = visitor.locale.say_with("ban-title", &[("name", person.name.clone())]);
    let frame = frame(site, visitor, title);
    Ok(Page(BanPage { frame, area: "people", person, form, longest: LONGEST_REASON }))
}

async fn unban_page(
    site: &Site,
    visitor: Visitor,
    id: UserId,
    form: Form,
) -> Result<Page<UnbanPage>, Trouble> {
    let person = person(site, &visitor, id).await?;
    let title = visitor.locale.say_with("unban-title", &[("name", person.name.clone())]);
    let frame = frame(site, visitor, title);
    Ok(Page(UnbanPage { frame, area: "people", person, form }))
}

async fn person(site: &Site, visitor: &Visitor, id: UserId) -> Result<Shown, Trouble> {
    let person = site.api().as_caller(&visitor.caller).person(id).await?;
    Ok(Shown::of(person, visitor.locale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_one_to_five_hundred_characters() {
        assert_eq!(fault_of(""), Some("ban-reason-missing"));
        assert_eq!(fault_of("ü"), None);
        assert_eq!(fault_of(&"ü".repeat(500)), None);
        assert_eq!(fault_of(&"ü".repeat(501)), Some("ban-reason-long"));
    }

    #[test]
    fn banning_oneself_is_told_in_the_form_and_what_auth_cannot_do_is_trouble() {
        let refused = |body: &[u8]| Failure::Refused(Box::new(crate::api::Refusal::for_tests(body)));
        let mut form = Form::default();
        refuse(&mut form, refused(br#"{"type":"/problems/own-account"}"#), Locale::first()).unwrap();
        assert_eq!(form.faults().len(), 1);
        assert!(refuse(&mut form, Failure::Unreachable, Locale::first()).is_err());
    }
}

//! One of the visitor's own listings: how it stands, to be changed while nobody holds the ticket, or withdrawn.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use contracts::{TicketId, Timestamp};

use super::offer::{filled, minute, read, refuse};
use crate::api::{Failure, Ticket, TicketStatus};
use crate::form::Form;
use crate::frame::{Frame, Page};
use crate::pages::Noticed;
use crate::pages::line::{place, status};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::{Member, Visitor};

#[derive(Template)]
#[template(path = "sell/listing.html")]
pub(super) struct ListingPage {
    frame: Frame,
    listing: Shown,
    form: Form,
    earliest: String,
}

#[derive(Template)]
#[template(path = "sell/withdraw.html")]
struct WithdrawPage {
    frame: Frame,
    listing: Shown,
}

/// The listing as it stands, with everything written as this visitor reads it.
struct Shown {
    id: TicketId,
    title: String,
    moment: String,
    starts_at: Timestamp,
    venue: String,
    city: String,
    place: String,
    price: String,
    status: String,
    /// The name of the words that say why it cannot be changed; empty where it can.
    refusal: &'static str,
    is_sold: bool,
}

pub(super) async fn show(
    State(site): State<Site>,
    member: Member,
    Path(id): Path<String>,
    Query(noticed): Query<Noticed>,
) -> Result<Page<ListingPage>, Trouble> {
    let ticket = own(&site, &member, &id).await?;
    let mut page = page(&site, member.visitor, &ticket, filled(&ticket));
    page.0.frame = page.0.frame.notice(noticed.name());
    Ok(page)
}

/// Only the version that the seller had before them is changed.
pub(super) async fn change(
    State(site): State<Site>,
    member: Member,
    Path(id): Path<String>,
    mut form: Form,
) -> Result<Response, Trouble> {
    let locale = member.visitor.locale;
    let ticket_id: TicketId = id.parse().map_err(|_| Trouble::NotFound)?;
    let version = form.value("version").parse().unwrap_or_default();
    let Some(listing) = read(&mut form, locale, site.runtime().now()) else {
        let ticket = own(&site, &member, &id).await?;
        return Ok(page(&site, member.visitor, &ticket, form).refused());
    };
    let asking = site.api().as_caller(&member.visitor.caller);
    let failure = match asking.change_ticket(ticket_id, &listing, version).await {
        Ok(_) => return Ok(Redirect::to(&format!("/sell/{ticket_id}?notice=listing-saved")).into_response()),
        Err(failure) => failure,
    };
    let status = failure.status();
    let ticket = own(&site, &member, &id).await?;
    // Being reserved or sold makes another version of it too.
    if is_of_the_ticket(&failure) || ticket.status != TicketStatus::Available {
        return Ok(unchanged(&site, member.visitor, &ticket, form, status));
    }
    if status == StatusCode::PRECONDITION_FAILED {
        form.refuse("", locale.say("listing-stale"));
        // Whoever saves again has seen how it stands now.
        form.set("version", ticket.version.to_string());
    } else {
        refuse(&mut form, failure, locale)?;
    }
    Ok(page(&site, member.visitor, &ticket, form).with_status(status))
}

/// Asks once more, on a page of its own.
pub(super) async fn ask(
    State(site): State<Site>,
    member: Member,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let ticket = own(&site, &member, &id).await?;
    if ticket.status != TicketStatus::Available {
        return Ok(Redirect::to(&format!("/sell/{}", ticket.id)).into_response());
    }
    let listing = Shown::of(&ticket, &member.visitor);
    let title = member.visitor.locale.say("withdraw-title");
    let frame = Frame::new(&site, member.visitor, title).section("sell").hidden();
    Ok(Page(WithdrawPage { frame, listing }).into_response())
}

pub(super) async fn withdraw(
    State(site): State<Site>,
    member: Member,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let ticket_id: TicketId = id.parse().map_err(|_| Trouble::NotFound)?;
    match site.api().as_caller(&member.visitor.caller).withdraw_ticket(ticket_id).await {
        Ok(()) => Ok(Redirect::to("/listings?notice=withdrawn").into_response()),
        Err(failure) if is_of_the_ticket(&failure) => {
            let ticket = own(&site, &member, &id).await?;
            let form = filled(&ticket);
            Ok(unchanged(&site, member.visitor, &ticket, form, failure.status()))
        }
        Err(failure) => Err(failure.into()),
    }
}

/// The ticket, if it is theirs.
async fn own(site: &Site, member: &Member, id: &str) -> Result<Ticket, Trouble> {
    let id: TicketId = id.parse().map_err(|_| Trouble::NotFound)?;
    let ticket = site.api().as_caller(&member.visitor.caller).ticket(id).await?;
    if ticket.seller_id == member.who.id { Ok(ticket) } else { Err(Trouble::Forbidden) }
}

/// Refused because of how the ticket stands, which the page says anyway.
fn is_of_the_ticket(failure: &Failure) -> bool {
    ["ticket-reserved", "ticket-sold", "ticket-withdrawn"].into_iter().any(|slug| failure.is(slug))
}

/// The page says how the ticket stands; whoever held it may have let go of it since.
fn unchanged(site: &Site, visitor: Visitor, ticket: &Ticket, mut form: Form, status: StatusCode) -> Response {
    if ticket.status == TicketStatus::Available {
        form.refuse("", visitor.locale.say("listing-was-held"));
        return page(site, visitor, ticket, form).with_status(status);
    }
    let mut page = page(site, visitor, ticket, form);
    page.0.frame = page.0.frame.notice(Some("nothing-changed"));
    page.with_status(status)
}

fn page(site: &Site, visitor: Visitor, ticket: &Ticket, form: Form) -> Page<ListingPage> {
    let listing = Shown::of(ticket, &visitor);
    let frame = Frame::new(site, visitor, ticket.title.clone()).section("sell").hidden();
    Page(ListingPage { frame, listing, form, earliest: minute(site.runtime().now()) })
}

impl Shown {
    fn of(ticket: &Ticket, visitor: &Visitor) -> Self {
        let locale = visitor.locale;
        let Ticket { section, row, seat, .. } = ticket;
        Self {
            id: ticket.id,
            title: ticket.title.clone(),
            moment: locale.customs.moment(ticket.starts_at),
            starts_at: ticket.starts_at,
            venue: ticket.venue.clone(),
            city: ticket.city.clone(),
            place: place(locale, section.as_deref(), row.as_deref(), seat.as_deref()),
            price: locale.customs.money(&ticket.price),
            status: status(locale, ticket.status),
            refusal: match ticket.status {
                TicketStatus::Available => "",
                TicketStatus::Reserved => "listing-reserved",
                TicketStatus::Sold => "listing-sold",
                TicketStatus::Withdrawn => "listing-withdrawn",
            },
            is_sold: ticket.status == TicketStatus::Sold,
        }
    }
}

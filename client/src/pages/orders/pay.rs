//! Paying for what is held. Sent twice, it is one payment.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};

use super::cards::{declined, find};
use super::show::page;
use super::{order_id, page_of, page_with};
use crate::form::Form;
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::Member;

pub(super) async fn pay(
    State(site): State<Site>,
    Member { visitor, .. }: Member,
    Path(id): Path<String>,
    mut form: Form,
) -> Result<Response, Trouble> {
    let id = order_id(&id)?;
    let locale = visitor.locale;
    let fault = match find(form.value("card")) {
        None => locale.say("pay-choose-card"),
        Some(card) => {
            let asking = site.api().as_caller(&visitor.caller);
            match asking.pay(id, card.method, form.value("key")).await {
                Ok(_) => return Ok(page_of(id).into_response()),
                Err(failure) if failure.is("card-declined") => declined(&failure, locale),
                Err(failure) if failure.is("idempotency-mismatch") => locale.say("pay-sent-before"),
                // Paid already, or over: the order says which.
                Err(failure) if failure.is("order-not-payable") => return Ok(page_of(id).into_response()),
                // It may have arrived all the same: the order says how it stands.
                Err(failure) if failure.status().is_server_error() => {
                    return Ok(page_with(id, "payments-unavailable").into_response());
                }
                Err(failure) => return Err(failure.into()),
            }
        }
    };
    form.refuse("card", fault);
    Ok(page(&site, visitor, id, form, None).await?.refused())
}

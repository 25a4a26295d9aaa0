//! Giving a ticket back before it is paid.

use axum::extract::{Path, State};
use axum::response::Redirect;

use super::{order_id, page_of, page_with};
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::Member;

pub(super) async fn cancel(
    State(site): State<Site>,
    Member { visitor, .. }: Member,
    Path(id): Path<String>,
) -> Result<Redirect, Trouble> {
    let id = order_id(&id)?;
    match site.api().as_caller(&visitor.caller).cancel_order(id).await {
        Ok(()) => Ok(page_of(id)),
        Err(failure) if failure.is("payment-accepted") => Ok(page_with(id, "payment-accepted")),
        Err(failure) => Err(failure.into()),
    }
}

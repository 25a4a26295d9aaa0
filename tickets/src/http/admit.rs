//! The door: the code of a sold ticket lets one person in, once.

use axum::extract::State;
use contracts::{TicketId, Timestamp};
use serde::{Deserialize, Serialize};
use service::caller::CurrentUser;
use service::http::{Id, Json, RequestId};
use service::problem::{FORBIDDEN, NOT_FOUND, Problem, ProblemDocument};
use utoipa::ToSchema;

use super::problems::{ONLY_ITS_SELLER, of_command};
use super::{cause, load, tell};
use crate::Tickets;
use crate::ticket::{Doorkeeper, Ticket, TicketCommand, TicketPrivate};

/// What somebody shows at the door.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Shown {
    /// As it stands in the buyer's ticket.
    #[schema(example = "AZcAAAAAcACAAAAAAAAAAj9n7TIjEVXg-d3CkrVpqF8")]
    code: String,
}

/// Whether the code lets anybody in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Admission {
    status: AdmissionStatus,
    /// When somebody was let in with it: just now, or before.
    #[schema(value_type = String, format = DateTime)]
    admitted_at: Timestamp,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum AdmissionStatus {
    /// Now, for the first and only time.
    Valid,
    /// No more: somebody was let in with it already.
    Used,
}

/// Lets whoever shows the code of a sold ticket in, once.
#[utoipa::path(
    post, path = "/api/tickets/{id}/admit", tag = "tickets", request_body = Shown, params(("id" = Uuid, Path)),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, body = Admission),
        (status = 401, body = ProblemDocument),
        (status = 403, description = "Neither the ticket's seller nor an admin", body = ProblemDocument),
        (status = 404, description = "No such ticket, or not its code", body = ProblemDocument),
        (status = 422, body = ProblemDocument),
    )
)]
pub(super) async fn admit(
    State(tickets): State<Tickets>,
    caller: CurrentUser,
    request: RequestId,
    Id(id): Id<TicketId>,
    Json(Shown { code }): Json<Shown>,
) -> Result<Json<Admission>, Problem> {
    let ticket = load(&tickets, id).await?.state;
    let seller = ticket.listing().ok_or(NOT_FOUND)?.seller_id;
    // Before the code is looked at: who has no business at the door learns nothing of it.
    let by = match caller.is_admin() {
        true => Doorkeeper::Admin,
        false if caller.id == seller => Doorkeeper::Seller(seller),
        false => return Err(Problem::new(FORBIDDEN).detail(ONLY_ITS_SELLER)),
    };
    let bought = match ticket {
        Ticket::Sold(bought) if tickets.codes.is_of(&code, id, bought.order_id) => bought,
        _ => return Err(Problem::new(NOT_FOUND).detail("This is not the code of this ticket.")),
    };
    let admission = tickets.runtime.new_id();
    let command = TicketCommand::Admit { by, order_id: bought.order_id, now: tickets.runtime.now() };
    let amend = move |private: &mut TicketPrivate| private.admission = Some(admission);
    let cause = cause(admission, request, &caller);
    let execution = tickets.tickets.execute_and_amend(id, cause, command, amend).await.map_err(of_command)?;
    tell(&execution, "admitted");
    let snapshot = execution.snapshot.ok_or(NOT_FOUND)?;
    let Ticket::Sold(bought) = snapshot.state else { return Err(NOT_FOUND.into()) };
    // Not whether something was recorded just now: whoever's write was found to have been done after all lets in too.
    let is_first = snapshot.private.admission == Some(admission);
    let status = if is_first { AdmissionStatus::Valid } else { AdmissionStatus::Used };
    Ok(Json(Admission { status, admitted_at: bought.admitted_at.ok_or(NOT_FOUND)? }))
}

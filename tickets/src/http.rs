//! Takes commands in and answers questions: the routes of tickets.

mod admit;
mod live;
mod problems;
mod requests;
mod search;

use std::sync::LazyLock;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use contracts::TicketId;
use eventsourcing::{Actor, Cause, Execution, Snapshot};
use service::caller::CurrentUser;
use service::http::{
    Id, Idempotency, IfMatch, Json, Page, Pagination, Query, RequestId, Versioned, body_hash,
};
use service::problem::{IDEMPOTENCY_MISMATCH, NOT_FOUND, Problem, ProblemDocument, VALIDATION};
use service::{openapi, telemetry};
use tracing::info;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::Tickets;
use crate::ticket::{Ticket, TicketCommand, TicketPrivate};
use crate::views::{TicketResource, page};
use problems::{of_command, of_store};
use requests::{NewTicket, TicketPatch};
use search::Search;

pub use problems::PROBLEMS;

/// The name that idempotency keys are used up under.
const CREATE: &str = "POST /api/tickets";

/// Described once, however many shops are opened in one process.
static ROUTES: LazyLock<Router<Tickets>> = LazyLock::new(|| {
    let document = openapi::document(crate::SERVICE, "Tickets that people sell each other.");
    let router = OpenApiRouter::with_openapi(document)
        .routes(routes!(list, create))
        .routes(routes!(read, change, withdraw))
        .routes(routes!(live::live))
        .routes(routes!(admit::admit));
    openapi::serve(crate::SERVICE, router)
});

pub(crate) fn routes(tickets: Tickets) -> Router {
    ROUTES.clone().with_state(tickets)
}

/// Tickets, those on offer unless told otherwise.
#[utoipa::path(
    get, path = "/api/tickets", tag = "tickets", params(Search, Pagination),
    security((), ("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, body = Page<TicketResource>),
        (status = 401, description = "A bad token, or `seller=me` without one", body = ProblemDocument),
        (status = 422, body = ProblemDocument),
    )
)]
async fn list(
    State(tickets): State<Tickets>,
    caller: Option<CurrentUser>,
    Query(search): Query<Search>,
    Pagination { limit, cursor }: Pagination,
) -> Result<Json<Page<TicketResource>>, Problem> {
    let filter = search.filter(caller.as_ref())?;
    let query = filter
        .query(cursor.as_deref(), limit as usize, tickets.runtime.now())
        .map_err(|wrong| Problem::new(VALIDATION).error("/cursor", wrong.to_string()))?;
    let found = tickets.tickets.find(&query).await.map_err(of_store)?;
    Ok(Json(page(&query, found)))
}

/// Offers a ticket.
#[utoipa::path(
    post, path = "/api/tickets", tag = "tickets", request_body = NewTicket,
    params(("Idempotency-Key" = Option<String>, Header, description = "Up to 255 visible characters")),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 201, body = TicketResource, headers(("Location" = String), ("ETag" = String))),
        (status = 401, body = ProblemDocument),
        (status = 409, description = "`seat-listed`", body = ProblemDocument),
        (status = 422, body = ProblemDocument),
    )
)]
async fn create(
    State(tickets): State<Tickets>,
    caller: CurrentUser,
    request: RequestId,
    Idempotency(key): Idempotency,
    Json(body): Json<NewTicket>,
) -> Result<Response, Problem> {
    let now = tickets.runtime.now();
    let body_hash = key.as_ref().map(|_| body_hash(&body));
    let command = TicketCommand::Create { seller: caller.id, details: body.details(now)?, now };
    let amend = {
        let body_hash = body_hash.clone();
        move |private: &mut TicketPrivate| private.body_hash.clone_from(&body_hash)
    };
    let execution = match key.map(|key| key.id(caller.id, CREATE)) {
        // Read first: what was answered once is not judged again, though it may start in the past by now.
        Some(id) => {
            let cause = cause(id, request, &caller);
            tickets.tickets.execute_and_amend(id, cause, command, amend).await
        }
        None => {
            let cause = cause(tickets.runtime.new_id(), request, &caller);
            tickets.tickets.create(tickets.runtime.new_id(), cause, command, amend).await
        }
    };
    let execution = execution.map_err(of_command)?;
    tell(&execution, "listed");
    let snapshot = execution.snapshot.ok_or(NOT_FOUND)?;
    if snapshot.private.body_hash != body_hash {
        return Err(IDEMPOTENCY_MISMATCH.into());
    }
    let location = format!("/api/tickets/{}", snapshot.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], resource(&snapshot)?).into_response())
}

/// One ticket, whatever became of it. Who holds or bought it sees more of it.
#[utoipa::path(
    get, path = "/api/tickets/{id}", tag = "tickets", params(("id" = Uuid, Path)),
    security((), ("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, body = TicketResource, headers(("ETag" = String))),
        (status = 401, description = "A bad token", body = ProblemDocument),
        (status = 404, body = ProblemDocument),
    )
)]
async fn read(
    State(tickets): State<Tickets>,
    caller: Option<CurrentUser>,
    Id(id): Id<TicketId>,
) -> Result<Versioned<TicketResource>, Problem> {
    let snapshot = load(&tickets, id).await?;
    let Versioned { version, body } = resource(&snapshot)?;
    let body = match caller {
        Some(caller) => body.shown_to(caller.id, &snapshot.state, &tickets.codes),
        None => body,
    };
    Ok(Versioned { version, body })
}

/// Changes a listing while nobody holds the ticket.
#[utoipa::path(
    patch, path = "/api/tickets/{id}", tag = "tickets", request_body = TicketPatch,
    params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, body = TicketResource, headers(("ETag" = String))),
        (status = 401, body = ProblemDocument),
        (status = 403, description = "Not the caller's ticket", body = ProblemDocument),
        (status = 404, body = ProblemDocument),
        (status = 409, description = "`ticket-reserved`, `ticket-sold`, `ticket-withdrawn` or `seat-listed`",
            body = ProblemDocument),
        (status = 412, body = ProblemDocument),
        (status = 422, body = ProblemDocument),
    )
)]
async fn change(
    State(tickets): State<Tickets>,
    caller: CurrentUser,
    request: RequestId,
    Id(id): Id<TicketId>,
    if_match: IfMatch,
    Json(body): Json<TicketPatch>,
) -> Result<Versioned<TicketResource>, Problem> {
    let now = tickets.runtime.now();
    let changes = body.changes(now)?;
    let seen = seen(&tickets, id, if_match).await?;
    let command = TicketCommand::Update { by: caller.id, changes, seen, now };
    let execution = execute(&tickets, id, request, &caller, command).await?;
    tell(&execution, "changed");
    resource(&execution.snapshot.ok_or(NOT_FOUND)?)
}

/// Takes a ticket off the market for good, while nobody holds it.
#[utoipa::path(
    delete, path = "/api/tickets/{id}", tag = "tickets",
    params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 204),
        (status = 401, body = ProblemDocument),
        (status = 403, description = "Not the caller's ticket", body = ProblemDocument),
        (status = 404, body = ProblemDocument),
        (status = 409, description = "`ticket-reserved` or `ticket-sold`", body = ProblemDocument),
        (status = 412, body = ProblemDocument),
    )
)]
async fn withdraw(
    State(tickets): State<Tickets>,
    caller: CurrentUser,
    request: RequestId,
    Id(id): Id<TicketId>,
    if_match: IfMatch,
) -> Result<StatusCode, Problem> {
    let seen = seen(&tickets, id, if_match).await?;
    let command = TicketCommand::Withdraw { by: caller.id, seen };
    let execution = execute(&tickets, id, request, &caller, command).await?;
    tell(&execution, "withdrawn");
    Ok(StatusCode::NO_CONTENT)
}

async fn load(tickets: &Tickets, id: TicketId) -> Result<Snapshot<Ticket>, Problem> {
    tickets.tickets.load(id).await.map_err(of_store)?.ok_or_else(|| NOT_FOUND.into())
}

/// The ticket at the version that the caller has in mind, so that no other one is changed.
async fn seen(tickets: &Tickets, id: TicketId, if_match: IfMatch) -> Result<Option<Box<Ticket>>, Problem> {
    if if_match.0.is_none() {
        return Ok(None);
    }
    let snapshot = load(tickets, id).await?;
    if_match.check(snapshot.version)?;
    Ok(Some(Box::new(snapshot.state)))
}

async fn execute(
    tickets: &Tickets,
    id: TicketId,
    request: RequestId,
    caller: &CurrentUser,
    command: TicketCommand,
) -> Result<Execution<Ticket>, Problem> {
    let cause = cause(tickets.runtime.new_id(), request, caller);
    tickets.tickets.execute(id, cause, command).await.map_err(of_command)
}

fn cause(causation_id: Uuid, RequestId(correlation_id): RequestId, caller: &CurrentUser) -> Cause {
    let traceparent = telemetry::current_traceparent();
    Cause { causation_id, correlation_id, actor: Actor::User(caller.id), traceparent }
}

fn resource(snapshot: &Snapshot<Ticket>) -> Result<Versioned<TicketResource>, Problem> {
    let body = TicketResource::of(snapshot).ok_or(NOT_FOUND)?;
    Ok(Versioned { version: snapshot.version, body })
}

fn tell(execution: &Execution<Ticket>, done: &'static str) {
    let changed = execution.snapshot.as_ref().filter(|_| !execution.events.is_empty());
    if let Some(Snapshot { id, .. }) = changed {
        info!(ticket.id = %id, "ticket {id} {done}");
    }
}

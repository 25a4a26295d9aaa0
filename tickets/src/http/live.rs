//! Tickets as they change, for who looks at them.

use axum::extract::State;
use axum::response::Response;
use contracts::TicketId;
use futures::StreamExt as _;
use messaging::Newest;
use serde::Deserialize;
use service::caller::CurrentUser;
use service::http::{Live, LiveEvent, Query};
use service::problem::{Problem, ProblemDocument, VALIDATION};
use utoipa::IntoParams;
use uuid::Uuid;

use super::problems::of_store;
use crate::Tickets;
use crate::views::TicketResource;

/// Of how many tickets one stream may be.
const MOST: usize = 100;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Up to 100 ids, with commas between them. What is no ticket is left out.
    #[param(required = true, example = "01970000-0000-7000-8000-000000000002")]
    ids: String,
}

impl Which {
    fn ids(&self) -> Result<Vec<Uuid>, Problem> {
        let wrong = |detail: String| Problem::new(VALIDATION).error("/ids", detail);
        if self.ids.is_empty() {
            return Err(wrong("is missing".to_owned()));
        }
        let ids = self.ids.split(',').take(MOST + 1).map(|id| id.trim().parse::<TicketId>());
        let ids = ids.collect::<Result<Vec<_>, _>>().map_err(|_| wrong("has to be ids".to_owned()))?;
        if ids.len() > MOST {
            return Err(wrong(format!("has to have at most {MOST} ids")));
        }
        Ok(ids.into_iter().map(Uuid::from).collect())
    }
}

/// These tickets, each at once and again whenever it changes, as the event `ticket`; its id is `<ticket id>:<version>`.
#[utoipa::path(
    get, path = "/api/tickets/live", tag = "tickets", params(Which),
    security((), ("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "`ticket` events, the data of each a ticket", body = String,
            content_type = "text/event-stream"),
        (status = 401, description = "A bad token", body = ProblemDocument),
        (status = 422, body = ProblemDocument),
        (status = 503, description = "There are as many streams as there may be", body = ProblemDocument),
    )
)]
pub(super) async fn live(
    State(tickets): State<Tickets>,
    _caller: Option<CurrentUser>,
    Query(which): Query<Which>,
    live: Live,
) -> Result<Response, Problem> {
    let mut newest = Newest::new(&tickets.changes, tickets.tickets.clone(), which.ids()?);
    let first = newest.next().await.map_err(of_store)?;
    let found = futures::stream::once(async { first }).chain(newest.stream());
    let events = found.flat_map(|found| {
        let resources = found.iter().filter_map(TicketResource::of).collect::<Vec<_>>();
        futures::stream::iter(resources.into_iter().map(|ticket| {
            let id = format!("{}:{}", ticket.id, ticket.version);
            LiveEvent::new("ticket", id, &ticket)
        }))
    });
    Ok(live.answer(events))
}

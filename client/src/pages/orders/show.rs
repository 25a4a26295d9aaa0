//! The page of one order, in each of its states: asked for, held, being paid, the ticket itself, and over.

use askama::Template;
use axum::extract::{Path, Query, State};
use contracts::{Money, OrderId, Timestamp};
use serde::Deserialize;
use uuid::Uuid;

use super::admission::{Admission, Receipt};
use super::again::{Again, others};
use super::cards::{CARDS, Card};
use super::history::{Step, completed_at, steps};
use super::order_id;
use super::phase::{Phase, money_words, patience};
use super::reason::leaves_a_wish;
use super::slip::Slip;
use crate::api::{
    Asking, Failure, Happening, Order, OrderStatus, Payment, PaymentStatus, Ticket, TicketStatus,
};
use crate::form::Form;
use crate::frame::{Frame, Page};
use crate::pages::line::Line;
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::{Member, Visitor};

#[derive(Template)]
#[template(path = "orders/order.html")]
pub(super) struct OrderPage {
    frame: Frame,
    lead: String,
    id: OrderId,
    /// As the service says it: scripts wait for another.
    status: &'static str,
    is_open: bool,
    /// In how many seconds there may be news.
    refresh: Option<u64>,
    slip: Option<Slip>,
    holding: Option<Holding>,
    can_cancel: bool,
    form: Form,
    admission: Option<Admission>,
    /// Whether the code will be there in a moment.
    is_code_due: bool,
    receipt: Option<Receipt>,
    refunded: Option<String>,
    /// The name of the words for what the end means for the buyer's money.
    money: Option<&'static str>,
    again: Option<Again>,
    others: Vec<Line>,
    history: Vec<Step>,
}

/// While the ticket waits for the payment.
struct Holding {
    until: Timestamp,
    hour: String,
    seconds_left: u64,
    cards: &'static [Card],
    /// Tells this form, sent twice, from two.
    key: Uuid,
    /// The last card's bank wants to ask its owner.
    waits_for_bank: bool,
}

/// What the services know of one order. Only the order itself has to be there.
struct Found {
    order: Order,
    /// Asked for only where it matters.
    payment: Option<Result<Payment, Failure>>,
    ticket: Option<Ticket>,
    history: Vec<Happening>,
}

/// What a redirect wants said.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Coming {
    notice: Option<String>,
}

pub(super) async fn show(
    State(site): State<Site>,
    Member { visitor, .. }: Member,
    Path(id): Path<String>,
    Query(coming): Query<Coming>,
) -> Result<Page<OrderPage>, Trouble> {
    page(&site, visitor, order_id(&id)?, Form::default(), coming.notice.as_deref()).await
}

/// The page as it is now, with what was chosen in its form.
pub(super) async fn page(
    site: &Site,
    visitor: Visitor,
    id: OrderId,
    form: Form,
    notice: Option<&str>,
) -> Result<Page<OrderPage>, Trouble> {
    let (locale, now) = (visitor.locale, site.runtime().now());
    let asking = site.api().as_caller(&visitor.caller);
    let Found { order, payment, ticket, history } = Found::of(asking, id).await?;
    let known = payment.as_ref().and_then(|payment| payment.as_ref().ok());
    let phase = Phase::of(&order, known);
    let is_over = phase == Phase::Over;
    let wished =
        ticket.as_ref().filter(|_| is_over && leaves_a_wish(order.reason.as_deref().unwrap_or_default()));
    let again = wished.and_then(|ticket| Again::of(ticket, site, locale));
    let others = match wished {
        Some(ticket) if again.is_none() => others(asking, &ticket.title, ticket.id, locale, now).await,
        _ => Vec::new(),
    };
    let code = ticket.as_ref().and_then(|ticket| ticket.code.as_deref());
    let origin = site.public_origin().as_str();
    let admission = code.filter(|_| phase == Phase::Bought).map(|code| Admission::of(code, origin));
    let is_code_due = phase == Phase::Bought
        && admission.is_none()
        && ticket.as_ref().is_none_or(|ticket| ticket.status == TicketStatus::Reserved);
    let words = phase.words(&order);
    let money = |money: &Money| locale.customs.money(money);
    let shown = OrderPage {
        lead: locale.say(words.lead),
        id,
        status: order.status.name(),
        is_open: phase.is_open(),
        refresh: if is_code_due { Some(patience(&order, now)) } else { phase.refresh(&order, now) },
        slip: order.ticket.as_ref().map(|ticket| Slip::of(ticket, locale)),
        holding: (phase == Phase::Held).then(|| Holding {
            until: order.expires_at,
            hour: locale.customs.hour(order.expires_at),
            seconds_left: order.seconds_left,
            cards: &CARDS,
            key: site.runtime().new_id(),
            waits_for_bank: known.is_some_and(|payment| payment.status == PaymentStatus::RequiresAction),
        }),
        can_cancel: matches!(phase, Phase::Asking | Phase::Held),
        form,
        admission,
        is_code_due,
        receipt: (phase == Phase::Bought)
            .then(|| Receipt::of(&order, completed_at(&history), locale))
            .flatten(),
        refunded: order.refunded.as_ref().filter(|refunded| refunded.amount > 0).map(money),
        money: payment.as_ref().filter(|_| is_over).map(money_words),
        again,
        others,
        history: steps(&history, locale),
        frame: Frame::new(site, visitor, locale.say(words.title)).section("orders").hidden().notice(notice),
    };
    Ok(Page(shown))
}

impl Found {
    async fn of(asking: Asking<'_>, id: OrderId) -> Result<Self, Failure> {
        let (order, history) = futures::join!(asking.order(id), asking.order_history(id));
        let order = order?;
        let payment = async {
            let may_be_paid = matches!(order.status, OrderStatus::AwaitingPayment | OrderStatus::Cancelled);
            if may_be_paid { Some(asking.payment(id).await) } else { None }
        };
        let ticket = async {
            let is_settled = matches!(order.status, OrderStatus::Complete | OrderStatus::Cancelled);
            match &order.ticket {
                Some(ticket) if is_settled => asking.ticket(ticket.id).await.ok(),
                _ => None,
            }
        };
        let (payment, ticket) = futures::join!(payment, ticket);
        Ok(Self { payment, ticket, history: history.unwrap_or_default(), order })
    }
}

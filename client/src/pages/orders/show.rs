//! The page of one order, in each of its states: asked for, held, being paid, the ticket itself, and over.

use askama::Template;
use axum::extract::{Path, Query, State};
use contracts::{Money, OrderId, Timestamp};
use serde::Deserialize;
use uuid::Uuid;

use super::admission::{Admission, Receipt};
use super::again::{Again, others};
use super::cards::{CARDS, Card};
use super::found::Found;
use super::history::{Step, completed_at, steps};
use super::order_id;
use super::phase::{Phase, money_words, patience};
use super::slip::Slip;
use crate::api::{PaymentStatus, TicketStatus};
use crate::form::Form;
use crate::frame::{Frame, Page};
use crate::locale::Locale;
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
    let found = Found::of(asking, id, site.runtime()).await?;
    let phase = Phase::of(&found.order, found.known_payment());
    let again = found.wished_for().and_then(|ticket| Again::of(ticket, site, locale));
    let others = match found.wished_for() {
        Some(ticket) if again.is_none() => others(asking, &ticket.title, ticket.id, locale, now).await,
        _ => Vec::new(),
    };
    let holding = (phase == Phase::Held).then(|| Holding::of(&found, site, locale));
    let Found { order, payment, ticket, history } = found;
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
        holding,
        can_cancel: matches!(phase, Phase::Asking | Phase::Held),
        form,
        admission,
        is_code_due,
        receipt: (phase == Phase::Bought)
            .then(|| Receipt::of(&order, completed_at(&history), locale))
            .flatten(),
        refunded: order.refunded.as_ref().filter(|refunded| refunded.amount > 0).map(money),
        money: payment.as_ref().filter(|_| phase == Phase::Over).map(money_words),
        again,
        others,
        history: steps(&history, locale),
        frame: Frame::new(site, visitor, locale.say(words.title))
            .section("orders")
            .about(locale.say(words.lead))
            .notice(notice),
    };
    Ok(Page(shown))
}

impl Holding {
    fn of(found: &Found, site: &Site, locale: &Locale) -> Self {
        let payment = found.known_payment();
        Self {
            until: found.order.expires_at,
            hour: locale.customs.hour(found.order.expires_at),
            seconds_left: found.order.seconds_left,
            cards: &CARDS,
            key: site.runtime().new_id(),
            waits_for_bank: payment.is_some_and(|payment| payment.status == PaymentStatus::RequiresAction),
        }
    }
}

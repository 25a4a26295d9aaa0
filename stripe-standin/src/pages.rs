//! Pages that Stripe shows to the buyer, one module for each.

mod three_d_secure;

use axum::Router;

use crate::app::App;

pub(crate) fn router() -> Router<App> {
    three_d_secure::router()
}

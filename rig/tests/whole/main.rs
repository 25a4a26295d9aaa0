//! The whole shop on real servers, each test in a shop of its own.
#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]
#![expect(clippy::disallowed_methods, reason = "people really wait and really look at the clock")]

mod accounts;
mod attacks;
mod bad_input;
mod expiry;
mod limits;
mod live;
mod lost_stream;
mod no_sale;
mod purchase;
mod refused;
mod replay;
mod revocations;
mod rotation;
mod rush;
mod secrets;
mod sign_in_limits;
mod told;

use std::time::Duration;

use rig::{Checked, Options, Person};

/// Longer than anything takes on a busy machine.
const SOON: Duration = Duration::from_secs(20);

async fn shop(options: Options) -> Checked {
    Checked::open(options).await.unwrap()
}

async fn seller_and_buyer(shop: &Checked) -> (Person, Person) {
    let (seller, buyer) = tokio::join!(shop.person(), shop.person());
    (seller.unwrap(), buyer.unwrap())
}

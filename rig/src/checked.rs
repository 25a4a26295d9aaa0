//! A shop in a test. A test that ends well has to leave it at rest; the logs of one that does not are kept.

use std::{ops::Deref, thread, time::Duration};

use crate::{
    error::Result,
    shop::{Options, Shop},
};

const SETTLES_WITHIN: Duration = Duration::from_secs(30);

pub struct Checked(Shop);

impl Checked {
    pub async fn open(options: Options) -> Result<Self> {
        Shop::open(options).await.map(Self)
    }
}

impl Deref for Checked {
    type Target = Shop;

    fn deref(&self) -> &Shop {
        &self.0
    }
}

impl Drop for Checked {
    fn drop(&mut self) {
        let has_failed = thread::panicking();
        let violations = if has_failed { Vec::new() } else { in_own_runtime(&self.0) };
        if violations.is_empty() && !has_failed {
            return;
        }
        let told = format!("the logs of the shop are in {}", self.0.keep_folder().join("log").display());
        if has_failed {
            eprintln!("{told}");
        } else {
            panic!("the shop did not settle:\n{}\n{told}", violations.join("\n"));
        }
    }
}

/// A runtime of its own, since a drop cannot wait in the one it happens in.
fn in_own_runtime(shop: &Shop) -> Vec<String> {
    let look = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        match runtime {
            Ok(runtime) => runtime.block_on(async {
                match shop.reopened().await {
                    Ok(behind) => Shop::violations_of(&behind, SETTLES_WITHIN).await,
                    Err(error) => vec![error.to_string()],
                }
            }),
            Err(error) => vec![error.to_string()],
        }
    };
    thread::scope(|scope| scope.spawn(look).join().unwrap_or_else(|_| vec!["looking panicked".to_owned()]))
}

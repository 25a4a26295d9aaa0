//! What Lighthouse says of the pages that matter most: the listings, a ticket and the checkout.

use std::path::PathBuf;

use browser::Lighthouse;
use clap::Args;

use super::{Stage, stops::STOPS};
use crate::error::Result;

const LOOKED_AT: [&str; 3] = ["listings", "ticket", "checkout"];

#[derive(Args, Clone, Debug)]
pub struct Lighthouses {
    /// Where the whole reports are kept
    #[arg(long, default_value = ".stagedoor/lighthouse")]
    into: PathBuf,
}

/// Opens a shop, has it looked at as on a phone and as on a desk, and prints the marks.
#[expect(clippy::print_stdout, reason = "it is what the command is for")]
pub async fn lighthouse(options: Lighthouses) -> Result<()> {
    let stage = Stage::set().await?;
    println!("                        performance  accessibility  best practices  seo");
    for stop in STOPS.iter().filter(|stop| LOOKED_AT.contains(&stop.name)) {
        for (how, lighthouse) in [("phone", Lighthouse::new()), ("desktop", Lighthouse::new().desktop())] {
            let cookies = stage.cookies(stop.who);
            let header: Vec<_> =
                cookies.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
            let lighthouse =
                if header.is_empty() { lighthouse } else { lighthouse.header("Cookie", header.join("; ")) };
            let url = format!("{}{}", stage.origin(), stage.path(stop).await?);
            let report = lighthouse.look_at(&url, options.into.join(format!("{}-{how}", stop.name))).await?;
            let name = format!("{} ({how})", stop.name);
            println!(
                "{name:<22}  {:>11}  {:>13}  {:>14}  {:>3}",
                report.performance, report.accessibility, report.best_practices, report.seo
            );
            for finding in report.findings {
                println!("    {}", finding.to_string().replace('\n', "\n    "));
            }
        }
    }
    Ok(())
}

//! `verify`.

use crate::Failure;
use crate::commands::Servers;
use crate::terminal::Terminal;

#[derive(clap::Args)]
pub(crate) struct Arguments {}

pub(crate) async fn run(_: &Servers, _: Arguments, _: &mut Terminal) -> Result<(), Failure> {
    Err(Failure::BadInput("this command is not built yet".to_owned()))
}

//! `stagedoor-replay`: whatever goes wrong is one sentence and a status.

use std::process::ExitCode;

use clap::Parser as _;
use replay::Failure;
use replay::commands::CommandLine;

#[tokio::main]
async fn main() -> ExitCode {
    match CommandLine::parse().run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !matches!(failure, Failure::NobodyReads) {
                anstream::eprintln!("stagedoor-replay: {failure}");
            }
            failure.exit_code()
        }
    }
}

//! `cargo xtask`: every chore of this repository, from a running shop to the checks of a change.
#![expect(
    clippy::disallowed_methods,
    reason = "a tool at the terminal: it really reads the environment and waits"
)]

mod check;
mod demo;
mod fetch;
mod keys;
mod replay;
mod report;
mod rig;
mod running;
mod seed;
mod shopper;
mod simulate;
mod test;
mod up;
mod workspace;

use std::{ffi::OsString, process::ExitCode};

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "Every chore of this repository")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the whole shop, with demo data, and keep it running until Ctrl-C
    Up(up::Options),
    /// Stop the shop that runs
    Down,
    /// Make one purchase in the running shop and tell it as it happens
    Demo,
    /// The keys that access tokens are signed with: list them, rotate them, retire the old ones
    Keys {
        #[command(subcommand)]
        command: keys::Keys,
    },
    /// Run all tests, on real servers; arguments go to `cargo nextest run`
    Test {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Formatting, lints, documentation, and the rules of this repository
    Check(check::Options),
    /// Simulate histories of the whole shop in which everything goes wrong; `--help` for its arguments,
    /// `--compare-builds` to see that a seed is one history in every build
    Simulate {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Break things while people buy, and count what is left; arguments go to the rig
    Chaos {
        /// Break the programs that the tests run, in place of those that are built to be fast
        #[arg(long)]
        debug: bool,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Let everybody order every ticket at once, and see who got it; arguments go to the rig
    Rush {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Ask each service whatever its OpenAPI document permits, and what it does not; arguments go to the rig
    Fuzz {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Look at the pages in a real browser: `pictures`, `lighthouse`, `axe`; arguments go to the rig
    Site {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Ask the running shop what happened; arguments go to the replay tool, `--help` lists them
    Replay {
        /// Ask with a program that is built to be fast
        #[arg(long)]
        release: bool,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Measure; arguments go to the rig
    Bench {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Up(options) => up::up(&options),
        Command::Down => up::down(),
        Command::Demo => demo::demo(),
        Command::Keys { command } => keys::keys(&command),
        Command::Test { arguments } => test::test(&arguments),
        Command::Check(options) => check::check(&options),
        Command::Simulate { arguments } => simulate::simulate(&arguments),
        Command::Chaos { debug, arguments } => rig::rig("chaos", !debug, &arguments),
        Command::Rush { arguments } => rig::rig("rush", true, &arguments),
        Command::Fuzz { arguments } => rig::rig("fuzz", false, &arguments),
        Command::Site { arguments } => rig::rig("site", true, &arguments),
        Command::Replay { release, arguments } => replay::replay(release, &arguments),
        Command::Bench { arguments } => rig::rig("bench", true, &arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::complain(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

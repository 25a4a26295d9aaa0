//! The auth service, and what makes and changes its keys.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use auth::config::Config;
use auth::keys::{self, Standing};
use clap::{Parser, Subcommand};
use runtime::{Runtime, TokioTasks};
use service::config::Environment;

#[derive(Parser)]
#[command(about = "Accounts and sessions")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Makes signing-key.pem and jwks.json in a directory, unless they are there
    #[command(name = "make-keys")]
    Make { directory: PathBuf },
    /// Publishes a new key, signs with it a little later, and keeps the old one until its last token has expired
    #[command(name = "rotate-keys")]
    Rotate {
        directory: PathBuf,
        /// How long every service has to read the new public key before it is signed with
        #[arg(long, default_value_t = keys::PUBLISHED_FOR.as_secs())]
        published_seconds: u64,
    },
    /// Withdraws the keys that no good token is signed with any more
    #[command(name = "retire-keys")]
    Retire {
        directory: PathBuf,
        /// All but the one that signs, though there may be good tokens of theirs: when a key was stolen
        #[arg(long)]
        at_once: bool,
    },
    /// Lists the public keys, and what each is there for
    #[command(name = "list-keys")]
    List { directory: PathBuf },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    if let Some(command) = Arguments::parse().command {
        return command.run().await;
    }
    let _telemetry = service::telemetry::init("auth")?;
    let config = Config::read(Environment::from_process())?;
    auth::run(config, service::stop::on_signals()).await
}

impl Command {
    async fn run(self) -> anyhow::Result<()> {
        let runtime = Runtime::real(TokioTasks::default());
        let mut out = io::stdout();
        match self {
            Self::Make { directory } => keys::make(&directory)?,
            Self::Rotate { directory, published_seconds } => {
                let published_for = Duration::from_secs(published_seconds);
                let id = keys::rotate(&directory, published_for, &runtime).await?;
                writeln!(out, "{id} signs from now on")?;
            }
            Self::Retire { directory, at_once } => {
                let withdrawn = keys::retire(&directory, runtime.now(), at_once)?;
                for id in &withdrawn {
                    writeln!(out, "{id} is withdrawn")?;
                }
                if withdrawn.is_empty() {
                    writeln!(out, "no key is to be withdrawn yet")?;
                }
            }
            Self::List { directory } => {
                for key in keys::list(&directory)? {
                    let standing = match key.standing {
                        Standing::Signs => "signs".to_owned(),
                        Standing::Next => "is published, and about to sign".to_owned(),
                        Standing::Until(until) => format!("signs no more, and is needed until {until}"),
                        Standing::Old => "signs no more".to_owned(),
                    };
                    writeln!(out, "{} {standing}", key.id)?;
                }
            }
        }
        Ok(())
    }
}

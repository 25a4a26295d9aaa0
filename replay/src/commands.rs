//! The command line: what can be asked, and who answers it.

use clap::{Parser, Subcommand};
use service::config::Environment;

use crate::terminal::Terminal;
use crate::{
    Failure, dead, diff, explore, export, import, lag, ls, rebuild, recover, republish, sandbox, schema,
    serve, state, step, stores, story, stream, tail, verify, why,
};

/// Tells what happened in the shop, from the events alone
#[derive(Parser)]
#[command(name = "stagedoor-replay", version, max_term_width = 110)]
pub struct CommandLine {
    #[command(flatten)]
    pub servers: Servers,
    #[command(subcommand)]
    command: Command,
}

/// Where everything is. Nobody is written to but by the commands that say so.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Servers {
    #[command(flatten)]
    pub stream: stream::Where,
    #[command(flatten)]
    pub stores: stores::Where,
    /// Redis, where expiration keeps its timers and its dead letters
    #[arg(long, env = "REDIS_URL", hide_env_values = true, value_name = "URL", global = true)]
    pub redis_url: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// List events, the oldest first
    Ls(ls::Arguments),
    /// Print events as they come
    Tail(tail::Arguments),
    /// Tell one matter over all services, each event behind its cause
    Story(story::Arguments),
    /// Show an aggregate as it is, or was
    State(state::Arguments),
    /// Go through an aggregate's history event by event, and see what each changed
    Step(step::Arguments),
    /// Say why a ticket is in the state that it is in
    Why(why::Arguments),
    /// Look at everything in a full-screen view
    Explore(explore::Arguments),
    /// Hold stores, stream and promises against each other
    Verify(verify::Arguments),
    /// Replay a history in memory, as it was or as it might have been
    Sandbox(Box<sandbox::Arguments>),
    /// Say what this build would have decided otherwise than the one that recorded a history
    Diff(diff::Arguments),
    /// Write a part of the stream to a file, without what is personal
    Export(export::Arguments),
    /// Tell an empty stream what a recording holds
    Import(import::Arguments),
    /// Say how far each consumer is
    Lag(lag::Arguments),
    /// Show dead letters, try them again, or discard them
    Dead(dead::Arguments),
    /// Fold a service's states again from their events
    Rebuild(rebuild::Arguments),
    /// Tell the stream again what the stores know
    Republish(republish::Arguments),
    /// Bring a store that was restored from an older copy up to the stream
    Recover(recover::Arguments),
    /// The catalogue of events, and what of the stream this build could not read
    Schema(schema::Arguments),
    /// Serve `/api/events` to admins; the environment says where
    Serve,
}

impl CommandLine {
    pub async fn run(self) -> Result<(), Failure> {
        let (servers, mut terminal) = (self.servers, Terminal::standard());
        let terminal = &mut terminal;
        match self.command {
            Command::Ls(arguments) => ls::run(&servers, arguments, terminal).await,
            Command::Tail(arguments) => tail::run(&servers, arguments, terminal).await,
            Command::Story(arguments) => story::run(&servers, arguments, terminal).await,
            Command::State(arguments) => state::run(&servers, arguments, terminal).await,
            Command::Step(arguments) => step::run(&servers, arguments, terminal).await,
            Command::Why(arguments) => why::run(&servers, arguments, terminal).await,
            Command::Explore(arguments) => explore::run(&servers, arguments, terminal).await,
            Command::Verify(arguments) => verify::run(&servers, arguments, terminal).await,
            Command::Sandbox(arguments) => sandbox::run(&servers, *arguments, terminal).await,
            Command::Diff(arguments) => diff::run(&servers, arguments, terminal).await,
            Command::Export(arguments) => export::run(&servers, arguments, terminal).await,
            Command::Import(arguments) => import::run(&servers, arguments, terminal).await,
            Command::Lag(arguments) => lag::run(&servers, arguments, terminal).await,
            Command::Dead(arguments) => dead::run(&servers, arguments, terminal).await,
            Command::Rebuild(arguments) => rebuild::run(&servers, arguments, terminal).await,
            Command::Republish(arguments) => republish::run(&servers, arguments, terminal).await,
            Command::Recover(arguments) => recover::run(&servers, arguments, terminal).await,
            Command::Schema(arguments) => schema::run(&servers, arguments, terminal).await,
            Command::Serve => serve_admins().await,
        }
    }
}

async fn serve_admins() -> Result<(), Failure> {
    let served = async {
        let _telemetry = service::telemetry::init(crate::SERVICE)?;
        let config = serve::Config::read(Environment::from_process())?;
        serve::serve(config, service::stop::on_signals()).await
    };
    served.await.map_err(|error| Failure::unreachable("the server", format!("ended: {error:#}")))
}

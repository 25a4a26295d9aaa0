//! `simulate`: many histories of the whole shop, each under its own seed.
#![expect(clippy::disallowed_methods, reason = "how fast it goes is told")]

mod report;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;
use simulation::{Campaign, Mutant, Plan, Tally, Violation, shrink};

use report::{Caught, say};

/// Histories are made of small things that do not live long.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// So many histories and more have to have met everything that is sometimes so.
const ENOUGH: u64 = 10_000;
const TELL_EVERY: Duration = Duration::from_secs(1);

/// Runs histories of the whole shop, in which everything goes wrong that can, and says what did not hold.
#[derive(Parser)]
struct Arguments {
    /// How many histories; of a mutant, at most so many
    #[arg(long, default_value_t = ENOUGH)]
    histories: u64,
    /// The first seed; the others follow it
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// A shop that lacks this safeguard, which is to be noticed; `all` for one after the other
    #[arg(long)]
    mutant: Option<Chosen>,
    /// How many at once; as many as there are cores unless told
    #[arg(long)]
    jobs: Option<usize>,
    /// Print what happened in the first history, whatever became of it
    #[arg(long)]
    tell: bool,
    /// Print each seed with the trace of its history
    #[arg(long)]
    traces: bool,
    /// Write the table of mutants to this file
    #[arg(long, requires = "mutant")]
    table: Option<PathBuf>,
}

#[derive(Clone, Copy)]
enum Chosen {
    One(Mutant),
    All,
}

impl std::str::FromStr for Chosen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "all" {
            return Ok(Self::All);
        }
        let names = || Mutant::ALL.iter().map(|mutant| mutant.name()).collect::<Vec<_>>().join(", ");
        Mutant::named(text).map(Self::One).ok_or_else(|| format!("there are: all, {}", names()))
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // What a history panics with is told with its seed.
    std::panic::set_hook(Box::new(|_| {}));
    let is_good = match arguments.mutant {
        _ if arguments.tell => tell(&arguments),
        _ if arguments.traces => traces(&arguments),
        None => shop(&arguments),
        Some(Chosen::One(mutant)) => mutants(&arguments, &[mutant]),
        Some(Chosen::All) => mutants(&arguments, Mutant::ALL),
    };
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Arguments {
    fn campaign(&self, mutant: Option<Mutant>) -> Campaign {
        let cores = || thread::available_parallelism().map_or(1, usize::from);
        Campaign {
            first_seed: self.seed,
            histories: self.histories,
            mutant,
            jobs: self.jobs.unwrap_or_else(cores),
        }
    }

    fn one(&self) -> Option<Mutant> {
        match self.mutant {
            Some(Chosen::One(mutant)) => Some(mutant),
            Some(Chosen::All) | None => None,
        }
    }
}

/// The shop as it is.
fn shop(arguments: &Arguments) -> bool {
    let campaign = arguments.campaign(None);
    let begun_at = Instant::now();
    let tally = run(&campaign, begun_at);
    say(&report::tally(&tally, begun_at.elapsed()));
    if let Some((seed, violation)) = &tally.failure {
        explain(*seed, None, violation);
        return false;
    }
    let never: Vec<String> = tally.never().map(|sometimes| sometimes.to_string()).collect();
    if tally.histories >= ENOUGH && !never.is_empty() {
        say(&format!("never in {} histories:\n  {}", tally.histories, never.join("\n  ")));
        return false;
    }
    true
}

fn mutants(arguments: &Arguments, mutants: &[Mutant]) -> bool {
    let mut table = Vec::new();
    for mutant in mutants {
        let begun_at = Instant::now();
        let tally = arguments.campaign(Some(*mutant)).run(|_| {});
        let caught = Caught { mutant: *mutant, by: tally.failure };
        say(&caught.told(tally.histories, begun_at.elapsed()));
        if let (Some((seed, violation)), 1) = (&caught.by, mutants.len()) {
            explain(*seed, Some(*mutant), violation);
        }
        table.push(caught);
    }
    let survived = table.iter().filter(|caught| caught.by.is_none()).count();
    say(&format!("{} of {} mutants were caught", table.len() - survived, table.len()));
    if let Some(path) = &arguments.table
        && let Err(error) = std::fs::write(path, report::table(&table))
    {
        say(&format!("{}: {error}", path.display()));
        return false;
    }
    survived == 0
}

fn tell(arguments: &Arguments) -> bool {
    let outcome = Plan::of(arguments.seed).with(arguments.one()).told();
    say(&outcome.story.map(|story| story.diagram()).unwrap_or_default());
    match &outcome.violation {
        Some(violation) => say(&report::violation(violation)),
        None => say(&format!("all held, in {} steps with {} faults", outcome.steps, outcome.faults)),
    }
    outcome.violation.is_none()
}

fn traces(arguments: &Arguments) -> bool {
    for number in 0..arguments.histories {
        let seed = arguments.seed.wrapping_add(number);
        let outcome = Plan::of(seed).with(arguments.one()).run();
        say(&format!("{seed} {:016x} {}", outcome.trace, outcome.steps));
    }
    true
}

fn run(campaign: &Campaign, begun_at: Instant) -> Tally {
    let told_at = Mutex::new(begun_at);
    campaign.run(|done| {
        // Whoever finds it locked leaves the telling to the other.
        let Ok(mut told_at) = told_at.try_lock() else { return };
        if told_at.elapsed() >= TELL_EVERY {
            *told_at = Instant::now();
            eprint!("\r{}", report::progress(done, campaign.histories, begun_at.elapsed()));
        }
    })
}

/// The same failure, as small as it gets.
fn explain(seed: u64, mutant: Option<Mutant>, violation: &Violation) {
    say(&format!("\nseed {seed}: {}", report::violation(violation)));
    let plan = Plan::of(seed).with(mutant);
    let small = shrink(&plan, violation);
    let outcome = small.told();
    if let Some(story) = &outcome.story {
        say(&format!("\nthe smallest history found that fails alike, in {} steps:\n", outcome.steps));
        say(&story.diagram());
    }
    if let Some(violation) = &outcome.violation {
        say(&report::violation(violation));
    }
    let mutant = mutant.map(|mutant| format!(" --mutant {mutant}")).unwrap_or_default();
    say(&format!("\nagain: cargo xtask simulate --seed {seed} --histories 1{mutant}"));
}

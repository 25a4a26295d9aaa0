//! What happened in whatever order is replayed in that order, from what was recorded of it alone.

use std::sync::Arc;

use contracts::Timestamp;
use history::Entry;
use messaging::{Numbered, Parcel, Stored};

use crate::sandbox::changes::Changes;
use crate::sandbox::outcome::Outcome;
use crate::sandbox::past::Past;
use crate::sandbox::plan::Plan;
use crate::sandbox::run::Run;
use crate::sandbox::search::at_random;
use crate::sandbox::tests::recorded::{HISTORIES, past};

fn recorded_anew(run: &Run) -> Past {
    let entries = run.said.iter().enumerate().filter_map(|(number, said)| {
        let parcel = Parcel::Handed(Arc::new(said.message.clone()));
        let stored = Stored { parcel, stored_at: Timestamp::from_millis(0) };
        Entry::read(&Numbered { sequence: number as u64 + 1, stored })
    });
    Past::new(Vec::new(), entries.collect()).unwrap()
}

/// What was heard without effect leaves no trace, so now and then an order cannot be known again.
#[test]
fn a_history_in_any_order_comes_out_as_it_was_recorded() {
    let (mut alike, mut all) = (0, 0);
    for (name, _) in HISTORIES {
        let plan = Arc::new(Plan::new(past(name), None));
        for seed in 0..60 {
            let tried = at_random(&plan, &Changes::default(), seed).unwrap();
            let again = Arc::new(Plan::new(recorded_anew(&tried.run), None));
            let mut run = Run::new(&again, Changes::default()).unwrap();
            run.finish(|_, _| false);
            let differences = Outcome::of_past(&again.past).deviations(&Outcome::of_run(&run, true));
            all += 1;
            alike += usize::from(differences.is_empty());
            if !differences.is_empty() {
                println!("{name} {seed}: {}", differences.len());
                println!("  by {}: {:?}", tried.order, differences.first());
            }
        }
    }
    println!("{alike} of {all}");
    assert!(alike * 100 >= all * 97, "{alike} of {all}");
}

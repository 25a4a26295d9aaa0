//! The table of mutants names those that there are; and a mutant is noticed, told, and made small.

use simulation::{Campaign, Mutant, Plan, shrink};

#[test]
fn the_table_names_every_mutant_and_what_it_lacks() {
    let table = include_str!("../MUTANTS.md");
    let rows: Vec<_> = table.lines().filter(|line| line.starts_with("| `")).collect();
    assert_eq!(rows.len(), Mutant::ALL.len());
    for (row, mutant) in rows.iter().zip(Mutant::ALL) {
        assert!(row.starts_with(&format!("| `{mutant}` | {} |", mutant.lacks())), "{row}");
        assert!(!row.contains("survived"), "{row}");
    }
}

#[test]
fn a_mutant_is_noticed_and_its_failure_made_smaller() {
    let mutant = Some(Mutant::ManualCapture);
    let tally = Campaign { first_seed: 0, histories: 200, mutant, jobs: 2 }.run(|_| {});
    let (seed, violation) = tally.failure.unwrap();
    assert_eq!(violation.invariant, "captured money belongs to an accepted or complete order");

    let plan = Plan::of(seed).with(mutant);
    let small = shrink(&plan, &violation);
    let (before, after) = (plan.run(), small.told());
    assert_eq!(after.violation.unwrap().invariant, violation.invariant);
    assert!(after.faults <= before.faults);
    // It takes no fault at all to see this one.
    assert!(small.only.is_none_or(|only| only.is_empty()));
    assert!(after.story.unwrap().diagram().contains("AuthorizationRequested"));
}

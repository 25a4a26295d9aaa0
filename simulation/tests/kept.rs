//! Seeds that once found something, and that a seed is one history.

use std::thread;

use simulation::{Campaign, Plan};

/// What each found when it was first run; a change of the world's conditions makes another history of it.
const KEPT: [(u64, &str); 6] = [
    (424, "an event stood on the stream twice after the stream was lost"),
    (241, "a message that was told again where another had stood was not heard"),
    (1_580, "the same"),
    (3_089, "the same"),
    (1_148_961, "what was told again, and lost once more, was not told again"),
    (235_407, "a service that had lost its marker went on hearing where another message stood"),
];

#[test]
fn what_was_once_found_does_not_come_back() {
    for (seed, found) in KEPT {
        assert_eq!(Plan::of(seed).run().violation, None, "seed {seed}, which once found: {found}");
    }
}

#[test]
fn a_seed_is_one_history_on_every_thread() {
    let traces = || -> Vec<_> {
        let run = |seed| {
            let outcome = Plan::of(seed).run();
            (outcome.trace, outcome.steps, outcome.took_us, outcome.placed)
        };
        (0..12).map(run).collect()
    };
    let here = traces();
    let there = thread::scope(|scope| {
        let runs = [scope.spawn(traces), scope.spawn(traces)];
        runs.map(|run| run.join().unwrap())
    });
    assert!(there.iter().all(|there| *there == here));
    let mut distinct: Vec<_> = here.iter().map(|(trace, ..)| trace).collect();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), here.len(), "each seed is a history of its own");
}

#[test]
fn a_history_is_long_enough_to_be_told() {
    let outcome = Plan::of(0).told();
    let story = outcome.story.unwrap();
    assert!(outcome.steps >= 200 && !story.is_empty());
    assert!(story.diagram().contains("from here on nothing goes wrong"));
}

#[test]
fn how_many_threads_there_are_makes_no_difference() {
    let tally = |jobs| Campaign { first_seed: 5, histories: 20, mutant: None, jobs }.run(|_| {});
    let (one, three) = (tally(1), tally(3));
    assert_eq!(one.failure, None);
    assert_eq!(
        (one.histories, one.steps, one.faults, one.met),
        (three.histories, three.steps, three.faults, three.met)
    );
}

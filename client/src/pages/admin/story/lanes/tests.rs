//! That a story is drawn so that it can be read.

use super::*;

const NAMES: [&str; 3] = ["first", "second", "third"];

fn step(lane: usize, millis: u64, cause: Option<usize>) -> Step {
    Step { lane, name: "Happened".to_owned(), since: Duration::from_millis(millis), cause, before: None }
}

fn drawn(steps: &[Step]) -> Drawing {
    draw(&NAMES, steps, |lapse| format!("{}", lapse.as_millis()))
}

/// Where a line begins and where it ends.
fn ends(line: &str) -> ((u32, u32), (u32, u32)) {
    let numbers: Vec<u32> = line
        .split(|character: char| !character.is_ascii_digit())
        .filter_map(|part| part.parse().ok())
        .collect();
    let begin = (numbers[0], numbers[1]);
    let end = if line.contains('V') {
        (begin.0, numbers[2])
    } else {
        (numbers[numbers.len() - 2], numbers[numbers.len() - 1])
    };
    (begin, end)
}

#[test]
fn time_goes_down_and_each_event_has_a_row_and_the_lane_of_its_service() {
    let drawing = drawn(&[step(1, 0, None), step(0, 5, Some(0)), step(1, 9, Some(1)), step(2, 9, Some(2))]);
    assert!(drawing.nodes.windows(2).all(|pair| pair[1].y - pair[0].y == ROW));
    let columns: Vec<_> = drawing.nodes.iter().map(|node| node.x).collect();
    let lanes: Vec<_> = drawing.lanes.iter().map(|lane| lane.x).collect();
    assert_eq!(columns, [lanes[1], lanes[0], lanes[1], lanes[2]]);
    assert!(drawing.nodes.iter().all(|node| node.x < drawing.width && node.y < drawing.height));
}

#[test]
fn a_line_runs_from_each_cause_to_what_came_of_it() {
    let drawing = drawn(&[step(0, 0, None), step(2, 5, Some(0)), step(1, 9, Some(1))]);
    let [cause, to_the_right, to_the_left] = &drawing.nodes[..] else { panic!("three events") };
    assert_eq!(drawing.lines.len(), 2);
    let ends: Vec<_> = drawing.lines.iter().map(|line| ends(line)).collect();
    assert_eq!(ends[0], ((cause.x, cause.y + RADIUS), (to_the_right.x - POINT, to_the_right.y)));
    assert_eq!(ends[1], ((to_the_right.x, to_the_right.y + RADIUS), (to_the_left.x + POINT, to_the_left.y)));
}

#[test]
fn what_nothing_in_the_story_caused_is_a_beginning() {
    let drawing = drawn(&[step(0, 0, None), step(1, 5, Some(0)), step(1, 9, None)]);
    let beginnings: Vec<_> = drawing.nodes.iter().map(|node| node.is_beginning).collect();
    assert_eq!(beginnings, [true, false, true]);
    assert_eq!(drawing.lines.len(), 1);
}

#[test]
fn what_nothing_in_the_story_caused_hangs_on_what_its_aggregate_said_before() {
    let after = |cause, before| Step { before, ..step(1, 5, cause) };
    let drawing = drawn(&[step(1, 0, None), after(None, Some(0)), after(Some(1), Some(1))]);
    let [first, second, _] = &drawing.nodes[..] else { panic!("three events") };
    assert_eq!((drawing.lines.len(), drawing.lives.len()), (1, 1));
    assert_eq!(ends(&drawing.lives[0]), ((first.x, first.y + RADIUS), (second.x, second.y - POINT)));
    assert!(second.is_beginning);
}

#[test]
fn a_line_within_a_lane_goes_around_what_stands_between() {
    let drawing = drawn(&[step(1, 0, None), step(1, 1, Some(0)), step(1, 2, Some(0))]);
    assert!(drawing.lines[0].contains('V'), "{}", drawing.lines[0]);
    assert!(drawing.lines[1].contains('C'), "{}", drawing.lines[1]);
    assert!(drawing.lines[1].contains(&(drawing.lanes[1].x - BEND).to_string()));
    let elsewhere = drawn(&[step(1, 0, None), step(2, 1, Some(0)), step(1, 2, Some(0))]);
    assert!(elsewhere.lines[1].contains('V'), "{}", elsewhere.lines[1]);
}

#[test]
fn a_name_stands_where_no_line_arrives() {
    let drawing = drawn(&[step(1, 0, None), step(2, 1, Some(0)), step(1, 2, Some(1)), step(0, 3, Some(2))]);
    let sides: Vec<_> = drawing.nodes.iter().map(|node| node.anchor).collect();
    // The first lane has no room on its left, where the times are.
    assert_eq!(sides, ["start", "start", "end", "start"]);
    assert!(drawing.nodes.iter().all(|node| (node.anchor == "end") == (node.name_x < node.x)));
}

#[test]
fn a_long_pause_is_said_and_has_room() {
    let drawing = drawn(&[step(0, 0, None), step(0, 900_000, Some(0)), step(0, 900_010, Some(1))]);
    assert_eq!(drawing.pauses.len(), 1);
    assert_eq!(drawing.pauses[0].lasted, "900000");
    let [before, after, last] = &drawing.nodes[..] else { panic!("three events") };
    assert!(before.y < drawing.pauses[0].y && drawing.pauses[0].y < after.y);
    assert!(after.y - before.y > last.y - after.y);
}

#[test]
fn clocks_that_disagree_make_no_pause_and_a_cause_that_is_not_drawn_no_line() {
    let drawing = drawn(&[step(0, 2_500, None), step(1, 0, Some(0)), step(0, 2_600, Some(7))]);
    assert_eq!(drawing.pauses.len(), 1);
    assert_eq!(drawing.lines.len(), 1);
    assert!(drawing.nodes[2].is_beginning);
}

#[test]
fn a_story_of_nothing_is_only_its_lanes() {
    let drawing = drawn(&[]);
    assert_eq!((drawing.lanes.len(), drawing.nodes.len(), drawing.height), (3, 0, TOP));
}

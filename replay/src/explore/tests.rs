//! What is shown, without a terminal: what cannot be timed there, and what it would take too long to type.

use std::sync::Arc;

use contracts::Timestamp;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use eventsourcing::Actor;
use history::{Entry, Story, Told};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde_json::json;
use uuid::Uuid;

use super::draw::words::{cut, width, wrapped};
use super::draw::{Palette, draw};
use super::log::{MOST, in_view};
use super::model::Model;
use super::wish::{News, Page, Place, Wish};

const PAGE: u64 = 200;

fn entry(sequence: u64) -> Arc<Entry> {
    let event_type = if sequence.is_multiple_of(1_000) { "TicketSold" } else { "TicketUpdated" };
    Arc::new(Entry {
        sequence,
        stored_at: Timestamp::from_millis(0),
        category: "ticket".to_owned(),
        aggregate_id: Uuid::from_u128(u128::from(sequence % 7)),
        service: Some("tickets"),
        event_id: Uuid::from_u128(u128::from(sequence)),
        event_type: event_type.to_owned(),
        version: 1,
        data: json!({}),
        at: Timestamp::from_millis(0),
        correlation_id: Uuid::nil(),
        causation_id: Uuid::nil(),
        actor: Actor::Service("tickets".to_owned()),
        traceparent: None,
    })
}

/// Gives the log what it wishes for, of a stream that ends here; what else was wished for is handed back.
fn served(model: &mut Model, end: u64) -> Vec<Wish> {
    let mut others = Vec::new();
    loop {
        let wishes = model.wishes();
        if wishes.is_empty() {
            return others;
        }
        for wish in wishes {
            match wish {
                Wish::Page { window, place, .. } => {
                    let page = page(place, end);
                    model.hear(News::Page { window, place, page });
                }
                other => others.push(other),
            }
        }
    }
}

fn page(place: Place, end: u64) -> Page {
    let (from, to, at) = match place {
        Place::Newest => (end.saturating_sub(PAGE) + 1, end, None),
        Place::Before(before) => (before.saturating_sub(PAGE).max(1), before - 1, None),
        Place::After(after) => (after + 1, (after + PAGE).min(end), None),
        Place::Around(crate::moment::Moment::Sequence(at)) => {
            (at.saturating_sub(PAGE).max(1), (at + PAGE).min(end), Some(at))
        }
        Place::Around(other) => panic!("nobody goes to {other:?} here"),
    };
    let entries = (from..=to).map(entry).collect();
    Page { entries, from, to, goes_on_before: from > 1, goes_on_after: to < end, at }
}

fn press(model: &mut Model, keys: &str) {
    for letter in keys.chars() {
        let code = match letter {
            '\r' => KeyCode::Enter,
            '\x1b' => KeyCode::Esc,
            letter => KeyCode::Char(letter),
        };
        model.press(KeyEvent::new(code, KeyModifiers::NONE));
    }
}

fn opened(end: u64) -> Model {
    let mut model = Model::of("the stream".to_owned(), true);
    served(&mut model, end);
    model
}

fn at(model: &Model) -> u64 {
    model.selected().unwrap().sequence
}

fn screen(model: &Model, size: (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
    terminal.draw(|frame| draw(model, Palette { is_coloured: true }, frame)).unwrap();
    terminal.backend().to_string()
}

#[test]
fn however_far_one_pages_no_more_than_so_many_events_are_held() {
    let end = 20_000;
    let mut model = opened(end);
    for _ in 0..end / 14 {
        model.press(KeyEvent::new(KeyCode::PageUp, KeyModifiers::NONE));
        served(&mut model, end);
        assert!(model.log.entries.len() <= MOST);
        assert!(
            model
                .log
                .entries
                .iter()
                .zip(model.log.entries.iter().skip(1))
                .all(|(a, b)| a.sequence + 1 == b.sequence)
        );
    }
    assert_eq!(at(&model), end - end / 14 * 14);
    for _ in 0..end / 14 {
        model.press(KeyEvent::new(KeyCode::PageDown, KeyModifiers::NONE));
        served(&mut model, end);
        assert!(model.log.entries.len() <= MOST);
    }
    assert_eq!(at(&model), end);
}

#[test]
fn what_was_pressed_before_a_part_was_read_counts_when_it_is() {
    let mut model = opened(5_000);
    press(&mut model, &"k".repeat(1_000));
    assert_eq!(at(&model), 4_801, "no more was read");
    served(&mut model, 5_000);
    assert_eq!(at(&model), 4_000);
}

#[test]
fn who_follows_is_taken_along_and_who_stays_is_not() {
    let mut model = opened(100);
    model.hear(News::Head(150));
    served(&mut model, 150);
    assert_eq!(at(&model), 150);
    press(&mut model, "k");
    model.hear(News::Head(5_000));
    served(&mut model, 5_000);
    assert_eq!(at(&model), 149);
    press(&mut model, "f");
    served(&mut model, 5_000);
    assert_eq!(at(&model), 5_000);
    assert!(model.log.entries.len() <= MOST);
}

#[test]
fn what_was_found_for_an_earlier_search_is_not_gone_to() {
    let mut model = opened(5_000);
    press(&mut model, "k/Admitted");
    let earlier = numbers(&served(&mut model, 5_000));
    press(&mut model, "x");
    let now = numbers(&served(&mut model, 5_000));
    model.hear(News::Found { number: *earlier.last().unwrap(), sequence: 3 });
    assert_eq!(at(&model), 4_999);
    model.hear(News::NotFound { number: *now.last().unwrap() });
    assert_eq!(model.said.as_ref().unwrap().text, "nothing matches");
}

fn numbers(wishes: &[Wish]) -> Vec<u64> {
    let number = |wish: &Wish| match wish {
        Wish::Find { number, .. } => Some(*number),
        _ => None,
    };
    wishes.iter().filter_map(number).collect()
}

#[test]
fn what_cannot_be_gone_to_is_said_once_and_not_tried_again() {
    let mut model = opened(50);
    press(&mut model, ":1\r:1m\r");
    let wishes = model.wishes();
    assert!(matches!(wishes[..], [Wish::Page { place: Place::Around(_), .. }]), "{wishes:?}");
    model.hear(News::Failed("that has not come yet".to_owned()));
    assert_eq!(model.said.as_ref().unwrap().text, "that has not come yet");
    press(&mut model, "?");
    assert!(served(&mut model, 50).is_empty());
    press(&mut model, "?k");
    assert_eq!(at(&model), 1, "one stays where one was");
}

#[test]
fn a_stream_that_is_another_is_read_anew() {
    let mut model = opened(500);
    press(&mut model, "\r");
    model.hear(News::AnotherStream);
    served(&mut model, 20);
    assert!(model.stack.is_empty());
    assert_eq!((at(&model), model.log.head), (20, 20));
}

#[test]
fn every_size_is_drawn_on_every_screen() {
    let mut model = opened(5_000);
    for keys in ["", "?", "\x1b/Sold\r", "\r", "s", "\x1b:nonsense"] {
        press(&mut model, keys);
        for wish in served(&mut model, 5_000) {
            if let Wish::Story(id) = wish {
                let told = |sequence| Told { entry: Entry::clone(&entry(sequence)), cause: Some(0) };
                let story =
                    Story { kind: "ticket".to_owned(), told: (1..40).map(told).collect(), is_whole: true };
                model.hear(News::Story { id, story: Some(Box::new(story)) });
                assert!(screen(&model, (80, 24)).contains("Story of ticket"));
            }
        }
        for width in (1..200).step_by(7) {
            for height in (1..60).step_by(3) {
                model.resize(width, height);
                let shown = screen(&model, (width, height));
                if width >= 60 {
                    assert_eq!(shown.contains("too small"), height < 14, "{width} × {height}: {shown}");
                }
            }
        }
    }
}

#[test]
fn words_are_cut_and_wrapped_by_what_they_take_on_a_screen() {
    assert_eq!(cut("TicketSold", 10), "TicketSold");
    assert_eq!(cut("TicketSold", 7), "Ticket…");
    assert_eq!(cut("日本語", 4), "日…");
    assert_eq!(cut("x", 0), "");
    assert_eq!(wrapped("+ name: \"a long value\"", 14), ["+ name: \"a", "  long value\""]);
    assert_eq!(wrapped("  abcdefghij", 6), ["  abcd", "   efg", "   hij"]);
    assert!(wrapped("日本語日本語", 5).iter().all(|line| width(line) <= 5));
    assert_eq!(wrapped("", 5), [""]);
}

#[test]
fn the_line_one_is_at_is_always_seen() {
    assert_eq!(in_view(0, 20, 10, 30), 11);
    assert_eq!(in_view(15, 3, 10, 30), 3);
    assert_eq!(in_view(25, 29, 10, 30), 20);
    assert_eq!(in_view(5, 0, 10, 0), 0);
}

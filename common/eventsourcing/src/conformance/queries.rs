//! Questions are answered alike by every store: each condition, both orders, page after page.

use std::time::Duration;

use contracts::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::counter::Status;
use super::{Bench, Counter, CounterEvent, id, promises, write};
use crate::{Clause, Cursor, Direction, Query};

promises! {
    every_condition_selects_what_it_says,
    conditions_are_all_to_be_met,
    text_is_found_as_it_is_written,
    text_is_the_whole_text_in_whatever_case,
    the_order_goes_both_ways_and_by_id_where_it_is_equal,
    pages_neither_lose_nor_repeat,
    what_lacks_the_sorted_field_stands_before_all_others,
    counting_does_not_mind_order_place_and_limit,
}

/// Counter n of the list, from 1, with this label and total, all in state `Open`.
async fn shelf(bench: &Bench, counters: &[(Option<&str>, i64)]) {
    for ((label, total), number) in counters.iter().zip(1..) {
        let state = Counter { status: Status::Open, label: label.map(str::to_owned), total: *total };
        let at = Timestamp::from_millis(1_800_000_000_000) + Duration::from_secs(number);
        let event = [CounterEvent::Added { amount: *total }];
        write(&*bench.store, id(number.into()), &state, 0, &event, at).await.unwrap();
    }
}

async fn found(bench: &Bench, query: Query) -> Vec<u128> {
    let snapshots = bench.store.find(&query).await.unwrap();
    snapshots.into_iter().map(|snapshot| snapshot.id.as_u128()).collect()
}

async fn every_condition_selects_what_it_says(bench: &Bench) {
    shelf(bench, &[(Some("a"), 1), (Some("b"), 2), (Some("c"), 3), (None, 4)]).await;
    let (total, label) = ("state.total", "state.label");
    let cases: [(Clause, &[u128]); 27] = [
        (Clause::Is(total, json!(2)), &[2]),
        (Clause::Is(label, json!("b")), &[2]),
        (Clause::Is(label, json!("B")), &[]),
        (Clause::Is(label, json!(2)), &[]),
        (Clause::Is(label, Value::Null), &[]),
        (Clause::Is("state.nowhere", json!("b")), &[]),
        (Clause::Is("state.nowhere", Value::Null), &[]),
        (Clause::Is("_id", json!(id(3))), &[3]),
        (Clause::In(total, vec![json!(1), json!(4), json!(9)]), &[1, 4]),
        (Clause::In(label, vec![json!("a"), Value::Null]), &[1]),
        (Clause::In(total, Vec::new()), &[]),
        (Clause::Below(total, json!(3)), &[1, 2]),
        (Clause::Below(label, json!("b")), &[1]),
        (Clause::Below(label, json!(9)), &[]),
        (Clause::AtLeast(total, json!(3)), &[3, 4]),
        (Clause::AtLeast(label, json!("")), &[1, 2, 3]),
        (Clause::AtLeast(label, Value::Null), &[]),
        (Clause::AtMost(total, json!(2)), &[1, 2]),
        (Clause::AtMost(label, Value::Null), &[]),
        (Clause::AtMost("created_at", json!("2027-01-15T08:00:02.000Z")), &[1, 2]),
        (Clause::Contains(label, "C".to_owned()), &[3]),
        (Clause::Contains(total, "1".to_owned()), &[]),
        (Clause::Reads(label, "C".to_owned()), &[3]),
        (Clause::Reads(label, String::new()), &[]),
        (Clause::Reads(total, "1".to_owned()), &[]),
        (Clause::Any(vec![Clause::Is(total, json!(4)), Clause::Is(label, json!("a"))]), &[1, 4]),
        (Clause::Any(Vec::new()), &[]),
    ];
    for (clause, expected) in cases {
        assert_eq!(found(bench, Query::new(10).filter(clause.clone())).await, expected, "{clause:?}");
        assert_eq!(bench.store.count(&Query::new(10).filter(clause)).await.unwrap(), expected.len() as u64);
    }
}

async fn conditions_are_all_to_be_met(bench: &Bench) {
    shelf(bench, &[(Some("a"), 1), (Some("b"), 1), (Some("c"), 2)]).await;
    let ones = Query::new(10).filter(Clause::Is("state.total", json!(1)));
    let not_a =
        Clause::Any(vec![Clause::Is("state.label", json!("b")), Clause::Is("state.label", json!("c"))]);
    assert_eq!(found(bench, ones.clone().filter(not_a.clone())).await, [2]);
    assert_eq!(found(bench, ones.clone().filter_if(None)).await, [1, 2]);
    // Two conditions on one field are two conditions.
    let between = Query::new(10)
        .filter(Clause::AtLeast("state.total", json!(2)))
        .filter(Clause::AtMost("state.total", json!(2)));
    assert_eq!(found(bench, between).await, [3]);
}

async fn text_is_found_as_it_is_written(bench: &Bench) {
    let labels = ["a.c", "abc", "A+B (live) [x]", "50% off\\ now^$", "Café Öl", "{2}|*?", "line\nbreak"];
    let counters: Vec<_> = labels.iter().map(|label| (Some(*label), 1)).collect();
    shelf(bench, &counters).await;
    let cases: [(&str, &[u128]); 16] = [
        ("a.c", &[1]),
        ("A.C", &[1]),
        ("bc", &[2]),
        (".*", &[]),
        ("+b (LIVE) [", &[3]),
        ("% off\\", &[4]),
        ("^$", &[4]),
        ("café ö", &[5]),
        ("CAFÉ Ö", &[5]),
        ("{2}|*?", &[6]),
        ("|", &[6]),
        ("\n", &[7]),
        ("e\nb", &[7]),
        ("\0", &[]),
        ("\\", &[4]),
        ("", &[1, 2, 3, 4, 5, 6, 7]),
    ];
    for (text, expected) in cases {
        let query = Query::new(10).filter(Clause::Contains("state.label", text.to_owned()));
        assert_eq!(found(bench, query).await, expected, "{text:?}");
    }
}

async fn text_is_the_whole_text_in_whatever_case(bench: &Bench) {
    let labels = ["Porto", "porto", "Porto Alegre", "São Paulo", "a.c", "abc", "Porto\n", ""];
    let counters: Vec<_> = labels.iter().map(|label| (Some(*label), 1)).collect();
    shelf(bench, &counters).await;
    let cases: [(&str, &[u128]); 9] = [
        ("PORTO", &[1, 2]),
        ("porto alegre", &[3]),
        ("alegre", &[]),
        ("SÃO PAULO", &[4]),
        ("A.C", &[5]),
        ("abc|porto", &[]),
        (".*", &[]),
        ("porto\n", &[7]),
        ("", &[8]),
    ];
    for (text, expected) in cases {
        let query = Query::new(10).filter(Clause::Reads("state.label", text.to_owned()));
        assert_eq!(found(bench, query).await, expected, "{text:?}");
    }
}

const TOTALS: [(Option<&str>, i64); 7] = [
    (Some("a"), 2),
    (Some("b"), 1),
    (Some("c"), 2),
    (Some("d"), 3),
    (Some("e"), 2),
    (Some("f"), 1),
    (Some("g"), -4),
];

async fn the_order_goes_both_ways_and_by_id_where_it_is_equal(bench: &Bench) {
    shelf(bench, &TOTALS).await;
    let by = |field, direction| Query::new(10).sort(field, direction);
    assert_eq!(found(bench, Query::new(10)).await, [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(found(bench, Query::new(3)).await, [1, 2, 3]);
    assert_eq!(found(bench, Query::new(0)).await, []);
    assert_eq!(found(bench, by("state.total", Direction::Ascending)).await, [7, 2, 6, 1, 3, 5, 4]);
    assert_eq!(found(bench, by("state.total", Direction::Descending)).await, [4, 5, 3, 1, 6, 2, 7]);
    assert_eq!(found(bench, by("created_at", Direction::Descending)).await, [7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(found(bench, by("_id", Direction::Descending)).await, [7, 6, 5, 4, 3, 2, 1]);
}

/// All of a list, in pages of this size, each asked for by the text of a cursor.
async fn in_pages(bench: &Bench, field: &'static str, direction: Direction, size: usize) -> Vec<u128> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let query = Query::new(size).sort(field, direction).after(after.clone());
        let page = bench.store.find(&query).await.unwrap();
        all.extend(page.iter().map(|snapshot| snapshot.id.as_u128()));
        let Some(last) = page.last() else { return all };
        let text = query.cursor(last.id, last).unwrap().encode();
        after = Some(Cursor::decode(&text).unwrap());
    }
}

async fn pages_neither_lose_nor_repeat(bench: &Bench) {
    shelf(bench, &TOTALS).await;
    for size in [1, 2, 3, 7, 8] {
        for (field, ascending) in [
            ("state.total", [7, 2, 6, 1, 3, 5, 4]),
            ("state.status", [1, 2, 3, 4, 5, 6, 7]),
            ("created_at", [1, 2, 3, 4, 5, 6, 7]),
            ("_id", [1, 2, 3, 4, 5, 6, 7]),
        ] {
            let descending: Vec<_> = ascending.iter().rev().copied().collect();
            assert_eq!(
                in_pages(bench, field, Direction::Ascending, size).await,
                ascending,
                "{field} by {size}"
            );
            assert_eq!(
                in_pages(bench, field, Direction::Descending, size).await,
                descending,
                "{field} by {size}"
            );
        }
    }
    // A cursor whose document is gone still has its place.
    let query = Query::new(10).sort("state.total", Direction::Ascending);
    let after = query.after(Some(Cursor(json!(1), Uuid::from_u128(4))));
    assert_eq!(found(bench, after).await, [6, 1, 3, 5, 4]);
}

async fn what_lacks_the_sorted_field_stands_before_all_others(bench: &Bench) {
    shelf(bench, &[(Some("b"), 1), (None, 2), (Some("a"), 3), (None, 4), (Some("c"), 5), (None, 6)]).await;
    for size in [1, 2, 3, 6] {
        let ascending = in_pages(bench, "state.label", Direction::Ascending, size).await;
        assert_eq!(ascending, [2, 4, 6, 3, 1, 5], "by {size}");
        let descending = in_pages(bench, "state.label", Direction::Descending, size).await;
        assert_eq!(descending, [5, 1, 3, 6, 4, 2], "by {size}");
    }
}

async fn counting_does_not_mind_order_place_and_limit(bench: &Bench) {
    shelf(bench, &TOTALS).await;
    let query = Query::new(1)
        .filter(Clause::Is("state.total", json!(2)))
        .sort("state.total", Direction::Descending)
        .after(Some(Cursor(json!(2), id(3))));
    assert_eq!(bench.store.count(&query).await.unwrap(), 3);
    assert_eq!(bench.store.count(&Query::new(0)).await.unwrap(), 7);
}

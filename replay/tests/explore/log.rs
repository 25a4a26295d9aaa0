//! The log: paged, searched, filtered, gone through.

use crate::script::{FILE, ORDERS, recorded};
use crate::terminal::Terminal;

const ENTER: &str = "\r";
const ESCAPE: &str = "\x1b";

#[test]
fn a_recording_opens_at_its_newest_event_and_fits_whatever_size_the_terminal_takes() {
    let folder = recorded();
    let terminal = Terminal::open(folder.path(), &["explore", "--recording", FILE], (80, 24));
    terminal.shows("log-80x24");
    terminal.resize((120, 40));
    terminal.shows("log-120x40");
    terminal.resize((50, 10));
    terminal.shows("too-small-50x10");
    terminal.resize((80, 24));
    terminal.shows("log-80x24");
    terminal.types("q");
    let (status, after) = terminal.ends();
    assert!(status.success(), "{status}");
    assert_eq!(after.trim(), "", "nothing is left on the screen that was there before");
}

#[test]
fn all_keys_are_told() {
    let folder = recorded();
    let terminal = Terminal::open(folder.path(), &["explore", "--recording", FILE], (80, 24));
    terminal.sees("#21029 of #21029");
    terminal.types("?");
    terminal.shows("help-80x24");
    terminal.types("?");
    terminal.shows("log-80x24");
}

#[test]
fn one_pages_through_a_log_that_is_never_held_whole() {
    let folder = recorded();
    let terminal = Terminal::open(folder.path(), &["explore", "--recording", FILE], (80, 24));
    terminal.sees("#21029 of #21029");
    terminal.types("k");
    terminal.is_at("21028");
    // A page is a line less than what is seen.
    terminal.types("\x1b[5~");
    terminal.is_at("21014");
    terminal.types("\x1b[6~j");
    terminal.is_at("21029");
    terminal.types("g");
    terminal.shows("log-first-80x24");
    terminal.types("G");
    terminal.is_at("21029");
    // Over the hole in what was recorded.
    terminal.types(":20003");
    terminal.types(ENTER);
    terminal.is_at("20003");
    terminal.types("kkkk");
    terminal.is_at("  499");
    terminal.types(":#700\r");
    terminal.sees("that is not shown here: this is #20001");
    terminal.is_at("20001");
    for _ in 0..100 {
        terminal.types("\x1b[5~");
    }
    terminal.is_at("    1");
    for _ in 0..150 {
        terminal.types("\x1b[6~");
    }
    terminal.is_at("21029");
}

#[test]
fn one_goes_to_a_time() {
    let folder = recorded();
    let terminal = Terminal::open(folder.path(), &["explore", "--recording", FILE], (80, 24));
    terminal.sees("#21029 of #21029");
    terminal.types(":2023-11-14T22:14:00Z\r");
    terminal.is_at("22:14:00");
    terminal.types(":2999-01-15T08:01:00Z\r");
    terminal.sees("has not come yet");
    terminal.types(":yesterday\r");
    terminal.sees("\"yesterday\" is no id, no place on the stream (#1234)");
}

#[test]
fn one_searches_as_one_types() {
    let folder = recorded();
    let terminal = Terminal::open(folder.path(), &["explore", "--recording", FILE], (80, 24));
    terminal.sees("#21029 of #21029");
    terminal.types("/order");
    terminal.is_at("21029");
    terminal.types("aw");
    terminal.is_at("OrderAwaitingPayment");
    terminal.shows("search-80x24");
    terminal.types("x");
    terminal.sees("nothing matches");
    terminal.types("\x7f");
    terminal.is_at("21020");
    // Capital letters are meant where some are written.
    terminal.types("\x15orderAw");
    terminal.sees("nothing matches");
    terminal.types("\x15OrderAw");
    terminal.is_at("21020");
    terminal.types(ENTER);
    terminal.types("N");
    terminal.is_at("21007");
    terminal.types("N");
    terminal.sees("nothing matches");
    terminal.types("n");
    terminal.is_at("21020");
    // By what stands in an event's data, in small letters, and far away over a hole.
    terminal.types("/somebody");
    terminal.is_at("OrderGifted");
    terminal.types(ESCAPE);
    terminal.is_at("21020");
    terminal.types("/revoked\r");
    terminal.is_at("    8");
    terminal.types("n");
    terminal.sees("nothing matches");
}

#[test]
fn only_what_matches_is_shown_where_that_is_wanted() {
    let folder = recorded();
    let terminal = Terminal::open(folder.path(), &["explore", "--recording", FILE], (80, 24));
    terminal.sees("#21029 of #21029");
    terminal.types("&");
    terminal.sees("nothing was searched for yet");
    terminal.types(&format!("/{}\r", ORDERS[1]));
    terminal.types("&");
    terminal.shows("only-80x24");
    terminal.types("g");
    terminal.is_at("OrderCreated");
    terminal.types(ESCAPE);
    terminal.sees("PaymentAuthorized");
}

#[test]
fn the_whole_ids_are_told() {
    let folder = recorded();
    let terminal = Terminal::open(folder.path(), &["explore", "--recording", FILE], (80, 24));
    terminal.sees("#21029 of #21029");
    terminal.types("y");
    terminal.sees("order 01970000-0000-7000-8000-0000000000a3\n");
    terminal.types("y");
    terminal.sees("\nevent 01970000-0000-7000-8000-000e00005225");
    terminal.types("yy");
    terminal.sees("\ncause 01970000-0000-7000-8000-000e00005223");
}

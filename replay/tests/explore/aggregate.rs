//! An aggregate: each version of it, and what made it so.

use crate::script::{FILE, ORDERS, recorded};
use crate::terminal::Terminal;

fn open(order: usize, size: (u16, u16)) -> (tempfile::TempDir, Terminal) {
    let folder = recorded();
    let id = ORDERS[order].to_string();
    let terminal = Terminal::open(folder.path(), &["explore", &id, "--recording", FILE], size);
    (folder, terminal)
}

#[test]
fn an_order_is_shown_as_it_was_after_each_event() {
    let (_folder, terminal) = open(0, (80, 24));
    terminal.shows("order-v4-80x24");
    terminal.types("\x1b[D");
    terminal.sees("State after v3");
    terminal.types("h");
    terminal.shows("order-v2-80x24");
    terminal.types("\x1b[H");
    terminal.shows("order-v1-80x24");
    terminal.types("l");
    terminal.shows("order-v2-80x24");
    terminal.types(":v4\r");
    terminal.shows("order-v4-80x24");
    terminal.types(":v9\r");
    terminal.sees("there is no v9");
    terminal.resize((120, 40));
    terminal.sees("22:38:55.100");
    terminal.types("\x1b[Hl");
    terminal.shows("order-v2-120x40");
}

#[test]
fn a_pane_that_is_longer_than_the_screen_is_scrolled() {
    let (_folder, terminal) = open(0, (80, 24));
    terminal.sees("v4 of v4");
    terminal.types("hh");
    terminal.shows("order-v2-80x24");
    terminal.types("\tG");
    terminal.shows("order-v2-difference-end-80x24");
    terminal.types("\tG");
    terminal.shows("order-v2-state-end-80x24");
    terminal.types("gd");
    terminal.shows("order-v2-said-80x24");
    terminal.types("\tG");
    terminal.sees("v4 of v4");
}

#[test]
fn what_this_build_cannot_read_is_said_and_changes_nothing() {
    let (_folder, terminal) = open(2, (80, 24));
    terminal.sees("v3 of v3");
    terminal.types("h");
    terminal.shows("unreadable-80x24");
    terminal.types("l");
    terminal.sees("State after v3");
}

#[test]
fn one_comes_to_it_from_the_log_and_goes_back() {
    let folder = recorded();
    let terminal = Terminal::open(folder.path(), &["explore", "--recording", FILE], (80, 24));
    terminal.sees("#21029 of #21029");
    terminal.types("k\r");
    terminal.shows("unreadable-80x24");
    terminal.types("q");
    terminal.is_at("OrderGifted");
    // A timer is kept by no service: its events are all there is.
    terminal.types("/OrderExpired\r\r");
    terminal.sees("no service of this build folds such events");
    terminal.types(&format!("\x1b:{}\r", ORDERS[0]));
    terminal.shows("order-v4-80x24");
    terminal.types(":01970000-0000-7000-8000-00000000dead\r");
    terminal.sees("nothing happened under 01970000-0000-7000-8000-00000000dead");
}

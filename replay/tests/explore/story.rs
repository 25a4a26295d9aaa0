//! A story: lanes, causes and effects.

use crate::script::{FILE, ORDERS, recorded};
use crate::terminal::Terminal;

fn open(order: usize, size: (u16, u16)) -> (tempfile::TempDir, Terminal) {
    let folder = recorded();
    let id = ORDERS[order].to_string();
    let terminal = Terminal::open(folder.path(), &["explore", &id, "--recording", FILE], size);
    terminal.sees(" of v");
    terminal.types("s");
    (folder, terminal)
}

#[test]
fn a_purchase_is_told_in_lanes() {
    let (_folder, terminal) = open(0, (80, 24));
    terminal.shows("purchase-80x24");
    terminal.resize((120, 40));
    terminal.shows("purchase-120x40");
}

#[test]
fn one_goes_from_effect_to_cause_and_back() {
    let (_folder, terminal) = open(1, (80, 24));
    terminal.shows("expiry-80x24");
    // It is told at the event that one comes from.
    terminal.is_at("OrderCancelled");
    terminal.types("e");
    terminal.sees("effect 1 of 2");
    terminal.is_at("TicketReleased");
    terminal.types("e");
    terminal.sees("effect 2 of 2");
    terminal.is_at("VoidRequested");
    terminal.types("e");
    terminal.is_at("TicketReleased");
    terminal.types("c");
    terminal.is_at("OrderCancelled");
    terminal.types("c");
    terminal.is_at("OrderExpired");
    terminal.types("c");
    terminal.sees("its cause is the request 01970000-0000-7000-8000-000c00000400");
    terminal.types("Ge");
    terminal.sees("nothing followed from it");
    terminal.types("g\r");
    terminal.sees("v1 of v3");
    terminal.types("\x1b");
    terminal.is_at("OrderCreated");
}

#[test]
fn what_a_request_led_to_is_told_when_it_is_asked_for() {
    let (_folder, terminal) = open(0, (80, 24));
    terminal.sees("Story of order");
    terminal.types("gS");
    terminal.shows("request-80x24");
    terminal.types("r");
    terminal.sees("Story of request");
    terminal.types("qqq");
    terminal.sees("Log of shop.ndjson");
}

//! The terminal is given back as it was, and what cannot be shown is said in one sentence.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Output};

use nix::sys::signal::Signal;

use crate::script::{FILE, ORDERS, recorded};
use crate::terminal::Terminal;

#[test]
fn whoever_is_told_to_stop_gives_the_terminal_back() {
    let folder = recorded();
    let terminal = Terminal::open(folder.path(), &["explore", "--recording", FILE], (80, 24));
    terminal.sees("#21029 of #21029");
    terminal.signal(Signal::SIGTERM);
    let (status, _) = terminal.ends();
    assert_eq!((status.code(), status.signal()), (Some(0), None));
}

#[test]
fn escape_and_control_c_leave_too() {
    let folder = recorded();
    for keys in ["\x1b", "\x03"] {
        let terminal = Terminal::open(folder.path(), &["explore", "--recording", FILE], (80, 24));
        terminal.sees("#21029 of #21029");
        terminal.types(keys);
        assert!(terminal.ends().0.success(), "{keys:?}");
    }
}

#[test]
fn colours_are_left_out_where_they_are_not_wanted() {
    let folder = recorded();
    let arguments = ["explore", "--recording", FILE];
    let coloured = Terminal::open(folder.path(), &arguments, (80, 24));
    coloured.shows("log-80x24");
    assert!(coloured.colours() >= 3, "{}", coloured.colours());
    let plain = Terminal::open_with(folder.path(), &arguments, (80, 24), &[("NO_COLOR", "1")]);
    plain.shows("log-80x24");
    plain.is_at("21029");
    assert_eq!(plain.colours(), 0);
}

fn told(arguments: &[&str]) -> Output {
    let folder = recorded();
    let mut command = Command::new(env!("CARGO_BIN_EXE_stagedoor-replay"));
    command.args(arguments).current_dir(folder.path()).env_clear().output().unwrap()
}

#[test]
fn where_there_is_no_terminal_nothing_is_drawn() {
    let output = told(&["explore", "--recording", FILE]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(output.stdout, b"");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("explore draws on a whole terminal, and standard output is none"), "{said}");
}

#[test]
fn what_is_not_there_is_said_before_anything_is_drawn() {
    let folder = recorded();
    let nobody = "01970000-0000-7000-8000-00000000dead";
    for (begin, said, code) in [
        (nobody, "nothing happened under 01970000-0000-7000-8000-00000000dead", 1),
        ("#30000", "#30000 is not on shop.ndjson, which ends at #21029", 1),
        ("v3", "of which aggregate that version is has to be said", 2),
        ("nonsense", "is no id, no place on the stream", 2),
        ("2999-01-01T00:00:00Z", "has not come yet", 2),
    ] {
        let terminal = Terminal::open(folder.path(), &["explore", begin, "--recording", FILE], (120, 24));
        terminal.sees(said);
        assert_eq!(terminal.ends().0.code(), Some(code), "{begin}");
    }
    let terminal = Terminal::open(folder.path(), &["explore", "--recording", "nowhere"], (120, 24));
    terminal.sees("could not open nowhere");
    assert_eq!(terminal.ends().0.code(), Some(3));
}

#[test]
fn one_may_begin_anywhere() {
    let folder = recorded();
    let order = ORDERS[1].to_string();
    let request = "01970000-0000-7000-8000-000c00000601";
    for (begin, seen) in [
        ("#8", "SessionRevoked"),
        ("2023-11-14T22:13:30Z", "22:13:30"),
        (&order, "v3 of v3"),
        (request, "Story of request"),
    ] {
        let terminal = Terminal::open(folder.path(), &["explore", begin, "--recording", FILE], (80, 24));
        terminal.sees(seen);
    }
}

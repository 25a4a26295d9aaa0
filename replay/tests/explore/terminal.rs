//! A terminal with the program in it. What it draws is parsed as a terminal would, and waited for.

use std::io::{Read as _, Write as _};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{LocalFlags, tcgetattr};
use nix::unistd::Pid;
use pty_process::Size;
use pty_process::blocking::{Command, Pty, open};
use vt100::{Color, Parser};

const SOON: Duration = Duration::from_secs(20);
/// Only where new screens are written: what is drawn in one go comes without such a pause.
const QUIET: Duration = Duration::from_millis(400);

pub(crate) struct Terminal {
    pty: Arc<Pty>,
    child: Child,
    seen: Arc<Seen>,
}

struct Seen {
    parser: Mutex<Drawn>,
    changed: Condvar,
}

struct Drawn {
    parser: Parser,
    /// How much was drawn so far.
    length: usize,
    is_over: bool,
}

impl Terminal {
    /// In this folder, in so many columns and lines.
    pub(crate) fn open(folder: &Path, arguments: &[&str], size: (u16, u16)) -> Self {
        Self::open_with(folder, arguments, size, &[])
    }

    pub(crate) fn open_with(
        folder: &Path,
        arguments: &[&str],
        (width, height): (u16, u16),
        environment: &[(&str, &str)],
    ) -> Self {
        let (pty, inner) = open().unwrap();
        pty.resize(Size::new(height, width)).unwrap();
        let command = Command::new(env!("CARGO_BIN_EXE_stagedoor-replay"))
            .args(arguments)
            .current_dir(folder)
            .env_clear()
            .env("TERM", "xterm-256color")
            .envs(environment.iter().copied());
        let child = command.spawn(inner).unwrap();
        let pty = Arc::new(pty);
        let drawn = Drawn { parser: Parser::new(some(height), some(width), 0), length: 0, is_over: false };
        let seen = Arc::new(Seen { parser: Mutex::new(drawn), changed: Condvar::new() });
        let (read, drawn) = (Arc::clone(&pty), Arc::clone(&seen));
        std::thread::spawn(move || drawn.follow(&read));
        Self { pty, child, seen }
    }

    pub(crate) fn types(&self, keys: &str) {
        (&*self.pty).write_all(keys.as_bytes()).unwrap();
    }

    pub(crate) fn resize(&self, (width, height): (u16, u16)) {
        self.seen.lock().parser.screen_mut().set_size(some(height), some(width));
        self.pty.resize(Size::new(height, width)).unwrap();
    }

    /// Waits until the screen is exactly the one that is kept under this name. `SCREENS=new` when the tests are
    /// compiled writes those that are missing.
    pub(crate) fn shows(&self, name: &str) {
        let file = kept(name);
        if option_env!("SCREENS") == Some("new") && !file.exists() {
            std::fs::write(&file, self.when_quiet()).unwrap();
        }
        let expected = std::fs::read_to_string(&file).unwrap_or_else(|_| panic!("{name} is missing"));
        self.eventually(name, &expected, |screen| text(screen) == expected);
    }

    /// Waits until this stands somewhere on the screen.
    pub(crate) fn sees(&self, words: &str) {
        self.eventually(words, words, |screen| text(screen).contains(words));
    }

    /// The text in the line that is chosen.
    pub(crate) fn is_at(&self, words: &str) {
        self.eventually("the chosen line", words, |screen| {
            let (height, width) = size(screen);
            let is_chosen = |row: &u16| {
                (0..width).any(|column| screen.cell(*row, column).is_some_and(vt100::Cell::inverse))
            };
            let line = |row: u16| screen.contents_between(row, 0, row, width);
            (0..height).filter(is_chosen).any(|row| line(row).contains(words))
        });
    }

    pub(crate) fn text(&self) -> String {
        text(self.seen.lock().parser.screen())
    }

    /// How many colours are on the screen.
    pub(crate) fn colours(&self) -> usize {
        let drawn = self.seen.lock();
        let screen = drawn.parser.screen();
        let (height, width) = size(screen);
        let cells = (0..height).flat_map(|row| (0..width).filter_map(move |column| screen.cell(row, column)));
        let mut colours: Vec<String> = cells
            .map(vt100::Cell::fgcolor)
            .filter(|colour| *colour != Color::Default)
            .map(|colour| format!("{colour:?}"))
            .collect();
        colours.sort();
        colours.dedup();
        colours.len()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.child.id()).unwrap()), signal).unwrap();
    }

    /// Waits for the end, and says what is on the screen then.
    pub(crate) fn ends(mut self) -> (ExitStatus, String) {
        // Nobody has the terminal open any more when it has ended.
        let goes_on = |drawn: &mut Drawn| !drawn.is_over;
        let (drawn, waited) = self.seen.changed.wait_timeout_while(self.seen.lock(), SOON, goes_on).unwrap();
        drop(drawn);
        assert!(!waited.timed_out(), "it goes on");
        let status = self.child.wait().unwrap();
        self.eventually("the screen is given back", "", |screen| {
            !screen.alternate_screen() && !screen.hide_cursor()
        });
        let modes = tcgetattr(&*self.pty).unwrap().local_flags;
        assert!(
            modes.contains(LocalFlags::ECHO | LocalFlags::ICANON),
            "the terminal is as it was: {modes:?}"
        );
        let text = self.text();
        (status, text)
    }

    fn eventually(&self, what: &str, expected: &str, holds: impl Fn(&vt100::Screen) -> bool) {
        let drawn = self.seen.lock();
        let waits = |drawn: &mut Drawn| !holds(drawn.parser.screen());
        let (drawn, waited) = self.seen.changed.wait_timeout_while(drawn, SOON, waits).unwrap();
        if waited.timed_out() {
            let is = text(drawn.parser.screen());
            // Who reads along goes on.
            std::mem::drop(drawn);
            panic!("never: {what}\n--- expected\n{expected}\n--- is\n{is}\n---");
        }
    }

    /// When nothing more is being drawn.
    fn when_quiet(&self) -> String {
        let mut drawn = self.seen.lock();
        loop {
            let length = drawn.length;
            let (next, waited) =
                self.seen.changed.wait_timeout_while(drawn, QUIET, |drawn| drawn.length == length).unwrap();
            if waited.timed_out() {
                return text(next.parser.screen());
            }
            drawn = next;
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Seen {
    fn lock(&self) -> MutexGuard<'_, Drawn> {
        self.parser.lock().unwrap()
    }

    fn follow(&self, pty: &Pty) {
        let mut part = [0; 4096];
        loop {
            // It fails when nobody has the terminal open any more.
            let length = (&*pty).read(&mut part).unwrap_or(0);
            let mut drawn = self.lock();
            drawn.parser.process(&part[..length]);
            drawn.length += length;
            drawn.is_over = length == 0;
            let is_over = drawn.is_over;
            drop(drawn);
            self.changed.notify_all();
            if is_over {
                return;
            }
        }
    }
}

fn kept(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/explore/screens/{name}.txt"))
}

fn some(number: u16) -> NonZero<u16> {
    NonZero::new(number).unwrap()
}

/// In lines and columns.
fn size(screen: &vt100::Screen) -> (u16, u16) {
    let (height, width) = screen.size();
    (height.get(), width.get())
}

/// Line by line, without what is empty at their ends.
fn text(screen: &vt100::Screen) -> String {
    let (_, width) = size(screen);
    screen.rows(0, width).map(|row| row.trim_end().to_owned() + "\n").collect()
}

//! What is printed, and what should be.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use clap::Parser;
use replay::terminal::Terminal;

/// A terminal that is read by the test.
#[derive(Clone, Default)]
pub(crate) struct Paper(Arc<Mutex<Vec<u8>>>);

impl Paper {
    pub(crate) fn terminal(&self, width: usize) -> Terminal {
        Terminal::into_writer(self.clone(), width)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Paper {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Parser)]
struct Line<A: clap::Args> {
    #[command(flatten)]
    arguments: A,
}

/// As they would be typed.
#[track_caller]
pub(crate) fn typed<A: clap::Args>(words: &str) -> A {
    let words = ["stagedoor-replay"].into_iter().chain(words.split_whitespace());
    Line::try_parse_from(words).unwrap_or_else(|error| panic!("{error}")).arguments
}

/// It is what the file beside this one says, letter by letter.
#[track_caller]
pub(crate) fn assert_kept(name: &str, text: &str) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/telling").join(name);
    if option_env!("SNAPSHOT") == Some("new") {
        std::fs::write(&file, text).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_else(|_| panic!("{name} is missing"));
    assert!(
        kept == text,
        "{name} is otherwise:\n{}",
        similar::TextDiff::from_lines(&kept, text).unified_diff()
    );
}

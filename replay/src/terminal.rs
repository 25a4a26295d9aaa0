//! What is printed, and where: the answer on standard output, progress and warnings on standard error.

use std::fmt;
use std::io::{self, IsTerminal as _, Write};
use std::time::Duration;

use anstream::{AutoStream, StripStream};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

/// Where nobody tells how wide it is.
const WIDTH: usize = 120;

/// Prints the answer.
pub struct Terminal {
    out: Box<dyn Write + Send>,
    /// Characters in a line.
    pub width: usize,
    /// Whether a person looks at it.
    pub is_watched: bool,
}

impl Terminal {
    /// Colours stay where a terminal shows them, and go where none does or `NO_COLOR` is set.
    pub fn standard() -> Self {
        let is_watched = io::stdout().is_terminal();
        let width = if is_watched { crossterm::terminal::size().ok() } else { None };
        let width = width.map_or(WIDTH, |(columns, _)| usize::from(columns).max(40));
        Self { out: Box::new(AutoStream::auto(io::stdout())), width, is_watched }
    }

    /// For tests, and for who keeps what is printed: without colours.
    pub fn into_writer(out: impl Write + Send + 'static, width: usize) -> Self {
        Self {
            out: Box::new(StripStream::new(Box::new(out) as Box<dyn Write + Send>)),
            width,
            is_watched: false,
        }
    }

    /// A bar on standard error, of so many steps; none where nobody looks.
    pub fn progress(&self, what: &'static str, total: u64) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr_with_hz(10));
        let template = "{msg} [{wide_bar}] {human_pos}/{human_len}, {rate}, {eta} left";
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        // The library's own rate has four decimals.
        bar.set_style(style.with_key("rate", |state: &ProgressState, out: &mut dyn fmt::Write| {
            let _ = write!(out, "{:.0}/s", state.per_sec());
        }));
        bar.set_message(what);
        bar.enable_steady_tick(Duration::from_millis(200));
        bar
    }
}

impl Write for Terminal {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.out.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

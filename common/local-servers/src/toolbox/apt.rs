//! A newer C library from the machine's own distribution, unpacked into a folder: without root, and without touching
//! the system, by a private apt configuration.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::from::{run, said};
use crate::{
    error::{Doing, Error, Result},
    packages::Package,
};

/// A release whose glibc is new enough, and the keyring that signs it.
struct Release {
    distribution: &'static str,
    suite: &'static str,
    keyring: &'static str,
}

const RELEASES: [Release; 2] = [
    Release {
        distribution: "debian",
        suite: "trixie",
        keyring: "/usr/share/keyrings/debian-archive-keyring.gpg",
    },
    Release {
        distribution: "ubuntu",
        suite: "noble",
        keyring: "/usr/share/keyrings/ubuntu-archive-keyring.gpg",
    },
];

pub(super) fn fetch(package: &Package, names: &[&str], target: &Path) -> Result<()> {
    let release = release().ok_or_else(|| Error::GlibcTooOld { found: "an older one".to_owned() })?;
    let mirror = mirror(package)?;
    let private = target.join("apt");
    let configuration = configure(&private, release, &mirror)?;

    // Hooks of the machine may fail without root; whether the update was good shows in the download.
    let update =
        apt(&configuration, &private).arg("update").output().doing(|| "run apt-get update".to_owned())?;
    let downloaded = run(apt(&configuration, &private).arg("download").args(names), "apt-get", package);
    match downloaded {
        Err(Error::Fetch { package, tool, said: download }) => {
            return Err(Error::Fetch { package, tool, said: format!("{}\n{download}", said(&update)) });
        }
        other => other?,
    };

    for archive in archives(&private)? {
        run(Command::new("dpkg").arg("-x").arg(&archive).arg(target), "dpkg", package)?;
    }
    fs::remove_dir_all(&private).doing(|| format!("remove {}", private.display()))
}

fn release() -> Option<&'static Release> {
    let description = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let distribution = description.lines().find_map(|line| line.strip_prefix("ID="))?.trim_matches('"');
    RELEASES.iter().find(|release| release.distribution == distribution)
}

/// The mirror that this machine uses already, from its downloaded lists, else from what an update would ask for.
fn mirror(package: &Package) -> Result<String> {
    let mut listed = Command::new("apt-get");
    listed.args(["indextargets", "--format", "$(REPO_URI) $(RELEASE)", "Created-By: Packages"]);
    let listed = run(&mut listed, "apt-get", package)?;
    let from_lists =
        listed.lines().filter_map(|line| line.split_once(' ')).find(|(_, suite)| !suite.contains('-'));
    if let Some((mirror, _)) = from_lists {
        return Ok(mirror.to_owned());
    }

    let planned = run(Command::new("apt-get").args(["update", "--print-uris"]), "apt-get", package)?;
    let addresses = planned.lines().filter_map(|line| line.strip_prefix('\'')?.split('\'').next());
    let releases = addresses.filter_map(|address| address.strip_suffix("/InRelease")?.split_once("/dists/"));
    releases
        .into_iter()
        .find(|(_, suite)| !suite.contains('-'))
        .map(|(mirror, _)| mirror.to_owned())
        .ok_or_else(|| Error::Fetch {
            package: package.name,
            tool: "apt-get",
            said: "no mirror is configured".to_owned(),
        })
}

fn configure(private: &Path, release: &Release, mirror: &str) -> Result<PathBuf> {
    for folder in ["lists/partial", "cache/archives/partial"] {
        let folder = private.join(folder);
        fs::create_dir_all(&folder).doing(|| format!("create {}", folder.display()))?;
    }
    let signed_by = if Path::new(release.keyring).exists() {
        format!("[signed-by={}] ", release.keyring)
    } else {
        String::new()
    };
    let write = |name: &str, text: String| {
        let path = private.join(name);
        fs::write(&path, text).doing(|| format!("write {}", path.display())).map(|()| path)
    };
    write("sources.list", format!("deb {signed_by}{mirror} {} main\n", release.suite))?;
    let root = private.display();
    let settings = [
        format!("Dir::State \"{root}/state\";"),
        format!("Dir::State::Lists \"{root}/lists\";"),
        "Dir::State::status \"/dev/null\";".to_owned(),
        format!("Dir::Cache \"{root}/cache\";"),
        format!("Dir::Etc::sourcelist \"{root}/sources.list\";"),
        "Dir::Etc::sourceparts \"-\";".to_owned(),
        "Acquire::Languages \"none\";".to_owned(),
    ];
    write("apt.conf", settings.join("\n") + "\n")
}

pub(super) fn apt(configuration: &Path, folder: &Path) -> Command {
    let mut command = Command::new("apt-get");
    command
        .env("APT_CONFIG", configuration)
        .current_dir(folder)
        .args(["--quiet", "--option", "APT::Sandbox::User=root"])
        .args(["--option", "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false"]);
    command
}

pub(super) fn archives(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).doing(|| format!("read {}", folder.display()))?;
    Ok(entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "deb"))
        .collect())
}

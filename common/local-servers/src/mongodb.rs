//! MongoDB's own engine inside Node, on a TCP port. Where the machine's C library is too old for it, a newer one is
//! fetched beside it and given to this process alone.

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    error::{Doing, Error, Result},
    launch::Launch,
    packages::{GLIBC, MONGODB},
    place::Place,
    probe::Probe,
    server::Server,
    toolbox::{Toolbox, run},
};

const SERVE: &str = include_str!("serve.js");
const NEEDED_GLIBC: (u32, u32) = (2, 38);

/// Ready to be started; fetches what is missing.
pub fn server(toolbox: &Toolbox, place: &Place) -> Result<Server> {
    fetch(toolbox)?;
    let port = place.port()?;
    let (engine, sockets) = (place.data.join("engine"), place.data.join("socket"));
    // A killed engine leaves its socket behind.
    let _ = fs::remove_dir_all(&sockets);
    for folder in [&engine, &sockets] {
        fs::create_dir_all(folder).doing(|| format!("create {}", folder.display()))?;
    }
    let script = place.data.join("serve.js");
    fs::write(&script, SERVE).doing(|| format!("write {}", script.display()))?;

    let launch = node_launch(toolbox, &place.log)?
        .argument(script)
        .argument(engine)
        .argument(port.to_string())
        .variable("NODE_PATH", toolbox.folder(&MONGODB).join("node_modules"))
        // Its socket's path must be short whatever the name of the folder: so it is relative.
        .variable("TMPDIR", ".")
        .folder(sockets);
    let url = format!(
        "mongodb://127.0.0.1:{port}/?directConnection=true&retryWrites=false&serverSelectionTimeoutMS=2000"
    );
    Ok(Server::new("mongo", url, port, launch, Probe::Connect))
}

pub fn is_fetched(toolbox: &Toolbox) -> bool {
    toolbox.has(&MONGODB) && (toolbox.has(&GLIBC) || needs_newer_glibc().is_none())
}

/// The engine, and a C library for it where the machine's own is too old.
pub fn fetch(toolbox: &Toolbox) -> Result<()> {
    toolbox.fetch(&MONGODB)?;
    if needs_newer_glibc().is_some() {
        toolbox.fetch(&GLIBC)?;
    }
    Ok(())
}

fn node_launch(toolbox: &Toolbox, log: &Path) -> Result<Launch> {
    let node = node()?;
    let Some(found) = needs_newer_glibc() else { return Ok(Launch::new(node, log)) };
    let libraries = toolbox.fetch(&GLIBC)?;
    let loader = loader_in(&libraries).ok_or(Error::GlibcTooOld { found })?;
    let folder = loader.parent().unwrap_or(&libraries).to_owned();
    Ok(Launch::new(loader, log).argument("--library-path").argument(folder).argument(node))
}

/// The machine's version, when it is too old. A machine without glibc is none of our business.
fn needs_newer_glibc() -> Option<String> {
    let output = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let (major, minor) = text.strip_prefix("glibc ")?.split_once('.')?;
    let minor = minor.split('.').next()?;
    let version = (major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?);
    (version < NEEDED_GLIBC).then_some(text)
}

fn loader_in(libraries: &Path) -> Option<PathBuf> {
    let platforms = fs::read_dir(libraries).ok()?.flatten();
    let mut files =
        platforms.filter_map(|platform| fs::read_dir(platform.path()).ok()).flat_map(|files| files.flatten());
    files.find(|file| file.file_name().to_string_lossy().starts_with("ld-linux-")).map(|file| file.path())
}

/// The program itself: version managers put a script in its place, which the loader cannot run.
fn node() -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join("node")).find(|node| node.is_file());
    let found = found.ok_or(Error::ToolMissing { tool: "node", package: MONGODB.name })?;
    let mut start = [0; 4];
    let is_program = fs::File::open(&found).and_then(|mut file| file.read_exact(&mut start)).is_ok()
        && &start == b"\x7fELF";
    if is_program {
        return Ok(found);
    }
    run(Command::new(&found).args(["-p", "process.execPath"]), "node", &MONGODB)
        .map(|path| PathBuf::from(path.trim()))
}

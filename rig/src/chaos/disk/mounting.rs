//! Mounts a disk that lies in memory, where the machine permits it.

use std::path::Path;

/// What is mounted from here on is seen by this process and those it starts, and gone with them, however they end. To
/// be called before there is a second thread. Who may not do this may not mount anything either.
#[cfg(target_os = "linux")]
pub fn keep_mounts_to_ourselves() -> Result<(), String> {
    use nix::{
        mount::{MsFlags, mount},
        sched::{CloneFlags, unshare},
    };

    let nothing = None::<&str>;
    unshare(CloneFlags::CLONE_NEWNS)
        .and_then(|()| mount(nothing, "/", nothing, MsFlags::MS_REC | MsFlags::MS_PRIVATE, nothing))
        .map_err(|error| error.to_string())
}

#[cfg(target_os = "linux")]
pub(super) fn mount(place: &Path, options: &str) -> Result<(), String> {
    let nothing = nix::mount::MsFlags::empty();
    nix::mount::mount(Some("stagedoor"), place, Some("tmpfs"), nothing, Some(options))
        .map_err(|error| error.to_string())
}

/// A disk that cannot be taken away goes with this process.
#[cfg(target_os = "linux")]
pub(super) fn unmount(place: &Path) {
    let _ = nix::mount::umount(place);
}

#[cfg(not(target_os = "linux"))]
pub fn keep_mounts_to_ourselves() -> Result<(), String> {
    Err("this is not Linux".to_owned())
}

#[cfg(not(target_os = "linux"))]
pub(super) fn mount(_place: &Path, _options: &str) -> Result<(), String> {
    keep_mounts_to_ourselves()
}

#[cfg(not(target_os = "linux"))]
pub(super) fn unmount(_place: &Path) {}

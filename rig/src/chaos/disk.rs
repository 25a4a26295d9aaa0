//! A small disk for NATS, which can be filled; where none can be mounted, it is said.

mod mounting;

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
};

use crate::error::{Error, Result};

pub use mounting::keep_mounts_to_ourselves;

const SIZE: &str = "size=768m,mode=0755";
const CHUNKS: [usize; 3] = [1 << 20, 1 << 12, 1];

/// Gone when it is dropped, with its shop's folder, which nobody else can remove while it is there.
#[derive(Debug)]
pub(super) struct SmallDisk {
    shop: PathBuf,
    mounted: PathBuf,
    is_kept: AtomicBool,
}

impl SmallDisk {
    pub(super) fn under(shop: &Path) -> Result<Self, String> {
        let mounted = shop.join("data").join("nats");
        fs::create_dir_all(&mounted).map_err(|error| error.to_string())?;
        mounting::mount(&mounted, SIZE).map_err(|why| format!("no disk can be mounted: {why}"))?;
        Ok(Self { shop: shop.to_owned(), mounted, is_kept: AtomicBool::new(false) })
    }

    /// To the last byte.
    pub(super) fn fill(&self) -> Result<()> {
        let mut ballast = File::create(self.ballast()).map_err(Error::Folder)?;
        for size in CHUNKS {
            let chunk = vec![0; size];
            while ballast.write_all(&chunk).is_ok() {}
        }
        Ok(())
    }

    pub(super) fn free(&self) -> Result<()> {
        fs::remove_file(self.ballast()).map_err(Error::Folder)
    }

    /// What the shop leaves behind stays.
    pub(super) fn keep(&self) {
        self.is_kept.store(true, Ordering::Relaxed);
    }

    fn ballast(&self) -> PathBuf {
        self.mounted.join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let is_kept = self.is_kept.load(Ordering::Relaxed);
        if is_kept {
            let _ = Command::new("cp")
                .arg("-r")
                .arg(&self.mounted)
                .arg(self.shop.join("data/nats-kept"))
                .status();
        }
        mounting::unmount(&self.mounted);
        if !is_kept {
            let _ = fs::remove_dir_all(&self.shop);
        }
    }
}

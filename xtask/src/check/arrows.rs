//! Which crate may depend on which: services on what is common and never on each other, and nothing that is shipped
//! on what is not.

use std::path::Path;

use crate::workspace::{Package, Workspace};

const SERVICES: [&str; 5] = ["auth", "tickets", "orders", "expiration", "payments"];
const SHIPPED_COMMON: [&str; 8] =
    ["contracts", "eventsourcing", "history", "hosting", "limits", "messaging", "runtime", "service"];
/// The site asks the services over HTTP, as a browser would: of what they are made of it knows nothing.
const IN_CLIENT: [&str; 3] = ["contracts", "runtime", "service"];
/// What reading the stream needs, and no HTTP.
const IN_HISTORY: [&str; 4] = ["contracts", "eventsourcing", "messaging", "runtime"];
/// For development and tests alone; xtask is a dependency of nothing.
const TOOLS_FOR_TESTS: [&str; 6] =
    ["browser", "local-servers", "local-shop", "privileges", "stripe-standin", "testing"];
/// The contract is what every reader of events must compile: it stays light. Only who asks for its schemas gets `schemars`.
const IN_CONTRACTS: [&str; 5] = ["jiff", "schemars", "serde", "serde_json", "uuid"];

pub(super) fn faults(workspace: &Workspace) -> Vec<String> {
    workspace.packages.iter().flat_map(|package| faults_of(package, &workspace.root)).collect()
}

fn faults_of(package: &Package, root: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    for dependency in &package.dependencies {
        let (from, to) = (package.name.as_str(), dependency.name.as_str());
        let is_dev = dependency.kind.as_deref() == Some("dev");
        let is_ours = dependency.path.as_ref().is_some_and(|path| path.starts_with(root));
        let may = if is_ours {
            may_depend(from, to, is_dev)
        } else {
            from != "contracts" || is_dev || IN_CONTRACTS.contains(&to)
        };
        if !may {
            let manner = if is_dev { " for its tests" } else { "" };
            let manifest = package.manifest_path.display();
            faults.push(format!("{from} must not depend on {to}{manner} ({manifest})"));
        }
    }
    faults
}

/// Between two crates of this repository.
fn may_depend(from: &str, to: &str, is_dev: bool) -> bool {
    let is_common = SHIPPED_COMMON.contains(&to);
    let is_for_tests = is_dev && TOOLS_FOR_TESTS.contains(&to);
    match from {
        "local-servers" => false,
        "browser" => to == "local-servers",
        "local-shop" => to == "local-servers" || to == "privileges",
        "contracts" | "stripe-standin" => is_for_tests,
        "testing" => is_common || TOOLS_FOR_TESTS.contains(&to),
        "history" => IN_HISTORY.contains(&to) || is_for_tests,
        "client" => IN_CLIENT.contains(&to) || is_for_tests,
        // It folds what the services decided, by their own code.
        "replay" => is_common || SERVICES.contains(&to) || is_for_tests,
        _ if SERVICES.contains(&from) || SHIPPED_COMMON.contains(&from) => is_common || is_for_tests,
        // Tools look at everything, and nothing looks at them.
        _ => to != "xtask",
    }
}

#[cfg(test)]
mod tests {
    use super::{faults_of, may_depend};
    use crate::workspace::{Dependency, Package};

    #[test]
    fn services_share_what_is_common_and_nothing_else() {
        assert!(may_depend("orders", "eventsourcing", false));
        assert!(may_depend("orders", "testing", true));
        assert!(may_depend("payments", "stripe-standin", true));
        for (to, is_dev) in
            [("tickets", false), ("tickets", true), ("testing", false), ("simulation", true), ("rig", true)]
        {
            assert!(!may_depend("orders", to, is_dev), "orders to {to}");
        }
    }

    #[test]
    fn the_site_knows_the_services_by_their_answers_alone() {
        assert!(may_depend("client", "service", false));
        for to in ["orders", "hosting", "messaging", "eventsourcing", "history"] {
            assert!(!may_depend("client", to, false), "client to {to}");
        }
    }

    #[test]
    fn nothing_shipped_depends_on_what_is_for_tests() {
        for from in ["auth", "payments", "service", "messaging", "contracts", "runtime"] {
            for to in [
                "browser",
                "local-servers",
                "local-shop",
                "rig",
                "simulation",
                "stripe-standin",
                "testing",
                "xtask",
            ] {
                assert!(!may_depend(from, to, false), "{from} to {to}");
            }
        }
        assert!(may_depend("rig", "local-servers", false));
        assert!(may_depend("simulation", "orders", false));
    }

    #[test]
    fn the_replay_tool_reads_with_the_services_own_code_and_nobody_looks_at_it() {
        assert!(may_depend("replay", "orders", false));
        assert!(may_depend("replay", "history", false));
        assert!(may_depend("history", "messaging", false));
        for (from, to) in [
            ("replay", "rig"),
            ("replay", "local-shop"),
            ("orders", "replay"),
            ("history", "replay"),
            ("history", "service"),
            ("history", "orders"),
        ] {
            assert!(!may_depend(from, to, false), "{from} to {to}");
        }
    }

    #[test]
    fn the_contract_stays_light() {
        let dependency = |name: &str, kind: Option<&str>| Dependency {
            name: name.to_owned(),
            kind: kind.map(str::to_owned),
            path: None,
        };
        let package = Package {
            name: "contracts".to_owned(),
            manifest_path: "/shop/common/contracts/Cargo.toml".into(),
            dependencies: vec![
                dependency("serde", None),
                dependency("tokio", None),
                dependency("tempfile", Some("dev")),
            ],
        };
        let faults = faults_of(&package, "/shop".as_ref());
        assert_eq!(faults, ["contracts must not depend on tokio (/shop/common/contracts/Cargo.toml)"]);
    }
}

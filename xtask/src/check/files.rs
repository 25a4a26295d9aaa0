//! Every file of Rust says in its first line what it is, and has a name that says something.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

const SAY_NOTHING: [&str; 8] = ["base", "helper", "helpers", "manager", "misc", "types", "util", "utils"];
const NOT_OURS: [&str; 2] = ["target", "node_modules"];

pub(super) fn faults(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut faults = Vec::new();
    for file in rust_files(root)? {
        let shown = file.strip_prefix(root).unwrap_or(&file).display();
        let text = fs::read_to_string(&file).with_context(|| format!("could not read {shown}"))?;
        if !text.starts_with("//!") {
            faults.push(format!("{shown} does not begin with a line of //! that says what it is"));
        }
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        if SAY_NOTHING.contains(&name.as_ref()) {
            faults.push(format!("{shown} has a name that says nothing"));
        }
    }
    Ok(faults)
}

fn rust_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let entries = fs::read_dir(folder).with_context(|| format!("could not read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !name.starts_with('.') && !NOT_OURS.contains(&name.as_str()) {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::faults;

    #[test]
    fn a_file_without_a_head_and_a_name_that_says_nothing_are_found() {
        let root = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("orders/src/order.rs", "//! Decides.\n");
        write("orders/src/http.rs", "use axum;\n");
        write("orders/src/utils.rs", "//! Odds and ends.\n");
        write("target/debug/build/out.rs", "fn main() {}");
        write(".stagedoor/left.rs", "");
        assert_eq!(
            faults(root.path()).unwrap(),
            [
                "orders/src/http.rs does not begin with a line of //! that says what it is",
                "orders/src/utils.rs has a name that says nothing",
            ]
        );
    }
}

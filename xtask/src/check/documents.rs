//! What the documents claim about the repository, compared with the repository.

use std::{fs, path::Path};

use anyhow::Context as _;

use super::events;

const TWO_COMMANDS: [&str; 2] = ["cargo xtask up", "cargo xtask test"];

pub(super) fn faults(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut faults = Vec::new();
    match fs::read_to_string(root.join("README.md")) {
        Ok(readme) => faults.extend(readme_faults(&readme, &top_level_folders(root)?)),
        Err(_) => faults.push("there is no README.md".to_owned()),
    }
    match fs::read_to_string(root.join("ARCHITECTURE.md")) {
        Ok(architecture) => faults.extend(events::fault(root, &architecture)),
        Err(_) => faults.push("there is no ARCHITECTURE.md".to_owned()),
    }
    Ok(faults)
}

fn readme_faults(readme: &str, folders: &[String]) -> Vec<String> {
    let commands = TWO_COMMANDS.iter().filter(|command| !readme.contains(**command));
    let commands = commands.map(|command| format!("README.md does not name `{command}`"));
    let folders = folders.iter().filter(|folder| !readme.contains(&format!("{folder}/")));
    commands.chain(folders.map(|folder| format!("README.md does not name the folder {folder}/"))).collect()
}

fn top_level_folders(root: &Path) -> anyhow::Result<Vec<String>> {
    let entries = fs::read_dir(root).with_context(|| format!("could not read {}", root.display()))?;
    let folders = entries.flatten().filter(|entry| entry.path().is_dir());
    let names = folders.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| !name.starts_with('.') && name != "target").collect();
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::readme_faults;

    #[test]
    fn a_readme_that_forgets_a_folder_or_a_command_is_found() {
        let folders = ["auth".to_owned(), "xtask".to_owned()];
        let complete = "Run `cargo xtask up`, then `cargo xtask test`.\nauth/ accounts\nxtask/ chores\n";
        assert!(readme_faults(complete, &folders).is_empty());
        assert_eq!(
            readme_faults("Run `cargo xtask up`. auth/", &folders),
            ["README.md does not name `cargo xtask test`", "README.md does not name the folder xtask/",]
        );
    }
}

//! What the documents claim about the repository, compared with the repository.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::Context as _;

use super::events;

const TWO_COMMANDS: [&str; 2] = ["cargo xtask up", "cargo xtask test"];

pub(super) fn faults(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut faults = Vec::new();
    match fs::read_to_string(root.join("README.md")) {
        Ok(readme) => faults.extend(readme_faults(&readme, &top_level_folders(root)?)),
        Err(_) => faults.push("there is no README.md".to_owned()),
    }
    match fs::read_to_string(root.join("docs/security.md")) {
        Ok(security) => faults.extend(security_faults(&security, &tests(root)?)),
        Err(_) => faults.push("there is no docs/security.md".to_owned()),
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

/// What looks like the name of a test has to be one.
fn security_faults(security: &str, tests: &BTreeSet<String>) -> Vec<String> {
    let quoted = security.split('`').skip(1).step_by(2);
    let is_name = |word: &&str| {
        let is_of_a_name =
            |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        word.matches('_').count() > 2 && word.chars().all(is_of_a_name)
    };
    let missing = quoted.filter(is_name).filter(|name| !tests.contains(*name));
    missing.map(|name| format!("docs/security.md names the test {name}, which is not there")).collect()
}

/// The names of all functions in the repository: a test is one of them.
fn tests(root: &Path) -> anyhow::Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    let mut folders: Vec<_> = top_level_folders(root)?.iter().map(|name| root.join(name)).collect();
    while let Some(folder) = folders.pop() {
        let entries =
            fs::read_dir(&folder).with_context(|| format!("could not read {}", folder.display()))?;
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap_or_default();
                let named = text.split("fn ").skip(1).filter_map(|rest| rest.split_once('('));
                names.extend(named.map(|(name, _)| name.to_owned()));
            }
        }
    }
    Ok(names)
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
    use super::{readme_faults, security_faults};

    #[test]
    fn a_test_that_is_named_and_not_there_is_found() {
        let tests = ["a_token_ends_to_the_second".to_owned()].into();
        let security = "`a_token_ends_to_the_second`, `nobody_gets_in_without_one`, `keys.rs`, `not_a_name`";
        assert_eq!(
            security_faults(security, &tests),
            ["docs/security.md names the test nobody_gets_in_without_one, which is not there"]
        );
    }

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

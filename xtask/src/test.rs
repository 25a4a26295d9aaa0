//! All tests. Each test process starts servers of its own, so a shop that runs beside them is not touched.

use std::{
    env,
    ffi::OsString,
    process::{Command, Stdio},
};

use local_servers::{NEXTEST, Toolbox};

use crate::{
    fetch,
    report::step,
    workspace::{Workspace, forget_this_package, run},
};

pub(crate) fn test(arguments: &[OsString]) -> anyhow::Result<()> {
    let workspace = Workspace::read()?;
    let toolbox = Toolbox::open()?;
    let runner = runner(&workspace, &toolbox)?;
    let nextest = || {
        let mut command = Command::new(&runner[0]);
        command.args(&runner[1..]).args(["run", "--workspace"]).current_dir(&workspace.root);
        forget_this_package(&mut command);
        command
    };
    let build = || {
        // The tests of the whole shop run the very programs that people run.
        step("build the programs", || workspace.run_cargo(&["build", "--quiet", "--workspace", "--bins"]))?;
        step("build the tests", || run(nextest().args(["--no-run", "--cargo-quiet"])))
    };
    fetch::while_fetching_for_tests(&toolbox, build)?;

    let mut command = nextest();
    if env::var_os("CI").is_some_and(|ci| !ci.is_empty()) {
        command.args(["--profile", "ci"]);
    }
    step("test", || run(command.args(arguments)))
}

/// The machine's own nextest, else a fetched one.
fn runner(workspace: &Workspace, toolbox: &Toolbox) -> anyhow::Result<Vec<OsString>> {
    let mut asked = workspace.cargo();
    asked.args(["nextest", "--version"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if asked.status().is_ok_and(|status| status.success()) {
        return Ok(vec![workspace.cargo().get_program().to_owned(), "nextest".into()]);
    }
    let fetched = step("fetch nextest", || Ok(toolbox.fetch(&NEXTEST)?))?;
    Ok(vec![fetched.into(), "nextest".into()])
}

//! Asks each service whatever its own OpenAPI document permits, and what it does not: nothing may be answered by a 5xx,
//! and nothing otherwise than the document says.

use std::{fs, process::Stdio};

use clap::Args;
use local_servers::{SCHEMATHESIS, Toolbox};
use tokio::process::Command;

use crate::{Error, Options, Result, Shop};

/// Signs in anew now and then: some of what is asked ends sessions.
const HOOKS: &str = include_str!("fuzz/hooks.py");
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance";
/// By the name in the path of the document, and the variable that says where the service listens.
const SERVICES: [(&str, &str); 5] = [
    ("users", "AUTH_HTTP_ADDR"),
    ("tickets", "TICKETS_HTTP_ADDR"),
    ("orders", "ORDERS_HTTP_ADDR"),
    ("payments", "PAYMENTS_HTTP_ADDR"),
    ("events", "REPLAY_HTTP_ADDR"),
];

#[derive(Args, Clone, Copy, Debug)]
pub struct Fuzz {
    /// How many requests of each kind are made up for each operation, at most
    #[arg(long, default_value_t = 50)]
    pub examples: u32,
    /// What is made up is drawn from it
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// Opens a shop, and asks every service in it. Prints what was found.
pub async fn fuzz(options: Fuzz) -> Result<()> {
    let folder = Toolbox::open()?.folder(&SCHEMATHESIS);
    Toolbox::open()?.fetch(&SCHEMATHESIS)?;
    let shop = Shop::open(Options { has_edge: false, ..Options::default() }).await?;
    let hooks = shop.folder().join("hooks.py");
    fs::write(&hooks, HOOKS)?;
    let address = |variable| shop.processes().address(variable).unwrap_or_default();
    let mut refused = Vec::new();
    for (name, variable) in SERVICES {
        let origin = format!("http://{}", address(variable));
        let document = format!("{origin}/api/{name}/openapi.json");
        let mut command = Command::new("python3");
        command
            .args(["-m", "schemathesis.cli", "run", &document, "--url", &origin, "--checks", CHECKS])
            .args(["--max-examples", &options.examples.to_string(), "--seed", &options.seed.to_string()])
            .args(["--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--no-color"])
            .args(["--request-timeout", "30", "--warnings", "off"])
            // A good answer there has no end that could be waited for.
            .args(["--exclude-path-regex", "/live$"])
            .env("PYTHONPATH", &folder)
            .env("SCHEMATHESIS_HOOKS", &hooks)
            .env("STAGEDOOR_AUTH", format!("http://{}", address("AUTH_HTTP_ADDR")))
            .env("STAGEDOOR_EMAIL", local_shop::ADMIN_EMAIL)
            .env("STAGEDOOR_PASSWORD", local_shop::ADMIN_PASSWORD)
            .current_dir(shop.folder())
            .stdin(Stdio::null());
        if !command.status().await?.success() {
            refused.push(name);
        }
    }
    if refused.is_empty() {
        return Ok(());
    }
    Err(Error::Refused {
        what: "fuzzing".to_owned(),
        answer: format!("{} did not answer as their documents say", refused.join(", ")),
    })
}

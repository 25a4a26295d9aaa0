//! Traefik as the one origin: it forwards the paths it was told of, and nothing else.

use std::{fmt::Write as _, fs, net::SocketAddr};

use crate::{
    error::{Doing, Result},
    launch::Launch,
    packages::TRAEFIK,
    place::Place,
    probe::Probe,
    server::Server,
    toolbox::Toolbox,
};

/// A path and everything below it, and who answers there.
#[derive(Clone, Debug)]
pub struct Route {
    pub path: String,
    pub service: String,
    /// Each of its replicas.
    pub upstreams: Vec<SocketAddr>,
}

/// Ready to be started; fetches what is missing. Listens on each of `addresses`; the first is asked for readiness.
pub fn server(
    toolbox: &Toolbox,
    place: &Place,
    addresses: &[SocketAddr],
    routes: &[Route],
) -> Result<Server> {
    let program = toolbox.fetch(&TRAEFIK)?;
    fs::create_dir_all(&place.data).doing(|| format!("create {}", place.data.display()))?;
    let routes_file = place.data.join("routes.yml");
    let settings_file = place.data.join("traefik.yml");
    for (path, text) in [(&routes_file, routing(routes)), (&settings_file, settings(addresses, &routes_file))]
    {
        fs::write(path, text).doing(|| format!("write {}", path.display()))?;
    }

    let port = addresses.first().map(SocketAddr::port).map_or_else(|| place.port(), Ok)?;
    let probe = routes.first().map_or(Probe::Connect, |route| Probe::Routed(route.path.clone()));
    let launch = Launch::new(program, &place.log).argument("--configFile").argument(settings_file);
    Ok(Server::new("edge", format!("http://localhost:{port}"), port, launch, probe))
}

fn settings(addresses: &[SocketAddr], routes_file: &std::path::Path) -> String {
    let mut text = String::from(
        "global:\n  checkNewVersion: false\n  sendAnonymousUsage: false\nlog:\n  level: WARN\nentryPoints:\n",
    );
    for (number, address) in addresses.iter().enumerate() {
        let _ = writeln!(text, "  origin{number}:\n    address: \"{address}\"");
    }
    let _ = writeln!(text, "providers:\n  file:\n    filename: {:?}", routes_file.display().to_string());
    text
}

fn routing(routes: &[Route]) -> String {
    let mut text = String::from("http:\n  routers:\n");
    for (number, Route { path, service, .. }) in routes.iter().enumerate() {
        // All that nobody else answers: of two rules the longer one decides.
        let rule = match path.as_str() {
            "/" => "PathPrefix(`/`)".to_owned(),
            path => format!("Path(`{path}`) || PathPrefix(`{path}/`)"),
        };
        let _ = writeln!(text, "    route{number}:\n      rule: \"{rule}\"\n      service: {service}");
    }
    text.push_str("  services:\n");
    let mut written: Vec<&str> = Vec::new();
    for Route { service, upstreams, .. } in routes {
        if !written.contains(&service.as_str()) {
            let _ = writeln!(text, "    {service}:\n      loadBalancer:\n{}", balancing(upstreams));
            written.push(service);
        }
    }
    text
}

/// A replica that is not ready is passed over; one that is alone answers for itself.
fn balancing(upstreams: &[SocketAddr]) -> String {
    let mut text = String::new();
    if upstreams.len() > 1 {
        text.push_str(
            "        healthCheck:\n          path: /readyz\n          interval: 1s\n          timeout: 1s\n",
        );
    }
    text.push_str("        servers:");
    for upstream in upstreams {
        let _ = write!(text, "\n          - url: \"http://{upstream}\"");
    }
    text
}

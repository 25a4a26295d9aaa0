//! What every service refuses on every route that it describes, whoever sends it and whatever the route is about.

mod raw;

use std::fmt;

use reqwest::Method;
use rig::{Answer, Ask, Checked, Options, Person};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::shop;

/// As its service's own description says.
struct Route {
    method: Method,
    path: String,
    takes_json: bool,
    is_for_somebody: bool,
}

impl Route {
    fn ask(&self) -> Ask {
        Ask::new(self.method.clone(), &self.path)
    }

    fn changes_something(&self) -> bool {
        ![Method::GET, Method::HEAD, Method::OPTIONS].contains(&self.method)
    }
}

impl fmt::Display for Route {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method, self.path)
    }
}

async fn routes(shop: &Checked) -> Vec<Route> {
    let mut routes = Vec::new();
    for service in ["users", "tickets", "orders", "payments", "events"] {
        let described = shop.door().ask(&Ask::get(format!("/api/{service}/openapi.json"))).await.unwrap();
        for (path, methods) in described.body["paths"].as_object().unwrap() {
            routes.extend(methods.as_object().into_iter().flat_map(|methods| of_path(path, methods)));
        }
    }
    routes
}

fn of_path(path: &str, methods: &Map<String, Value>) -> Vec<Route> {
    let id = Uuid::new_v4().to_string();
    let parts = path.split('/').map(|part| if part.starts_with('{') { id.as_str() } else { part });
    let path = parts.collect::<Vec<_>>().join("/");
    let route = |(method, described): (&String, &Value)| Route {
        method: method.to_uppercase().parse().unwrap(),
        path: path.clone(),
        takes_json: described.pointer("/requestBody/content/application~1json").is_some(),
        is_for_somebody: described["security"].as_array().is_some_and(|ways| {
            !ways.is_empty() && ways.iter().all(|way| way.as_object().is_some_and(|way| !way.is_empty()))
        }),
    };
    methods.iter().map(route).collect()
}

/// One request, and how it has to be refused.
struct Case {
    ask: Ask,
    what: String,
    status: u16,
    problem: &'static str,
}

fn cases(routes: &[Route], admin: &Person) -> Vec<Case> {
    let mut cases = Vec::new();
    for route in routes {
        let cookies = format!("access_token={}", admin.token);
        let as_admin = || route.ask().header("cookie", &cookies);
        let mut refuse = |what: &str, ask: Ask, status, problem| {
            cases.push(Case { ask, what: format!("{route}: {what}"), status, problem });
        };
        if route.changes_something() {
            for (name, value) in [
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-site", "same-site"),
                ("sec-fetch-site", "anything"),
                ("origin", "https://evil.example"),
                ("origin", "null"),
                ("origin", ""),
            ] {
                refuse(&format!("{name} {value:?}"), as_admin().header(name, value), 403, "cross-origin");
            }
            let own = as_admin().header("origin", "http://localhost").header("sec-fetch-site", "cross-site");
            refuse("what the browser says counts", own, 403, "cross-origin");
        }
        let large = as_admin().header("content-type", "application/json").bytes(" ".repeat(100_000));
        refuse("a body that is too large", large, 413, "body-too-large");
        if route.takes_json {
            refuse("a body of no type", as_admin().bytes("{}"), 415, "unsupported-media-type");
            for content_type in ODD_TYPES {
                let odd = as_admin().header("content-type", content_type).bytes("{}");
                refuse(&format!("a body of type {content_type:?}"), odd, 415, "unsupported-media-type");
            }
        }
        if route.is_for_somebody {
            for (name, value) in identities(admin) {
                refuse(&format!("{name}: {value}"), claiming(route, &name, &value), 401, "unauthenticated");
            }
        }
    }
    cases
}

const ODD_TYPES: [&str; 12] = [
    "text/plain",
    "text/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=a",
    "application/xml",
    "application/jsonp",
    "application/octet-stream",
    "application/x-ndjson",
    "text/plain; application/json",
    "json",
    "*/*",
    ";",
];

/// What proxies say of those whom they know; ours says nothing, and whoever else says it is nobody's proxy.
fn identities(admin: &Person) -> Vec<(String, String)> {
    let names = [
        "X-User-Id",
        "X-User",
        "X-Forwarded-User",
        "X-Remote-User",
        "Remote-User",
        "X-Auth-User",
        "X-Authenticated-User",
        "X-Forwarded-Email",
        "X-Forwarded-Preferred-Username",
        "X-WEBAUTH-USER",
        "X-Auth-Request-User",
        "X-Account-Id",
        "X-Amzn-Oidc-Identity",
        "X-Goog-Authenticated-User-Id",
        "X-MS-Client-Principal-Id",
        "SM_USER",
        "X-SSL-Client-S-DN",
        "From",
    ];
    let ours = names.iter().map(|name| ((*name).to_owned(), admin.id.to_string()));
    let roles = ["X-Role", "X-Roles", "X-User-Role", "X-Forwarded-Groups", "X-Admin", "X-Is-Admin"];
    let other = [
        ("X-Forwarded-For", "127.0.0.1"),
        ("X-Real-IP", "127.0.0.1"),
        ("X-Original-URL", "/api/tickets"),
        ("X-Rewrite-URL", "/api/tickets"),
        ("X-HTTP-Method-Override", "GET"),
        ("Forwarded", "for=127.0.0.1;by=127.0.0.1"),
        ("X-Debug", "true"),
    ];
    let other = roles.map(|name| (name, "admin")).into_iter().chain(other);
    ours.chain(other.map(|(name, value)| (name.to_owned(), value.to_owned()))).collect()
}

/// With a body in hand that is good enough to be asked who sends it.
fn claiming(route: &Route, name: &str, value: &str) -> Ask {
    let ask = route.ask().header(name, value);
    if route.takes_json { ask.header("content-type", "application/json").bytes("{}") } else { ask }
}

fn fault(case: &Case, answer: &Answer) -> Option<String> {
    let is_right = answer.status == case.status
        && answer.problem() == case.problem
        && answer.headers.get("content-type").is_some_and(|value| value == "application/problem+json")
        && answer.headers.contains_key("content-security-policy");
    (!is_right).then(|| format!("{}: should be {} {}, is {answer}", case.what, case.status, case.problem))
}

#[tokio::test]
async fn every_route_refuses_what_no_route_may_take() {
    let shop = shop(Options { has_edge: false, ..Options::default() }).await;
    let admin = shop.admin().await.unwrap();
    let routes = routes(&shop).await;
    assert!(routes.len() >= 25, "{}", routes.len());
    shop.settles(crate::SOON).await.unwrap();
    let before = shop.behind().said().await.unwrap().len();

    let cases = cases(&routes, &admin);
    let mut faulty = Vec::new();
    for case in &cases {
        match shop.door().ask(&case.ask).await {
            Ok(answer) => faulty.extend(fault(case, &answer)),
            Err(error) => faulty.push(format!("{}: {error:?}", case.what)),
        }
    }
    println!("{} requests to {} routes", cases.len(), routes.len());
    assert!(faulty.is_empty(), "{} of {}:\n{}", faulty.len(), cases.len(), faulty.join("\n"));

    let after = shop.behind().said().await.unwrap();
    let said = rig::names(&after[before..]).join(", ");
    assert!(after.len() == before, "something came of it: {said}");
}

//! Finding what is on a page as a screen reader does: by the role and the name that the browser computes for it.

use std::time::Instant;

use serde_json::{Value, json};

use super::Page;
use crate::error::{Error, Result};

/// What a person looks for, and the roles that it may have.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    what: &'static str,
    roles: &'static [&'static str],
}

pub(super) const LINK: Kind = Kind { what: "link", roles: &["link"] };
pub(super) const BUTTON: Kind = Kind {
    what: "button",
    roles: &["button", "tab", "menuitem", "DisclosureTriangle", "DisclosureTriangleGrouped"],
};
pub(super) const FIELD: Kind = Kind {
    what: "field",
    roles: &[
        "textbox",
        "searchbox",
        "spinbutton",
        "combobox",
        "Date",
        "DateTime",
        "InputTime",
        "ColorWell",
        "slider",
    ],
};
pub(super) const CHOICE: Kind =
    Kind { what: "choice", roles: &["combobox", "listbox", "group", "radiogroup"] };
pub(super) const RADIO: Kind = Kind { what: "option", roles: &["radio"] };
pub(super) const BOX: Kind = Kind { what: "box to tick", roles: &["checkbox", "radio", "switch"] };

#[derive(Clone, Debug)]
pub(super) struct Element {
    /// What the debugger calls it.
    pub(super) node: u64,
    pub(super) role: String,
    pub(super) name: String,
}

impl Page {
    /// The one of that name, as soon as it is there.
    pub(super) async fn find(&self, kind: Kind, name: &str) -> Result<Element> {
        let begun_at = Instant::now();
        loop {
            let found = match self.elements(kind).await {
                Ok(elements) => self.the_one(elements, kind, name).await,
                Err(error) => Err(error),
            };
            match found {
                // The page may be changing under our eyes.
                Err(Error::Missing { .. } | Error::NoSuchPart { .. } | Error::Refused { .. })
                    if begun_at.elapsed() < self.patience =>
                {
                    self.tab.journal.wait_for_change(super::seeing::LOOK_AGAIN_AFTER).await;
                }
                other => return other,
            }
        }
    }

    /// Now, without waiting.
    pub(super) async fn has(&self, kind: Kind, name: &str) -> Result<bool> {
        let elements = self.elements(kind).await?;
        let name = as_read(name);
        Ok(elements.iter().any(|element| element.name.contains(&name)))
    }

    async fn elements(&self, kind: Kind) -> Result<Vec<Element>> {
        let root = self.root().await?;
        self.elements_under(json!({ "objectId": root }), kind).await
    }

    pub(super) async fn elements_under(&self, root: Value, kind: Kind) -> Result<Vec<Element>> {
        let answer = self.call("Accessibility.queryAXTree", root).await?;
        let nodes = answer["nodes"].as_array().into_iter().flatten();
        Ok(nodes.filter_map(element).filter(|element| kind.roles.contains(&element.role.as_str())).collect())
    }

    /// The document, or the part of it that is looked at.
    async fn root(&self) -> Result<String> {
        let script = match &self.part {
            Some(selector) => format!("document.querySelector({})", json!(selector)),
            None => "document".to_owned(),
        };
        let answer = self.call("Runtime.evaluate", json!({ "expression": script })).await?;
        match (answer["result"]["objectId"].as_str(), &self.part) {
            (Some(object), _) => Ok(object.to_owned()),
            (None, part) => Err(Error::NoSuchPart {
                selector: part.clone().unwrap_or_default(),
                url: self.url().await.unwrap_or_default(),
            }),
        }
    }

    /// Who is called just so, else who is called something with it.
    pub(super) async fn the_one(&self, elements: Vec<Element>, kind: Kind, name: &str) -> Result<Element> {
        let wanted = as_read(name);
        let exact: Vec<&Element> = elements.iter().filter(|element| element.name == wanted).collect();
        let about = || elements.iter().filter(|element| element.name.contains(&wanted)).collect();
        let meant: Vec<&Element> = if exact.is_empty() { about() } else { exact };
        if let [only] = meant[..] {
            return Ok(only.clone());
        }
        let (what, name, url) = (kind.what, name.to_owned(), self.url().await.unwrap_or_default());
        if meant.is_empty() {
            let there = elements.into_iter().map(|element| element.name).collect();
            return Err(Error::Missing { what, name, url, there });
        }
        Err(Error::Ambiguous { what, name, url, count: meant.len() })
    }
}

fn element(node: &Value) -> Option<Element> {
    if node["ignored"] == true {
        return None;
    }
    Some(Element {
        node: node["backendDOMNodeId"].as_u64()?,
        role: node["role"]["value"].as_str()?.to_owned(),
        name: as_read(node["name"]["value"].as_str().unwrap_or_default()),
    })
}

/// Nobody hears how many spaces there are.
pub(super) fn as_read(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

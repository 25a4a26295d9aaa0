//! What people do on a page: by mouse and keyboard, so that what cannot be reached is not reached. Where it leads to
//! another page, that one has loaded afterwards.

use std::time::Instant;

use serde_json::{Value, json};

use super::{
    Page,
    finding::{BOX, BUTTON, CHOICE, Element, FIELD, Kind, LINK, RADIO, as_read},
};
use crate::error::{Error, Result};

/// Lies something over it? Its own label does not count.
const COVER: &str = "function(x, y) {
    const hit = document.elementFromPoint(x, y);
    if (!hit) return 'it is not on the screen';
    const label = hit.closest('label');
    if (this.contains(hit) || hit.contains(this) || (label && label.control === this)) return null;
    return 'it lies under ' + hit.outerHTML.slice(0, 120);
}";
const SET: &str = "function(value) {
    const picked = ['date', 'time', 'datetime-local', 'month', 'week', 'color', 'range'];
    if (!picked.includes(this.type)) {
        if (this.select) this.select(); else getSelection().selectAllChildren(this);
        return null;
    }
    this.value = value;
    this.dispatchEvent(new Event('input', { bubbles: true }));
    this.dispatchEvent(new Event('change', { bubbles: true }));
    return this.value;
}";
const CHOOSE: &str = "function(name) {
    const read = text => text.trim().split(/\\s+/).join(' ');
    const options = [...this.options];
    const option = options.find(option => read(option.label) === name)
        || options.find(option => read(option.label).includes(name));
    if (!option || option.disabled) return options.map(option => read(option.label));
    option.selected = true;
    this.dispatchEvent(new Event('input', { bubbles: true }));
    this.dispatchEvent(new Event('change', { bubbles: true }));
    return null;
}";
const VALUE: &str = "function() {
    if (this.selectedOptions) return [...this.selectedOptions].map(option => option.label.trim()).join(', ');
    return this.value === undefined ? this.textContent : this.value;
}";

impl Page {
    pub async fn follow(&self, link: &str) -> Result<()> {
        self.click(LINK, link).await
    }

    pub async fn press(&self, button: &str) -> Result<()> {
        self.click(BUTTON, button).await
    }

    /// In place of what is there. Dates and times as HTML writes them: `2030-05-01`, `2030-05-01T20:00`.
    pub async fn fill(&self, label: &str, text: &str) -> Result<()> {
        let field = self.find(FIELD, label).await?;
        self.usable(&field).await?;
        self.call("DOM.focus", json!({ "backendNodeId": field.node })).await?;
        let taken = self.of(&field, SET, &[json!(text)]).await?;
        match taken.as_str() {
            Some(taken) if taken == text => Ok(()),
            Some(taken) => Err(unusable(&field, format!("it took {text:?} for {taken:?}"))),
            None if text.is_empty() => self.key("Delete").await,
            None => self.call("Input.insertText", json!({ "text": text })).await.map(drop),
        }
    }

    /// From a list, or among the buttons of a group.
    pub async fn choose(&self, label: &str, option: &str) -> Result<()> {
        let choice = self.find(CHOICE, label).await?;
        if choice.role == "group" || choice.role == "radiogroup" {
            let inside = self.elements_under(json!({ "backendNodeId": choice.node }), RADIO).await?;
            let option = self.the_one(inside, RADIO, option).await?;
            return self.click_it(&option).await;
        }
        self.usable(&choice).await?;
        let missing = self.of(&choice, CHOOSE, &[json!(as_read(option))]).await?;
        if missing.is_null() {
            return self.settle().await;
        }
        Err(unusable(&choice, format!("there is no {option:?} to choose; there are {missing}")))
    }

    /// If it is not ticked yet.
    pub async fn tick(&self, label: &str) -> Result<()> {
        self.set_tick(label, true).await
    }

    pub async fn untick(&self, label: &str) -> Result<()> {
        self.set_tick(label, false).await
    }

    pub async fn is_ticked(&self, label: &str) -> Result<bool> {
        let ticked = self.find(BOX, label).await?;
        self.ticked(&ticked).await
    }

    /// What a field holds, or the option that is chosen in a list.
    pub async fn value(&self, label: &str) -> Result<String> {
        let field = self.find(FIELD, label).await?;
        self.of(&field, VALUE, &[]).await.map(|value| value.as_str().unwrap_or_default().to_owned())
    }

    /// `Tab`, `Enter`, `Escape`, `Space`, `Delete` or an arrow: `ArrowDown` …
    pub async fn key(&self, key: &str) -> Result<()> {
        let (code, text, number) = match key {
            "Enter" => (key, "\r", 13),
            "Space" => (key, " ", 32),
            "Tab" => (key, "", 9),
            "Escape" => (key, "", 27),
            "Delete" => (key, "", 46),
            "ArrowLeft" => (key, "", 37),
            "ArrowUp" => (key, "", 38),
            "ArrowRight" => (key, "", 39),
            "ArrowDown" => (key, "", 40),
            _ => {
                return Err(Error::Unusable {
                    name: key.to_owned(),
                    reason: "no such key is known".to_owned(),
                });
            }
        };
        let named = if key == "Space" { " " } else { key };
        let mut press =
            json!({ "type": "rawKeyDown", "key": named, "code": code, "windowsVirtualKeyCode": number });
        if !text.is_empty() {
            press["type"] = "keyDown".into();
            press["text"] = text.into();
        }
        self.call("Input.dispatchKeyEvent", press).await?;
        let release = json!({ "type": "keyUp", "key": named, "code": code, "windowsVirtualKeyCode": number });
        self.call("Input.dispatchKeyEvent", release).await?;
        self.settle().await
    }

    async fn set_tick(&self, label: &str, wanted: bool) -> Result<()> {
        let ticked = self.find(BOX, label).await?;
        if self.ticked(&ticked).await? != wanted {
            self.click_it(&ticked).await?;
        }
        Ok(())
    }

    async fn ticked(&self, element: &Element) -> Result<bool> {
        let script =
            "function() { return this.checked === undefined ? this.ariaChecked === 'true' : this.checked }";
        self.of(element, script, &[]).await.map(|ticked| ticked == true)
    }

    async fn click(&self, kind: Kind, name: &str) -> Result<()> {
        let begun_at = Instant::now();
        loop {
            let element = self.find(kind, name).await?;
            match self.click_it(&element).await {
                // Another came in its place while it was looked at.
                Err(Error::Refused { .. }) if begun_at.elapsed() < self.patience => {}
                other => return other,
            }
        }
    }

    async fn click_it(&self, element: &Element) -> Result<()> {
        self.usable(element).await?;
        let (x, y) = self.place(element).await?;
        let cover = self.of(element, COVER, &[json!(x), json!(y)]).await?;
        if let Some(cover) = cover.as_str() {
            return Err(unusable(element, cover.to_owned()));
        }
        for (kind, button, clicks) in
            [("mouseMoved", "none", 0), ("mousePressed", "left", 1), ("mouseReleased", "left", 1)]
        {
            let event = json!({ "type": kind, "x": x, "y": y, "button": button, "clickCount": clicks });
            self.call("Input.dispatchMouseEvent", event).await?;
        }
        self.settle().await
    }

    /// Its middle, when it has stopped moving.
    async fn place(&self, element: &Element) -> Result<(f64, f64)> {
        let begun_at = Instant::now();
        let mut before = None;
        loop {
            self.call("DOM.scrollIntoViewIfNeeded", json!({ "backendNodeId": element.node })).await?;
            let quads = self.call("DOM.getContentQuads", json!({ "backendNodeId": element.node })).await?;
            let corner = |index: usize| quads["quads"][0][index].as_f64();
            let (Some(left), Some(top), Some(right), Some(bottom)) =
                (corner(0), corner(1), corner(4), corner(5))
            else {
                return Err(unusable(element, "it has no place on the page".to_owned()));
            };
            let middle = (f64::midpoint(left, right), f64::midpoint(top, bottom));
            if before == Some(middle) {
                return Ok(middle);
            }
            if begun_at.elapsed() > self.patience {
                return Err(unusable(element, "it does not stop moving".to_owned()));
            }
            before = Some(middle);
            self.tab.journal.wait_for_change(super::seeing::LOOK_AGAIN_AFTER).await;
        }
    }

    async fn usable(&self, element: &Element) -> Result<()> {
        let script = "function() { return this.matches(':disabled') || this.ariaDisabled === 'true' }";
        if self.of(element, script, &[]).await? == true {
            return Err(unusable(element, "it is disabled".to_owned()));
        }
        Ok(())
    }

    /// Carries out the function with the element as `this`.
    async fn of(&self, element: &Element, function: &str, arguments: &[Value]) -> Result<Value> {
        let resolved = self.call("DOM.resolveNode", json!({ "backendNodeId": element.node })).await?;
        let arguments: Vec<Value> = arguments.iter().map(|value| json!({ "value": value })).collect();
        let call = json!({
            "objectId": resolved["object"]["objectId"],
            "functionDeclaration": function,
            "arguments": arguments,
            "returnByValue": true,
        });
        let mut answer = self.call("Runtime.callFunctionOn", call).await?;
        match answer.get("exceptionDetails") {
            Some(details) => Err(super::thrown(details)),
            None => Ok(answer["result"]["value"].take()),
        }
    }

    /// Whether it leads elsewhere is known when the page has answered twice: a form is sent after the click was handled.
    async fn settle(&self) -> Result<()> {
        for _ in 0..2 {
            match self.call("Runtime.evaluate", json!({ "expression": "0" })).await {
                // The page that was asked is gone: so it led elsewhere.
                Ok(_) | Err(Error::Refused { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        self.arrived().await
    }
}

fn unusable(element: &Element, reason: String) -> Error {
    Error::Unusable { name: element.name.clone(), reason }
}

//! How a person comes to the shop: with which screen, which wishes, and with JavaScript or without.

use std::time::Duration;

use serde_json::{Value, json};

#[derive(Clone, Debug)]
pub struct Settings {
    pub(crate) javascript: bool,
    width: u32,
    height: u32,
    scale: f64,
    mobile: bool,
    dark: bool,
    reduced_motion: bool,
    user_agent: Option<String>,
    pub(crate) trusts_everybody: bool,
    pub(crate) patience: Duration,
}

impl Default for Settings {
    /// A screen of 1280 by 800, light, with JavaScript.
    fn default() -> Self {
        Self {
            javascript: true,
            width: 1280,
            height: 800,
            scale: 1.0,
            mobile: false,
            dark: false,
            reduced_motion: false,
            user_agent: None,
            trusts_everybody: false,
            patience: Duration::from_secs(20),
        }
    }
}

impl Settings {
    pub fn new() -> Self {
        Self::default()
    }

    /// Off, as a person may have it: the page's own scripts do not run.
    pub fn javascript(self, javascript: bool) -> Self {
        Self { javascript, ..self }
    }

    pub fn viewport(self, width: u32, height: u32) -> Self {
        Self { width, height, ..self }
    }

    /// Device pixels to one of the page's.
    pub fn scale(self, scale: f64) -> Self {
        Self { scale, ..self }
    }

    /// Of 360 by 740, with touch.
    pub fn phone(self) -> Self {
        Self { width: 360, height: 740, scale: 2.0, mobile: true, ..self }
    }

    pub fn dark(self) -> Self {
        Self { dark: true, ..self }
    }

    pub fn reduced_motion(self) -> Self {
        Self { reduced_motion: true, ..self }
    }

    pub fn user_agent(self, user_agent: impl Into<String>) -> Self {
        Self { user_agent: Some(user_agent.into()), ..self }
    }

    /// Takes any certificate, as that of a shop on this machine.
    pub fn trusts_everybody(self) -> Self {
        Self { trusts_everybody: true, ..self }
    }

    /// How long is waited for a page, or for what should come to be on it.
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// What a tab is told before it opens anything.
    pub(crate) fn commands(&self) -> Vec<(&'static str, Value)> {
        let (width, height) = (self.width, self.height);
        let screen = json!({ "width": width, "height": height, "deviceScaleFactor": self.scale, "mobile": self.mobile });
        let scheme = if self.dark { "dark" } else { "light" };
        let motion = if self.reduced_motion { "reduce" } else { "no-preference" };
        let media = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": motion },
        ]});
        let mut commands = vec![
            ("Page.enable", json!({})),
            ("Runtime.enable", json!({})),
            ("Log.enable", json!({})),
            ("Network.enable", json!({})),
            // As if its window were in front, whatever other tabs there are.
            ("Emulation.setFocusEmulationEnabled", json!({ "enabled": true })),
            ("Emulation.setDeviceMetricsOverride", screen),
            ("Emulation.setTouchEmulationEnabled", json!({ "enabled": self.mobile })),
            ("Emulation.setEmulatedMedia", media),
            ("Emulation.setScriptExecutionDisabled", json!({ "value": !self.javascript })),
            ("Security.setIgnoreCertificateErrors", json!({ "ignore": self.trusts_everybody })),
        ];
        if let Some(user_agent) = &self.user_agent {
            commands.push(("Emulation.setUserAgentOverride", json!({ "userAgent": user_agent })));
        }
        commands
    }
}

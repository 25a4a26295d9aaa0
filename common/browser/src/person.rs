//! Somebody with cookies of their own. Their cookies and pages are gone when they and their last page are dropped.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    error::{Error, Result},
    page::Page,
    protocol::Connection,
    settings::Settings,
};

#[derive(Clone)]
pub struct Person {
    context: Arc<Context>,
    settings: Settings,
}

pub(crate) struct Context {
    pub(crate) connection: Arc<Connection>,
    pub(crate) id: String,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cookie {
    pub name: String,
    pub value: String,
    pub domain: String,
    pub path: String,
    #[serde(default)]
    pub http_only: bool,
    #[serde(default)]
    pub secure: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_site: Option<String>,
}

impl Person {
    pub(crate) async fn arrive(connection: Arc<Connection>, settings: Settings) -> Result<Self> {
        let method = "Target.createBrowserContext";
        let made = connection.call(None, method, json!({ "disposeOnDetach": true })).await?;
        let id = text(&made["browserContextId"], method)?;
        Ok(Self { context: Arc::new(Context { connection, id }), settings })
    }

    /// In a new tab.
    pub async fn open(&self, url: &str) -> Result<Page> {
        let page = self.tab().await?;
        page.open(url).await?;
        Ok(page)
    }

    /// A new tab with nothing in it.
    pub async fn tab(&self) -> Result<Page> {
        Page::in_new_tab(Arc::clone(&self.context), self.settings.clone()).await
    }

    pub async fn cookies(&self) -> Result<Vec<Cookie>> {
        let method = "Storage.getCookies";
        let answer = self.call(method, json!({})).await?;
        serde_json::from_value(answer["cookies"].clone())
            .map_err(|error| Error::Unexpected { method: method.to_owned(), answer: error.to_string() })
    }

    /// What the person would send in a `Cookie` header; to be somebody for whom no tab is open, as Lighthouse.
    pub async fn cookie_header(&self) -> Result<String> {
        let cookies = self.cookies().await?;
        let pairs: Vec<_> =
            cookies.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        Ok(pairs.join("; "))
    }

    pub async fn take_cookie(&self, cookie: &Cookie) -> Result<()> {
        self.call("Storage.setCookies", json!({ "cookies": [cookie] })).await.map(drop)
    }

    pub async fn forget_cookies(&self) -> Result<()> {
        self.call("Storage.clearCookies", json!({})).await.map(drop)
    }

    async fn call(&self, method: &str, mut parameters: Value) -> Result<Value> {
        parameters["browserContextId"] = self.context.id.as_str().into();
        self.context.connection.call(None, method, parameters).await
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        self.connection.tell(None, "Target.disposeBrowserContext", json!({ "browserContextId": self.id }));
    }
}

pub(crate) fn text(value: &Value, method: &str) -> Result<String> {
    value
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| Error::Unexpected { method: method.to_owned(), answer: value.to_string() })
}

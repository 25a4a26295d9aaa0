//! What every page has around its own matter, and pages as answers.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::assets;
use crate::locale::Locale;
use crate::site::Site;
use crate::trouble::Trouble;
use crate::visitor::{Visitor, Who};

/// What the template `frame.html` shows.
pub(crate) struct Frame {
    pub locale: &'static Locale,
    pub who: Option<Who>,
    /// Of the page, without the site's name.
    pub title: String,
    /// For search engines, and for who is sent a link.
    pub description: Option<String>,
    /// Where this page is, for good: an address without what changes nothing.
    pub canonical: Option<String>,
    /// Not for search engines.
    pub is_hidden: bool,
    /// The name of a word that says what was done.
    pub notice: Option<String>,
    /// Where the main menu stands: `find`, `sell`, `orders`, `account`, `admin`.
    pub section: &'static str,
    pub origin: String,
}

impl Frame {
    pub(crate) fn new(site: &Site, visitor: Visitor, title: String) -> Self {
        Self {
            locale: visitor.locale,
            who: visitor.who,
            title,
            description: None,
            canonical: None,
            is_hidden: false,
            notice: None,
            section: "",
            origin: site.public_origin().as_str().to_owned(),
        }
    }

    /// What search engines and previews show of it, at `path`.
    #[must_use]
    pub(crate) fn described(mut self, path: &str, description: String) -> Self {
        self.canonical = Some(format!("{}{path}", self.origin));
        self.description = Some(description);
        self
    }

    /// What it is about, where nobody but the visitor ever comes.
    #[must_use]
    pub(crate) fn about(mut self, description: String) -> Self {
        self.description = Some(description);
        self
    }

    /// Of no use to anybody else.
    #[must_use]
    pub(crate) fn hidden(mut self) -> Self {
        self.is_hidden = true;
        self
    }

    #[must_use]
    pub(crate) fn section(mut self, section: &'static str) -> Self {
        self.section = section;
        self
    }

    /// The notice that a redirect asked for, if there is one of that name.
    #[must_use]
    pub(crate) fn notice(mut self, name: Option<&str>) -> Self {
        self.notice = name.and_then(|name| self.locale.find(&format!("notice-{name}")));
        self
    }

    pub(crate) fn asset(&self, name: &str) -> String {
        assets::path(name)
    }

    /// The words of this name.
    pub(crate) fn say(&self, name: &str) -> String {
        self.locale.say(name)
    }

    /// The words of this name, with one thing put in.
    pub(crate) fn say_with(&self, name: &str, what: &'static str, value: impl ToString) -> String {
        self.locale.say_with(name, &[(what, value.to_string())])
    }

    /// What a field of a form is called.
    pub(crate) fn field(&self, name: &str) -> String {
        self.say(&format!("field-{name}"))
    }

    /// A kind of occasion.
    pub(crate) fn category(&self, name: &str) -> String {
        self.say(&format!("category-{name}"))
    }

    /// An order of the listings.
    pub(crate) fn sort(&self, name: &str) -> String {
        self.say(&format!("sort-{name}"))
    }

    /// The words of this name, by a number.
    pub(crate) fn count(&self, name: &str, number: usize) -> String {
        self.locale.count(name, number)
    }

    pub(crate) fn is_admin(&self) -> bool {
        self.who.is_some_and(|who| who.is_admin)
    }
}

/// A template as an answer.
pub(crate) struct Page<T>(pub T);

impl<T: Template> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        match self.0.render() {
            Ok(html) => {
                let media = [(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))];
                (media, html).into_response()
            }
            Err(error) => {
                tracing::error!(%error, "a page cannot be written");
                Trouble::Broken.into_response()
            }
        }
    }
}

impl<T: Template> Page<T> {
    /// A form that is shown once more, with what is wrong with it.
    pub(crate) fn refused(self) -> Response {
        self.with_status(StatusCode::UNPROCESSABLE_ENTITY)
    }

    pub(crate) fn with_status(self, status: StatusCode) -> Response {
        let mut response = self.into_response();
        *response.status_mut() = status;
        response
    }
}

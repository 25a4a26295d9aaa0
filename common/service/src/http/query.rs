//! Query parameters and lists.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::pointer::not_of_the_form;
use crate::problem::{Problem, VALIDATION};

/// The parameters of the query; a wrong one is pointed at as `/name`. Others are passed over.
#[derive(Clone, Copy, Debug, Default)]
pub struct Query<T>(pub T);

/// Which part of a list is asked for.
#[derive(Clone, Debug, PartialEq, Eq, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Pagination {
    /// How many at most.
    #[param(required = false, minimum = 1, maximum = 100, default = 20)]
    pub limit: u32,
    /// The `next_cursor` of the part before.
    pub cursor: Option<String>,
}

/// One part of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Asks for the next part; null after the last.
    pub next_cursor: Option<String>,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let query = parts.uri.query().unwrap_or_default();
        let deserializer = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
        serde_path_to_error::deserialize(deserializer)
            .map(Self)
            .map_err(|error| not_of_the_form(error.path(), &error.inner().to_string()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Pagination {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        #[derive(Deserialize)]
        struct Parameters {
            limit: Option<u32>,
            cursor: Option<String>,
        }
        let Query(Parameters { limit, cursor }) = Query::from_request_parts(parts, state).await?;
        let limit = limit.unwrap_or(20);
        if !(1..=100).contains(&limit) {
            return Err(Problem::new(VALIDATION).error("/limit", "has to be from 1 to 100"));
        }
        Ok(Self { limit, cursor: cursor.filter(|cursor| !cursor.is_empty()) })
    }
}

impl<T> Page<T> {
    /// The same part with each item in another form.
    pub fn map<U>(self, form: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(form).collect(), next_cursor: self.next_cursor }
    }
}

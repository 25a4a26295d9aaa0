//! What a request was answered, and what is expected of it.

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {:?}", self.body))
    }

    #[track_caller]
    pub(crate) fn assert_created(&self, status: &str) -> Value {
        let payment = self.json();
        assert_eq!((self.status.as_u16(), payment["status"].as_str()), (201, Some(status)), "{payment}");
        payment
    }

    #[track_caller]
    pub(crate) fn assert_problem(&self, status: u16, slug: &str) -> Value {
        let problem = self.json();
        assert_eq!(problem["type"], format!("/problems/{slug}"), "{problem}");
        assert_eq!((self.status.as_u16(), &problem["status"]), (status, &json!(status)));
        problem
    }
}

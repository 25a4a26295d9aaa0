//! Accounts and sessions.

use axum::http::HeaderMap;
use contracts::{SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::asking::To;
use super::{Asking, Failure, List};

/// Somebody's account.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Profile {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub roles: Vec<String>,
    pub banned: bool,
    pub created_at: Timestamp,
}

/// One sign-in on one device.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Session {
    pub id: SessionId,
    pub created_at: Timestamp,
    pub last_used_at: Timestamp,
    pub user_agent: Option<String>,
    pub ip: Option<String>,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// One entry of the audit trail.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct AuditEntry {
    pub r#type: String,
    pub user_id: Option<UserId>,
    pub by: Option<UserId>,
    pub at: Timestamp,
    pub request_id: Uuid,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
}

/// Which entries of the audit trail; what is empty is not asked for.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct AuditSearch {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub user: String,
    #[serde(rename = "type", skip_serializing_if = "String::is_empty")]
    pub kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cursor: String,
}

impl Asking<'_> {
    /// The headers of the answer set the cookies.
    pub(crate) async fn sign_up(self, email: &str, password: &str, name: &str) -> Result<HeaderMap, Failure> {
        let body = json!({ "email": email, "password": password, "name": name });
        Ok(self.post(To::Auth, "/api/users/signup").json(&body).answer().await?.headers)
    }

    /// The headers of the answer set the cookies.
    pub(crate) async fn sign_in(self, email: &str, password: &str) -> Result<HeaderMap, Failure> {
        let body = json!({ "email": email, "password": password });
        Ok(self.post(To::Auth, "/api/users/signin").json(&body).answer().await?.headers)
    }

    /// Carries a session on. The cookie is the refresh token's, and the headers of the answer set new ones.
    pub(crate) async fn refresh(self, cookie: &str, token: &str) -> Result<HeaderMap, Failure> {
        Ok(self.post(To::Auth, "/api/users/refresh").cookie(cookie, token).answer().await?.headers)
    }

    /// The headers of the answer take the cookies away.
    pub(crate) async fn sign_out(self) -> Result<HeaderMap, Failure> {
        Ok(self.post(To::Auth, "/api/users/signout").answer().await?.headers)
    }

    pub(crate) async fn me(self) -> Result<Profile, Failure> {
        self.get(To::Auth, "/api/users/me").read().await
    }

    pub(crate) async fn rename(self, name: &str) -> Result<Profile, Failure> {
        self.patch(To::Auth, "/api/users/me").json(&json!({ "name": name })).read().await
    }

    /// Every other session ends.
    pub(crate) async fn change_password(self, current: &str, new: &str) -> Result<(), Failure> {
        let body = json!({ "current": current, "new": new });
        self.post(To::Auth, "/api/users/me/password").json(&body).done().await
    }

    pub(crate) async fn sessions(self) -> Result<List<Session>, Failure> {
        self.get(To::Auth, "/api/users/me/sessions").read().await
    }

    pub(crate) async fn end_session(self, id: SessionId) -> Result<(), Failure> {
        self.delete(To::Auth, &format!("/api/users/me/sessions/{id}")).done().await
    }

    /// For admins.
    pub(crate) async fn people(self, q: &str, cursor: &str) -> Result<List<Profile>, Failure> {
        let search = [("q", q), ("cursor", cursor)].into_iter().filter(|(_, value)| !value.is_empty());
        let query = serde_urlencoded::to_string(search.collect::<Vec<_>>()).unwrap_or_default();
        self.get(To::Auth, &format!("/api/users?{query}")).read().await
    }

    pub(crate) async fn person(self, id: UserId) -> Result<Profile, Failure> {
        self.get(To::Auth, &format!("/api/users/{id}")).read().await
    }

    pub(crate) async fn ban(self, id: UserId, reason: &str) -> Result<Profile, Failure> {
        self.post(To::Auth, &format!("/api/users/{id}/ban")).json(&json!({ "reason": reason })).read().await
    }

    pub(crate) async fn unban(self, id: UserId) -> Result<Profile, Failure> {
        self.delete(To::Auth, &format!("/api/users/{id}/ban")).read().await
    }

    pub(crate) async fn audit(self, search: &AuditSearch) -> Result<List<AuditEntry>, Failure> {
        let query = serde_urlencoded::to_string(search).unwrap_or_default();
        self.get(To::Auth, &format!("/api/users/audit?{query}")).read().await
    }
}

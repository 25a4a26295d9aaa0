//! What the edge answers on any route, so that no route has to say it itself.

use utoipa::ToSchema as _;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{
    ContentBuilder, Header, HeaderBuilder, ObjectBuilder, OpenApi, Ref, RefOr, ResponseBuilder,
};

use crate::problem::{self, CONTENT_TYPE, ProblemDocument, ProblemType};

const RETRY_AFTER: &str = "Retry-After";

/// Adds to each operation the problems that the edge may answer it with, and says of every problem of which type it is.
pub(super) fn describe(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let is_of_one = path.contains('{');
        let PathItem { get, put, post, delete, options, head, patch, trace, .. } = item;
        for operation in [get, head, options, trace].into_iter().flatten() {
            answer(operation, is_of_one, false);
        }
        for operation in [put, post, delete, patch].into_iter().flatten() {
            answer(operation, is_of_one, true);
        }
    }
}

fn answer(operation: &mut Operation, is_of_one: bool, changes_something: bool) {
    let has_body = operation.request_body.is_some();
    let knows_callers = operation.security.is_some();
    let may_answer = [
        (true, problem::BAD_REQUEST),
        (knows_callers, problem::UNAUTHENTICATED),
        (changes_something, problem::CROSS_ORIGIN),
        (is_of_one, problem::NOT_FOUND),
        (true, problem::BODY_TOO_LARGE),
        (has_body, problem::UNSUPPORTED_MEDIA_TYPE),
        (has_body, problem::VALIDATION),
        (true, problem::TOO_MANY_REQUESTS),
        (true, problem::UNAVAILABLE),
    ];
    let responses = &mut operation.responses.responses;
    for (status, response) in responses.iter_mut() {
        let is_problem = status.starts_with('4') || status.starts_with('5');
        if let RefOr::T(response) = response
            && is_problem
            && let Some(content) = response.content.swap_remove("application/json")
        {
            response.content.insert(CONTENT_TYPE.to_owned(), content);
        }
    }
    for (_, problem) in may_answer.into_iter().filter(|(may, _)| *may) {
        responses.entry(problem.status.as_str().to_owned()).or_insert_with(|| RefOr::T(of(&problem)));
    }
    for problem in [problem::TOO_MANY_REQUESTS, problem::UNAVAILABLE] {
        if let Some(RefOr::T(response)) = responses.get_mut(problem.status.as_str()) {
            response.headers.entry(RETRY_AFTER.to_owned()).or_insert_with(|| RefOr::T(in_seconds()));
        }
    }
}

/// Whoever is told to come back is told when.
fn in_seconds() -> Header {
    let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1));
    HeaderBuilder::new().schema(Some(seconds)).description(Some("In seconds.")).build()
}

fn of(problem: &ProblemType) -> utoipa::openapi::Response {
    let schema = Ref::from_schema_name(ProblemDocument::name());
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new()
        .description(format!("`{}`: {}", problem.slug, problem.title))
        .content(CONTENT_TYPE, content)
        .build()
}

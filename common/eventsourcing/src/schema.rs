//! What a category's documents are found by, and what no two of them may share.

use crate::query::{Clause, Direction};

/// The indexes of one category.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    pub unique: Vec<UniqueIndex>,
    pub indexes: Vec<Index>,
}

/// No two documents that meet `when` and have all of `fields` may have the same values in them. Null is a value.
#[derive(Clone, Debug)]
pub struct UniqueIndex {
    pub name: &'static str,
    /// Paths from the document's root, such as `private.email_key`.
    pub fields: &'static [&'static str],
    /// Only equality and membership: what a partial index can say.
    pub when: Vec<Clause>,
}

/// Makes a query fast; decides nothing.
#[derive(Clone, Debug)]
pub struct Index {
    pub name: &'static str,
    pub fields: Vec<(&'static str, Direction)>,
}

//! The indexes of a collection: those of its schema, and those that the relay looks by.

use mongodb::IndexModel;
use mongodb::bson::{Bson, Document, doc};
use mongodb::options::IndexOptions;

use super::filters::{condition, sign};
use crate::Schema;
use crate::query::Direction;

pub(super) fn indexes(schema: &Schema) -> Vec<IndexModel> {
    let named = |name: &str| IndexOptions::builder().name(name.to_owned());
    let unique = schema.unique.iter().map(|unique| {
        let keys: Document =
            unique.fields.iter().map(|field| ((*field).to_owned(), Bson::Int32(1))).collect();
        let mut when: Document = unique.when.iter().flat_map(condition).collect();
        for field in unique.fields {
            if !when.contains_key(field) {
                when.insert(*field, doc! { "$exists": true });
            }
        }
        let options = named(unique.name).unique(true).partial_filter_expression(when).build();
        IndexModel::builder().keys(keys).options(options).build()
    });
    let others = schema.indexes.iter().map(|index| {
        let mut keys: Document =
            index.fields.iter().map(|(field, way)| ((*field).to_owned(), Bson::Int32(sign(*way)))).collect();
        let way = index.fields.last().map_or(Direction::Ascending, |(_, way)| *way);
        keys.insert("_id", sign(way));
        IndexModel::builder().keys(keys).options(named(index.name).build()).build()
    });
    let waiting = IndexOptions::builder()
        .name("unpublished".to_owned())
        .partial_filter_expression(doc! { "unpublished": true })
        .build();
    let ours = [
        IndexModel::builder().keys(doc! { "unpublished": 1, "_id": 1 }).options(waiting).build(),
        IndexModel::builder().keys(doc! { "updated_at": 1 }).options(named("updated_at").build()).build(),
    ];
    unique.chain(others).chain(ours).collect()
}

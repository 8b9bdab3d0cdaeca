//! Both items of a connection at once, or neither.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};

use super::item::{self, Identity, Item};
use super::{DynamoDb, built};
use crate::store::{Connection, StoreError};

/// The connection is not there, or as the writer knows it.
const AS_KNOWN: &str = "attribute_not_exists(pk) OR (userId = :user AND connectedAt = :at)";

/// What became of a transaction.
pub(super) enum Outcome {
    Done,
    /// The id belongs to another user or time than the writer thought.
    Other(Identity),
    /// Another transaction is at it, or DynamoDB has too much to do.
    Busy,
}

impl DynamoDb {
    /// Writes a connection over the one that is known to have its id, which may be itself.
    pub(super) async fn try_put(
        &self,
        connection: &Connection,
        known: &Identity,
    ) -> Result<Outcome, StoreError> {
        let id = &connection.connection_id;
        let identity = Identity::of(connection);
        let attributes = item::attributes(connection);
        let put = |key: Item| {
            let item = attributes.clone().into_iter().chain(key).collect();
            Put::builder().table_name(&self.table).set_item(Some(item))
        };
        let own = put(item::key(id))
            .condition_expression(AS_KNOWN)
            .set_expression_attribute_values(Some(values(known)))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let mut writes = vec![
            TransactWriteItem::builder().put(own.build().map_err(built)?).build(),
            TransactWriteItem::builder().put(put(identity.key(id)).build().map_err(built)?).build(),
        ];
        if *known != identity {
            let delete = Delete::builder().table_name(&self.table).set_key(Some(known.key(id)));
            writes.push(TransactWriteItem::builder().delete(delete.build().map_err(built)?).build());
        }
        self.transact(writes).await
    }

    /// Deletes the connection that is known to have this id.
    pub(super) async fn try_delete(
        &self,
        connection_id: &str,
        known: &Identity,
    ) -> Result<Outcome, StoreError> {
        let delete = |key: Item| Delete::builder().table_name(&self.table).set_key(Some(key));
        let own = delete(item::key(connection_id))
            .condition_expression(AS_KNOWN)
            .set_expression_attribute_values(Some(values(known)))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let users = delete(known.key(connection_id));
        self.transact(vec![
            TransactWriteItem::builder().delete(own.build().map_err(built)?).build(),
            TransactWriteItem::builder().delete(users.build().map_err(built)?).build(),
        ])
        .await
    }

    async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<Outcome, StoreError> {
        let written = self.client()?.transact_write_items().set_transact_items(Some(writes)).send().await;
        match written {
            Ok(_) => Ok(Outcome::Done),
            Err(error) => match reasons(&error) {
                Some(reasons) => outcome(reasons),
                None => Err(self.failed(&error)),
            },
        }
    }
}

fn values(known: &Identity) -> Item {
    Item::from([
        (":user".to_owned(), AttributeValue::S(known.user.clone())),
        (":at".to_owned(), item::number(known.connected_at)),
    ])
}

/// Why DynamoDB has cancelled a transaction: a reason for each of its writes.
fn reasons(error: &SdkError<TransactWriteItemsError>) -> Option<&[CancellationReason]> {
    match error.as_service_error()? {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => {
            Some(cancelled.cancellation_reasons())
        }
        _ => None,
    }
}

fn outcome(reasons: &[CancellationReason]) -> Result<Outcome, StoreError> {
    for reason in reasons {
        return match reason.code() {
            None | Some("None") => continue,
            Some("ConditionalCheckFailed") => {
                reason.item().map_or(Ok(Outcome::Busy), |item| Identity::read(item).map(Outcome::Other))
            }
            // The SDK tries none of them again.
            Some("TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded") => {
                Ok(Outcome::Busy)
            }
            Some(code) => {
                let message = reason.message().unwrap_or_default();
                Err(StoreError::Failed(format!("a transaction was cancelled, {code}: {message}")))
            }
        };
    }
    Err(StoreError::Failed("a transaction was cancelled without a reason".to_owned()))
}

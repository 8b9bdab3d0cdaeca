//! The table itself: whether it is there and ours, and making one for local use.

use std::time::Duration;

use aws_sdk_dynamodb::client::Waiters;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    TimeToLiveSpecification, TimeToLiveStatus,
};

use super::{DynamoDb, built, item};
use crate::store::StoreError;

/// How long DynamoDB may take to make a table. It takes seconds, emulators none.
const CREATION: Duration = Duration::from_secs(60);

impl DynamoDb {
    /// Reads an item that is not there. What is wrong with the table, its keys, the credentials or the network
    /// comes out when the store opens, with no permission beyond those it needs anyway; and a Lambda function has
    /// its connection to DynamoDB before its first event.
    pub(super) async fn look(&self) -> Result<(), StoreError> {
        let get = self.client.get_item().table_name(&self.table).set_key(Some(item::key("")));
        get.send().await.map(drop).map_err(|error| match self.failed(&error) {
            StoreError::Failed(text) => StoreError::Open(text),
            other => other,
        })
    }

    /// Makes the table as deploy/template.yaml does, unless it is there.
    pub(super) async fn create(&self) -> Result<(), StoreError> {
        let mut create =
            self.client.create_table().table_name(&self.table).billing_mode(BillingMode::PayPerRequest);
        for (name, kind) in [("pk", KeyType::Hash), ("sk", KeyType::Range)] {
            let attribute =
                AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
            let key = KeySchemaElement::builder().attribute_name(name).key_type(kind);
            create = create
                .attribute_definitions(attribute.build().map_err(built)?)
                .key_schema(key.build().map_err(built)?);
        }
        match create.send().await {
            Ok(_) => {}
            Err(error) if is_there(&error) => {}
            Err(error) => return Err(self.failed(&error)),
        }
        let exists = self.client.wait_until_table_exists().table_name(&self.table).wait(CREATION).await;
        exists.map_err(|error| StoreError::Open(format!("the new table is not there: {error}")))?;
        self.expire_items().await
    }

    /// Has DynamoDB delete items by their `ttl`. It refuses to be told twice.
    async fn expire_items(&self) -> Result<(), StoreError> {
        let described = self.client.describe_time_to_live().table_name(&self.table).send().await;
        let description = described.map_err(|error| self.failed(&error))?.time_to_live_description;
        let status = description.and_then(|description| description.time_to_live_status);
        if matches!(status, Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)) {
            return Ok(());
        }
        let ttl = TimeToLiveSpecification::builder().attribute_name("ttl").enabled(true);
        let update = self.client.update_time_to_live().table_name(&self.table);
        let updated = update.time_to_live_specification(ttl.build().map_err(built)?).send().await;
        updated.map(drop).map_err(|error| self.failed(&error))
    }
}

fn is_there(error: &SdkError<CreateTableError>) -> bool {
    error.as_service_error().is_some_and(CreateTableError::is_resource_in_use_exception)
}

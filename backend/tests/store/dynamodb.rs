//! DynamoDB: the items and their TTL, and what is wrong with a table or an address.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{AttributeValue, TimeToLiveStatus};
use everwire_backend::store::{self, StoreError};

use crate::{Place, connection, emulator, ids};

/// The emulator, without the store.
fn client() -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(Credentials::new("emulator", "emulator", None, None, "test"))
        .region(Region::new("us-east-1"))
        .endpoint_url(emulator::endpoint());
    Client::from_conf(config.build())
}

fn table(place: &Place) -> &str {
    place.address.strip_prefix("dynamodb://").unwrap().split('?').next().unwrap()
}

async fn items(place: &Place) -> Vec<HashMap<String, AttributeValue>> {
    client().scan().table_name(table(place)).send().await.unwrap().items.unwrap()
}

#[tokio::test]
async fn a_connection_is_two_items_that_expire_5_minutes_after_aws_ends_it() {
    let place = Place::dynamodb();
    let alices = connection("a=", "alice", "host", 5);
    place.open().await.put(&alices).await.unwrap();
    let mut keys = Vec::new();
    for item in items(&place).await {
        let text = |name: &str| item[name].as_s().unwrap().clone();
        keys.push((text("pk"), text("sk")));
        assert_eq!(item["ttl"].as_n().unwrap(), &(alices.connected_at / 1000 + 7200 + 300).to_string());
        assert_eq!((text("connectionId"), text("userId")), ("a=".to_owned(), "alice".to_owned()));
    }
    keys.sort();
    let at = alices.connected_at;
    assert_eq!(
        keys,
        [("CONN#a=".to_owned(), "META".to_owned()), ("USER#alice".to_owned(), format!("CONN#{at}#a="))]
    );
    let described = client().describe_time_to_live().table_name(table(&place)).send().await.unwrap();
    let ttl = described.time_to_live_description.unwrap();
    assert_eq!(ttl.attribute_name(), Some("ttl"));
    assert_eq!(ttl.time_to_live_status(), Some(&TimeToLiveStatus::Enabled));
}

#[tokio::test]
async fn nothing_is_left_of_what_is_deleted_replaced_or_cleared() {
    let place = Place::dynamodb();
    let store = place.open().await;
    for n in 0..30 {
        store.put(&connection(&n.to_string(), "alice", "host", n)).await.unwrap();
    }
    store.put(&connection("0", "bob", "host", 99)).await.unwrap();
    assert_eq!(items(&place).await.len(), 60);
    store.delete("0").await.unwrap();
    assert_eq!(items(&place).await.len(), 58);
    assert_eq!(store.clear("host").await.unwrap(), 29);
    assert_eq!(items(&place).await.len(), 0);
}

#[tokio::test]
async fn half_a_connection_is_cleared_too() {
    let place = Place::dynamodb();
    let store = place.open().await;
    store.put(&connection("a", "alice", "host", 5)).await.unwrap();
    // As TTL may do it: it deletes each item in its own time.
    let delete = client().delete_item().table_name(table(&place));
    let key = |text: &str| AttributeValue::S(text.to_owned());
    delete.key("pk", key("CONN#a")).key("sk", key("META")).send().await.unwrap();
    assert_eq!(ids(&store, "alice").await, ["a"]);
    store.clear("host").await.unwrap();
    assert_eq!(items(&place).await.len(), 0);
}

#[tokio::test]
async fn a_table_that_is_there_is_not_made_again() {
    let place = Place::dynamodb();
    place.open().await.put(&connection("a", "alice", "host", 5)).await.unwrap();
    assert_eq!(ids(&place.open().await, "alice").await, ["a"]);
}

#[tokio::test]
async fn a_missing_table_is_named_with_what_makes_it() {
    let error = store::open(&emulator::new_table()).await.unwrap_err();
    assert!(matches!(error, StoreError::NoTable(_)), "{error:?}");
    for remedy in ["deploy/template.yaml", "create=true"] {
        assert!(error.to_string().contains(remedy), "{error}");
    }
}

#[tokio::test]
async fn a_table_with_other_keys_is_refused() {
    use aws_sdk_dynamodb::types::{
        AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    };
    let address = emulator::new_table();
    let place = Place { address, _folder: None };
    let id = AttributeDefinition::builder().attribute_name("id").attribute_type(ScalarAttributeType::S);
    client()
        .create_table()
        .table_name(table(&place))
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(id.build().unwrap())
        .key_schema(KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash).build().unwrap())
        .send()
        .await
        .unwrap();
    let error = store::open(&place.address).await.unwrap_err();
    assert!(matches!(&error, StoreError::Open(text) if text.starts_with("ValidationException")), "{error:?}");
}

#[tokio::test]
async fn an_emulator_that_is_not_there_is_an_error_and_no_wait() {
    let error = store::open("dynamodb://connections?endpoint=http://127.0.0.1:1").await.unwrap_err();
    assert!(matches!(&error, StoreError::Open(text) if text.contains("refused")), "{error:?}");
}

#[tokio::test]
async fn an_address_that_is_none_says_what_there_is() {
    for (address, reason) in [
        ("dynamodb://connections?regoin=eu-west-1", "there are region, endpoint and create=true"),
        ("dynamodb://connections?create=yes", "there are region, endpoint and create=true"),
        ("dynamodb://no", "3 to 255 letters"),
        ("dynamodb://a%20b%20c", "3 to 255 letters"),
        ("dynamodb://", "3 to 255 letters"),
        ("dynamodb:connections", "3 to 255 letters"),
        ("mysql://localhost/everwire", "\"mysql\" is no kind of store"),
    ] {
        let error = store::open(address).await.unwrap_err();
        assert!(matches!(error, StoreError::Address(_)), "{error:?}");
        assert!(error.to_string().contains(reason), "{address}: {error}");
    }
}

//! DynamoDB: the items and their TTL, and what is wrong with a table or an address.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, TimeToLiveStatus, WriteRequest};
use everwire_backend::store::{self, Connection, StoreError};

use crate::{Place, connection, emulator, ids};

type Item = HashMap<String, AttributeValue>;

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

async fn items(place: &Place) -> Vec<Item> {
    client().scan().table_name(table(place)).send().await.unwrap().items.unwrap()
}

/// The two items of a connection.
fn items_of(connection: &Connection) -> [Item; 2] {
    let Connection { connection_id: id, user, domain_name, stage, connected_at: at } = connection;
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let number = |number: i64| AttributeValue::N(number.to_string());
    [(format!("CONN#{id}"), "META".to_owned()), (format!("USER#{user}"), format!("CONN#{at}#{id}"))].map(
        |(pk, sk)| {
            let attributes = [
                ("pk", text(&pk)),
                ("sk", text(&sk)),
                ("connectionId", text(id)),
                ("userId", text(user)),
                ("domainName", text(domain_name)),
                ("stage", text(stage)),
                ("connectedAt", number(*at)),
                // AWS ends it after 2 h; 5 min more.
                ("ttl", number(at / 1000 + 7200 + 300)),
            ];
            attributes.map(|(name, value)| (name.to_owned(), value)).into()
        },
    )
}

/// Writes connections as the store does.
pub async fn fill(place: &Place, connections: &[Connection]) {
    let put = |item: Item| PutRequest::builder().set_item(Some(item)).build().unwrap();
    let puts = connections.iter().flat_map(items_of).map(put);
    let writes: Vec<_> = puts.map(|put| WriteRequest::builder().put_request(put).build()).collect();
    for batch in writes.chunks(24) {
        client().batch_write_item().request_items(table(place), batch.to_vec()).send().await.unwrap();
    }
}

#[tokio::test]
async fn a_connection_is_two_items_that_expire_5_minutes_after_aws_ends_it() {
    let place = Place::dynamodb();
    let alices = connection("a=", "alice", "host", 5);
    place.open().await.put(&alices).await.unwrap();
    let by_key = |items: Vec<Item>| -> BTreeMap<_, _> {
        items.into_iter().map(|item| (item["pk"].as_s().unwrap().clone(), item)).collect()
    };
    assert_eq!(by_key(items(&place).await), by_key(items_of(&alices).into()));
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
        ("dynamodb:connections", "its kind ends with ://"),
        ("postgres:me:secret@localhost/everwire", "its kind ends with ://"),
        ("mysql://localhost/everwire", "\"mysql\" is no kind of store"),
    ] {
        let error = store::open(address).await.unwrap_err();
        assert!(matches!(error, StoreError::Address(_)), "{error:?}");
        assert!(error.to_string().contains(reason), "{address}: {error}");
    }
}

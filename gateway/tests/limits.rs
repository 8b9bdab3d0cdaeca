//! How large frames and messages may be: 32 KiB and 128 KiB.

mod support;

use futures_util::SinkExt;
use support::{Client, Running, Script, ok};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

const FRAME: usize = 32 * 1024;

async fn gateway() -> Running {
    Running::script(Script::new().on("$connect", ok).on("$disconnect", ok).on("$default", ok)).await
}

/// One message in frames of these sizes.
async fn send(client: &mut Client, sizes: &[usize]) {
    for (n, size) in sizes.iter().enumerate() {
        let opcode = OpCode::Data(if n == 0 { Data::Text } else { Data::Continue });
        let frame = Frame::message("x".repeat(*size), opcode, n + 1 == sizes.len());
        // The gateway may close before it has all.
        let _ = client.0.send(Message::Frame(frame)).await;
    }
}

async fn assert_passes(sizes: &[usize]) {
    let gateway = gateway().await;
    let mut client = gateway.connect().await;
    send(&mut client, sizes).await;
    let body = gateway.script.event("$default").await["body"].as_str().unwrap().len();
    assert_eq!(body, sizes.iter().sum::<usize>());
}

async fn assert_closed_with_1009(sizes: &[usize]) {
    let gateway = gateway().await;
    let mut client = gateway.connect().await;
    send(&mut client, sizes).await;
    assert_eq!(client.closed().await.expect("a close frame").0, 1009);
    assert_eq!(gateway.script.event("$disconnect").await["requestContext"]["disconnectStatusCode"], 1009);
}

#[tokio::test]
async fn a_frame_of_exactly_32_kilobytes_passes() {
    assert_passes(&[FRAME]).await;
}

#[tokio::test]
async fn a_frame_of_one_byte_more_is_closed_with_1009() {
    assert_closed_with_1009(&[FRAME + 1]).await;
}

#[tokio::test]
async fn a_message_of_exactly_128_kilobytes_passes_in_four_frames() {
    assert_passes(&[FRAME; 4]).await;
}

#[tokio::test]
async fn a_message_of_one_byte_more_is_closed_with_1009() {
    assert_closed_with_1009(&[FRAME, FRAME, FRAME, FRAME, 1]).await;
}

#[tokio::test]
async fn a_frame_of_four_megabytes_is_closed_with_1009_too() {
    assert_closed_with_1009(&[4 * 1024 * 1024]).await;
}

#[tokio::test]
async fn an_empty_message_is_a_message() {
    assert_passes(&[0]).await;
}

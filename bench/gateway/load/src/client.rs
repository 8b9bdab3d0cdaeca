//! A connection, from the client's side.

use std::io;

use futures_util::{FutureExt, SinkExt, StreamExt};
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::Failure;

/// Enough for one message of the bench.
const BUFFER_BYTES: usize = 2 * 1024;

/// An open WebSocket.
#[derive(Debug)]
pub(crate) struct Client(WebSocketStream<TcpStream>);

/// What a message with the action `identify` is answered with, be it by a function or by the gateway's error frame for
/// a message that has no route.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    connection_id: String,
}

impl Client {
    pub(crate) async fn open(url: &str) -> Result<Self, Failure> {
        let request = url.into_client_request()?;
        let address = request.uri().authority().ok_or("the URL has no host")?.as_str();
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let config = WebSocketConfig::default().read_buffer_size(BUFFER_BYTES).write_buffer_size(0);
        let (socket, _) = client_async_with_config(request, stream, Some(config)).await?;
        Ok(Self(socket))
    }

    pub(crate) async fn send(&mut self, message: String) -> Result<(), Failure> {
        Ok(self.0.send(message.into()).await?)
    }

    /// The next message, which has to hold `part`: nothing is lost or comes twice.
    pub(crate) async fn receive(&mut self, part: &str) -> Result<Utf8Bytes, Failure> {
        let Some(Message::Text(text)) = self.0.next().await.transpose()? else {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        };
        if text.contains(part) { Ok(text) } else { Err(format!("no {part} in {text}").into()) }
    }

    /// The connection's id.
    pub(crate) async fn identify(&mut self) -> Result<String, Failure> {
        self.send(r#"{"action":"identify"}"#.to_owned()).await?;
        let Identity { connection_id } = serde_json::from_str(&self.receive("connectionId").await?)?;
        Ok(connection_id)
    }

    /// Closes it, and says whether nobody else has before.
    pub(crate) async fn close(mut self) -> bool {
        let was_open = self.0.next().now_or_never().is_none();
        // A client whose server has gone is closed, too.
        let _ = self.0.close(None).await;
        while let Some(Ok(_)) = self.0.next().await {}
        was_open
    }
}

//! A client that is no client: bytes over TCP.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{access_token, within};

/// A TCP connection.
pub struct Raw(pub TcpStream);

/// What a gateway sent in a frame: the opcode and the payload.
pub type Frame = (u8, Vec<u8>);

impl Raw {
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self(stream)
    }

    /// A handshake of this user, up to its last line.
    pub fn handshake(address: SocketAddr, user: &str) -> String {
        Self::handshake_with(address, &access_token(user))
    }

    /// A handshake with this token.
    pub fn handshake_with(address: SocketAddr, token: &str) -> String {
        format!(
            "GET /dev?token={token} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: WkQgPq2aaLgLt09qzhmA8g==\r\n\r\n"
        )
    }

    /// An open socket.
    pub async fn open(address: SocketAddr, user: &str) -> Self {
        let mut raw = Self::connect(address).await;
        raw.write(Self::handshake(address, user)).await;
        assert_eq!(raw.status().await, Some(101));
        raw
    }

    /// The gateway may be gone already.
    pub async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.0.write_all(bytes.as_ref()).await;
    }

    /// Says that nothing more comes, and waits until the gateway has read all and cuts the connection.
    pub async fn end(mut self) {
        // It may have done so already, or have been told too much.
        let _ = self.0.shutdown().await;
        let _ = within("the end", self.0.read_to_end(&mut Vec::new())).await;
    }

    /// The status of the next response, whose headers are read; `None` if there is none.
    pub async fn status(&mut self) -> Option<u16> {
        let head = async {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                match self.0.read_u8().await {
                    Ok(byte) => head.push(byte),
                    Err(_) => return None,
                }
            }
            String::from_utf8_lossy(&head).split(' ').nth(1)?.parse().ok()
        };
        within("a response", head).await
    }

    /// The next frame, which is short as all of them are here; `None` at the end.
    pub async fn frame(&mut self) -> Option<Frame> {
        let frame = async {
            let mut head = [0; 2];
            self.0.read_exact(&mut head).await.ok()?;
            let length = match head[1] {
                126 => usize::from(self.0.read_u16().await.ok()?),
                length => usize::from(length),
            };
            let mut payload = vec![0; length];
            self.0.read_exact(&mut payload).await.ok()?;
            Some((head[0] & 0x0f, payload))
        };
        within("a frame", frame).await
    }

    /// Whether the next frame begins.
    pub async fn frame_header(&mut self) -> bool {
        within("a frame", self.0.read_exact(&mut [0; 2])).await.is_ok()
    }

    /// The code of the close frame, after which nothing comes; `None` if there is none.
    pub async fn closed(&mut self) -> Option<u16> {
        let mut code = None;
        while let Some((opcode, payload)) = self.frame().await {
            if let (8, [high, low, ..]) = (opcode, payload.as_slice()) {
                code = Some(u16::from_be_bytes([*high, *low]));
            }
        }
        code
    }
}

/// A masked frame, its mask all zeros. `first` is its first byte: FIN, reserved bits and opcode.
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match u16::try_from(payload.len()) {
        Ok(length @ 0..126) => bytes.push(0x80 | u8::try_from(length).unwrap()),
        Ok(length) => {
            bytes.push(0x80 | 126);
            bytes.extend(length.to_be_bytes());
        }
        Err(_) => {
            bytes.push(0x80 | 127);
            bytes.extend((payload.len() as u64).to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

//! Posts to a connection, over an HTTP connection that is kept.

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::Failure;

/// Posts to one connection.
pub(crate) struct Poster {
    sender: SendRequest<Full<Bytes>>,
    host: String,
    path: String,
}

impl Poster {
    /// `url` is that of `@connections`.
    pub(crate) async fn connect(url: &str, connection_id: &str) -> Result<Self, Failure> {
        let url: Uri = url.parse()?;
        let host = url.authority().ok_or("the URL has no host")?.to_string();
        let stream = TcpStream::connect(&host).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // It ends with the sender; what goes wrong is told to who posts.
        tokio::spawn(connection);
        // As SDKs have it.
        let path = format!("{}/{}", url.path(), connection_id.replace('=', "%3D"));
        Ok(Self { sender, host, path })
    }

    pub(crate) async fn post(&mut self, message: String) -> Result<(), Failure> {
        let request = Request::post(&self.path)
            .header(HOST, &self.host)
            .header(CONTENT_TYPE, "application/json")
            .body(Full::from(message))?;
        let response = self.sender.send_request(request).await?;
        let status = response.status();
        response.into_body().collect().await?;
        if status.is_success() { Ok(()) } else { Err(format!("the post was answered with {status}").into()) }
    }
}

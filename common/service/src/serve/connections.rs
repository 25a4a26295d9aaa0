//! Takes connections, and answers what comes over each, until the process is told to stop. What is under way then is
//! answered still.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use runtime::Runtime;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tower::Service as _;

/// A connection over which no whole head of a request has come for `head_within` is closed.
pub(super) async fn serve(
    mut listener: impl Listener<Io = TcpStream, Addr = SocketAddr>,
    router: Router,
    head_within: Duration,
    runtime: Runtime,
    stop: CancellationToken,
) {
    let router: Router = router.with_state(());
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(head_within);
    let open = GracefulShutdown::new();
    loop {
        let (stream, peer) = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let router = router.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().call(request)
        });
        let connection = open.watch(builder.serve_connection(TokioIo::new(stream), service));
        runtime.spawn("connection", async move {
            if let Err(error) = connection.await {
                tracing::trace!(%error, "a connection ended badly");
            }
        });
    }
    drop(listener);
    open.shutdown().await;
}

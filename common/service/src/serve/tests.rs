//! A crowd that comes at once finds a place to wait.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use super::Listen;

#[tokio::test]
async fn a_crowd_that_comes_at_once_is_let_in() {
    let listener = Listen::At((Ipv4Addr::LOCALHOST, 0).into()).bind().await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    // Nobody takes them yet.
    let waiting: Vec<_> =
        (0..400).map(|_| TcpStream::connect_timeout(&address, Duration::from_millis(500)).unwrap()).collect();
    for _ in &waiting {
        listener.accept().await.unwrap();
    }
}

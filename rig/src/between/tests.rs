//! What passes in each state, on real connections.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::{Between, Passage};

const LONG: Duration = Duration::from_secs(5);
const SHORT: Duration = Duration::from_millis(150);

/// Answers each byte with the next one, and says what it heard.
async fn answerer() -> (std::net::SocketAddr, mpsc::UnboundedReceiver<u8>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (heard, hears) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let heard = heard.clone();
            tokio::spawn(async move {
                while let Ok(byte) = stream.read_u8().await {
                    let _ = heard.send(byte);
                    let _ = stream.write_u8(byte + 1).await;
                }
            });
        }
    });
    (address, hears)
}

async fn between() -> (Between, TcpStream, mpsc::UnboundedReceiver<u8>) {
    let (target, hears) = answerer().await;
    let between = Between::open(local_servers::ports::free().unwrap(), target, &Handle::current()).unwrap();
    let mut stream = TcpStream::connect(between.address()).await.unwrap();
    stream.write_u8(1).await.unwrap();
    assert_eq!(stream.read_u8().await.unwrap(), 2, "open, it passes both ways");
    (between, stream, hears)
}

async fn is_silent(stream: &mut TcpStream) -> bool {
    tokio::time::timeout(SHORT, stream.read_u8()).await.is_err()
}

async fn answer(stream: &mut TcpStream) -> u8 {
    tokio::time::timeout(LONG, stream.read_u8()).await.unwrap().unwrap()
}

#[tokio::test]
async fn what_is_swallowed_arrives_when_the_way_is_open_again() {
    let (between, mut stream, mut hears) = between().await;
    assert_eq!(hears.recv().await, Some(1));
    between.set(Passage::Swallowed);
    stream.write_u8(10).await.unwrap();
    assert!(is_silent(&mut stream).await);
    assert!(hears.try_recv().is_err(), "nothing arrived");
    between.set(Passage::Open);
    assert_eq!(answer(&mut stream).await, 11);
}

#[tokio::test]
async fn without_answers_requests_arrive() {
    let (between, mut stream, mut hears) = between().await;
    assert_eq!(hears.recv().await, Some(1));
    between.set(Passage::NoAnswers);
    stream.write_u8(10).await.unwrap();
    assert_eq!(tokio::time::timeout(LONG, hears.recv()).await.unwrap(), Some(10));
    assert!(is_silent(&mut stream).await);
    between.set(Passage::Open);
    assert_eq!(answer(&mut stream).await, 11);
}

#[tokio::test]
async fn without_requests_nothing_arrives() {
    let (between, mut stream, mut hears) = between().await;
    assert_eq!(hears.recv().await, Some(1));
    between.set(Passage::NoRequests);
    stream.write_u8(10).await.unwrap();
    assert!(is_silent(&mut stream).await);
    assert!(hears.try_recv().is_err(), "nothing arrived");
}

#[tokio::test]
async fn what_is_refused_is_closed_and_can_be_had_anew_when_the_way_is_open_again() {
    let (between, mut stream, _hears) = between().await;
    between.set(Passage::Refused);
    let ended = tokio::time::timeout(LONG, stream.read_u8()).await.unwrap();
    assert!(ended.is_err(), "the connection is closed");
    let refused = async { while TcpStream::connect(between.address()).await.is_ok() {} };
    tokio::time::timeout(LONG, refused).await.unwrap();
    between.set(Passage::Open);
    let again = async {
        loop {
            if let Ok(stream) = TcpStream::connect(between.address()).await {
                return stream;
            }
        }
    };
    let mut stream = tokio::time::timeout(LONG, again).await.unwrap();
    stream.write_u8(20).await.unwrap();
    assert_eq!(answer(&mut stream).await, 21);
}
